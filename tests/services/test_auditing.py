"""Auditing whole inputs: the same bytes, rejections and notices with any number of workers, and a clean end."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.report import Tally
from qaplatform.services.auditing import AuditedBlock, AuditJob, audit_blocks, batches
from tests.audit.small import chat, small_rubric

WORKERS = [2, pytest.param(3, marks=pytest.mark.full)]


def conversations(count: int) -> list[Conversation]:
    said = ["没办法", "您好,有的", "好的,马上帮您看", "不是不可能,我再问问"]
    return [
        chat(number, f"customer 10:00:00 第{number}次问,有货吗", f"agent:a{number % 3} 10:00:09 {said[number % 4]}")
        for number in range(count)
    ]


def jsonl(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def encoded(count: int) -> list[bytes]:
    filler = {"remark": "x" * 900}
    return [msgspec.json.encode(msgspec.structs.replace(one, meta=filler)) for one in conversations(count)]


def table(path: Path, count: int) -> Path:
    rows = ["会话ID,发送方,客服,发送时间,内容"]
    for one in conversations(count):
        for message in one.messages:
            who = "客服" if message.role == "agent" else "买家"
            rows.append(f'{one.id},{who},{message.agent or ""},{message.sent_at},"{message.text}"')
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(paths: list[Path], workers: int, *, keep: bool = True) -> tuple[list[AuditedBlock], Tally]:
    job = AuditJob(
        find_inputs([str(path) for path in paths]), small_rubric(), Context(), workers=workers, keep_conversations=keep
    )
    blocks, tally = [], Tally()
    for block in audit_blocks(job):
        blocks.append(block)
        tally.add(block.block)
    return blocks, tally


def said(tally: Tally) -> tuple[list[str], list[str], int, int]:
    return (
        [str(one) for one in tally.rejections],
        [str(one) for one in tally.notices],
        tally.lines,
        tally.rejected_lines,
    )


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of several kinds; the first is so big that it is split, with bad lines and repeated ids far apart."""
    folder = tmp_path_factory.mktemp("inputs")
    lines = encoded(4_000)
    lines[700] = b'{"id": "broken", '
    lines[2_001] = b'{"id": "no messages"}'
    lines[3_100], lines[3_999] = lines[3], lines[2_700]
    big = jsonl(folder / "a.jsonl", lines)
    assert big.stat().st_size > 2 * (2 << 20), "the file must be split into several parts"
    small = jsonl(folder / "b.jsonl", [lines[5], b"", b"nonsense", lines[6]])
    zipped = folder / "c.jsonl.gz"
    zipped.write_bytes(gzip.compress(b"\n".join(encoded(40))))
    return [big, small, zipped, table(folder / "d.csv", 60)]


@pytest.fixture(scope="module")
def alone(inputs: list[Path]) -> tuple[list[AuditedBlock], Tally]:
    return run(inputs, 1)


@pytest.mark.parametrize("workers", WORKERS)
def test_any_number_of_workers_gives_the_same_bytes_and_says_the_same(
    inputs: list[Path], alone: tuple[list[AuditedBlock], Tally], workers: int
) -> None:
    blocks, tally = run(inputs, workers)
    assert b"".join(one.lines for one in blocks) == b"".join(one.lines for one in alone[0])
    assert said(tally) == said(alone[1])
    assert (tally.conversations, tally.messages) == (alone[1].conversations, alone[1].messages)
    kept = [conversation for one in blocks for conversation in one.block.conversations]
    assert kept == [conversation for one in alone[0] for conversation in one.block.conversations]
    _come_with_their_own_conversations(blocks)


def test_what_is_wrong_with_an_input_is_said_in_its_order(alone: tuple[list[AuditedBlock], Tally]) -> None:
    rejected = [(Path(one.file).name, one.line) for one in alone[1].rejections]
    assert rejected == [("a.jsonl", 701), ("a.jsonl", 2002), ("b.jsonl", 3)]
    repeated = [(Path(one.file).name, one.line) for one in alone[1].notices if "id" in one.field or "id" in one.code]
    assert repeated[:2] == [("a.jsonl", 3101), ("a.jsonl", 4000)]
    assert alone[1].exit_code == 3


def test_scorecards_come_with_their_own_conversations(alone: tuple[list[AuditedBlock], Tally]) -> None:
    _come_with_their_own_conversations(alone[0])


def _come_with_their_own_conversations(blocks: list[AuditedBlock]) -> None:
    pairs = [pair for one in blocks for pair in one.pairs()]
    assert pairs
    assert all(isinstance(card, Scorecard) and conversation.id == card.id for conversation, card in pairs)
    assert sum(one.conversation_count for one in blocks) == len(pairs)
    assert sum(one.message_count for one in blocks) == sum(len(conversation.messages) for conversation, _ in pairs)


@pytest.mark.parametrize("workers", [1, 2])
def test_conversations_nobody_wants_are_not_carried_along(inputs: list[Path], workers: int) -> None:
    blocks, _ = run(inputs, workers, keep=False)
    assert not any(one.block.conversations or one.block.lines for one in blocks)
    kept, _ = run(inputs, 1)
    assert b"".join(one.lines for one in blocks) == b"".join(one.lines for one in kept)


@pytest.mark.parametrize("workers", [1, 2])
def test_work_is_handed_over_little_by_little(inputs: list[Path], workers: int) -> None:
    """The first block comes before the input was read to its end, and stopping there ends the work."""
    job = AuditJob(find_inputs([str(path) for path in inputs]), small_rubric(), Context(), workers=workers)
    blocks = audit_blocks(job)
    first = next(blocks)
    assert 0 < first.conversation_count < 4_000
    blocks.close()  # type: ignore[attr-defined]


def test_an_empty_file_gives_no_lines(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    for workers in (1, 2):
        blocks, tally = run([empty], workers)
        assert b"".join(one.lines for one in blocks) == b""
        assert tally.conversations == 0


@pytest.mark.parametrize(
    ("sizes", "at_least", "runs"),
    [
        ([], 4, []),
        ([0, 0], 4, [2]),
        ([2, 2, 2], 4, [2, 1]),
        ([9, 1, 1, 1, 1, 5], 4, [1, 4, 1]),
        ([1], 4, [1]),
        ([4, 4], 4, [1, 1]),
    ],
)
def test_batches_are_runs_of_conversations_of_about_so_many_messages(
    sizes: list[int], at_least: int, runs: list[int]
) -> None:
    made = [Conversation(id=str(n), messages=chat(n, "customer 好").messages * size) for n, size in enumerate(sizes)]
    split = list(batches(made, at_least))
    assert [len(one) for one in split] == runs
    assert [conversation for one in split for conversation in one] == made
