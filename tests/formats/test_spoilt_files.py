"""Files of every form with bytes changed at random: read or rejected, every line accounted for, never a crash."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from qaplatform.errors import QAPlatformError
from qaplatform.formats.reading import ReadOptions, open_sources
from qaplatform.formats.report import Block, Tally
from tests.conftest import FULL

JSONL = "".join(
    f'{{"id":"c{n}","shop":"茶铺","customer":{{"id":"u{n}"}},"messages":[{{"role":"customer","text":"第{n}次问,什么时候发货?",'
    f'"sent_at":"2026-09-01T10:00:{n:02d}+08:00"}},{{"role":"agent","agent":"a1","text":"今天发","sent_at":null}}]}}\n'
    for n in range(30)
)
LENIENT = "".join(
    f'{{"session_id":{n},"dialogue":[{{"from":"买家","content":"你好","ts":{1756684985 + n}}},'
    '{"from":"小二","content":"在"}]}\n'
    for n in range(20)
)
ARRAY = "[\n" + ",\n".join(JSONL.splitlines()) + "\n]\n"
CSV = "会话ID,角色,内容,时间\n" + "".join(
    f's{n % 4},{"买家" if n % 2 else "客服"},"第{n}句, 两\n行 ""引号""",2025/9/1 8:{n:02d}\n' for n in range(40)
)
CHAT = (
    "".join(
        f"{name} 2025-9-{n % 28 + 1} 8:03:05\n第{n}句话\n已读\n\n"
        for n in range(20)
        for name in ("花花", "茶叶店:小王")
    )
    + "系统提示:会话已由小王转交给小李\n茶叶店:小李(2025-09-01 08:03:05):\n好的\n"
)


def _workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for y, row in enumerate(
            [["会话ID", "角色", "内容", "时间"], *(["s", "买家", f"第{n}句", 45901.5 + n] for n in range(30))]
        ):
            sheet.write_row(y, 0, row)
    return content.getvalue()


FILES: dict[str, tuple[str, bytes]] = {
    "jsonl": ("a.jsonl", JSONL.encode()),
    "jsonl in gb18030": ("a.jsonl", JSONL.encode("gb18030")),
    "jsonl in utf-16": ("a.jsonl", JSONL.encode("utf-16")),
    "jsonl of other names": ("a.jsonl", LENIENT.encode()),
    "jsonl in gzip": ("a.jsonl.gz", gzip.compress(JSONL.encode())),
    "json array": ("a.json", ARRAY.encode()),
    "csv": ("a.csv", CSV.encode()),
    "csv in gb18030": ("a.csv", CSV.encode("gb18030")),
    "csv in utf-16": ("a.csv", CSV.encode("utf-16")),
    "tsv": ("a.tsv", CSV.replace(",", "\t").encode()),
    "chat": ("a.txt", CHAT.encode()),
    "chat in gb18030": ("a.txt", CHAT.encode("gb18030")),
    "workbook": ("a.xlsx", _workbook()),
    "no suffix": ("a", CSV.encode()),
}


def _spoilt(data: bytes, dice: random.Random) -> bytes:
    """One to five changes: bytes flipped, put in, cut out, doubled, or the end cut off."""
    out = bytearray(data)
    for _ in range(dice.randint(1, 5)):
        place = dice.randrange(len(out)) if out else 0
        length = dice.choice([1, 1, 1, 2, 7, 60])
        change = dice.randrange(6)
        if change == 0:
            out[place : place + 1] = bytes([dice.randrange(256)])
        elif change == 1:
            out[place:place] = bytes(dice.randrange(256) for _ in range(length))
        elif change == 2:
            del out[place : place + length]
        elif change == 3:
            out[place:place] = out[place : place + length * 5]
        elif change == 4:
            out[place:place] = dice.choice(
                [
                    b'"',
                    b"\n",
                    b"\r",
                    b"\0",
                    b"{",
                    b"}",
                    b"[",
                    b"\\",
                    b",",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"2025-9-1 8:03:05",
                ]
            )
        elif dice.random() < 0.2:
            del out[place:]
    return bytes(out)


def _read(path: Path, options: ReadOptions) -> Iterator[Block]:
    with contextlib.suppress(QAPlatformError):
        for source in open_sources([str(path)], options):
            yield from source.blocks()


def _check(path: Path, options: ReadOptions) -> Tally:
    tally = Tally()
    for block in _read(path, options):
        tally.add(block)
        assert len(block.lines) == len(block.conversations)
        rejected = sum(rejection.lines for rejection in block.rejections)
        parts = (block.content_lines, block.blank_lines, block.ignored_lines, rejected)
        assert min(parts) >= 0, parts
        assert sum(parts) == block.line_count, parts
        for conversation in block.conversations:
            assert conversation.id
            assert conversation.messages
            for message in conversation.messages:
                message.text.encode()
    accounted = tally.content_lines + tally.blank_lines + tally.ignored_lines + tally.rejected_lines
    assert accounted == tally.lines, tally
    return tally


def _run(folder: Path, form: str, rounds: int, seed: int) -> None:
    name, data = FILES[form]
    path = folder / name
    dice = random.Random(seed)
    for round_number in range(rounds):
        path.write_bytes(_spoilt(data, dice))
        gap = dice.choice([None, 60.0])
        options = ReadOptions(block_bytes=dice.choice([64, 4096, 1 << 20]), split_gap_seconds=gap)
        try:
            _check(path, options)
        except Exception as error:
            raise AssertionError(f"{form}, seed {seed}, round {round_number}: {path.read_bytes()[:200]!r}") from error


@pytest.mark.parametrize("form", FILES)
def test_the_whole_files_are_read_without_a_complaint(tmp_path: Path, form: str) -> None:
    name, data = FILES[form]
    (tmp_path / name).write_bytes(data)
    tally = _check(tmp_path / name, ReadOptions())
    assert tally.exit_code == 0
    assert tally.messages >= 30


@pytest.mark.parametrize("form", FILES)
def test_a_spoilt_file_is_read_as_far_as_it_goes(tmp_path: Path, form: str) -> None:
    _run(tmp_path, form, 150 if FULL else 30, seed=1)


def test_a_workbook_spoilt_inside_its_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    dice = random.Random(1)
    whole = zipfile.ZipFile(io.BytesIO(FILES["workbook"][1]))
    parts = {name: whole.read(name) for name in whole.namelist()}
    for _ in range(300 if FULL else 30):
        victim = dice.choice([name for name in parts if name.startswith("xl/")])
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, _spoilt(data, dice) if name == victim else data)
        _check(path, ReadOptions())


@pytest.mark.full
@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_spoilt_files_are_read_as_far_as_they_go(tmp_path: Path, form: str, seed: int) -> None:
    _run(tmp_path, form, 2000, seed)


@pytest.mark.parametrize("form", ["jsonl", "jsonl in gb18030", "csv", "chat"])
def test_a_file_with_one_spoilt_line_loses_that_line_only(tmp_path: Path, form: str) -> None:
    name, data = FILES[form]
    lines = data.split(b"\n")
    place = 10 if form != "chat" else 9
    lines[place] = b"\xff\xff\xff" + lines[place]
    (tmp_path / name).write_bytes(b"\n".join(lines))
    tally = _check(tmp_path / name, ReadOptions())
    assert sum(tally.rejected.values()) == 1
    assert tally.rejections[0].line in (place, place + 1)
    (tmp_path / name).write_bytes(data)
    assert _check(tmp_path / name, ReadOptions()).messages - tally.messages <= 2
