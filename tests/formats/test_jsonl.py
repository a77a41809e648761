"""Conversation JSONL: the quick reading, the lenient one, and what is rejected."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.errors import InputError
from qaplatform.formats.jsonl import JsonlDecoder, read_blocks
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.ranges import plan_ranges, read_range
from qaplatform.formats.reading import open_sources
from qaplatform.formats.report import Block

Read = Callable[..., Any]

GOOD = '{"id":"%s","messages":[{"role":"customer","text":"在吗","sent_at":"2026-09-01T10:00:00+08:00"}]}'


def line(**changes: Any) -> str:
    record: dict[str, Any] = {"id": "c1", "messages": [{"role": "customer", "text": "在吗"}]}
    return json.dumps(record | changes, ensure_ascii=False)


def message(**changes: Any) -> str:
    return line(messages=[{"role": "agent", "text": "好的"} | changes])


REJECTED = [
    ("not json at all", "", "not_json"),
    ('{"id":"a","messages":[', "", "not_json"),
    (GOOD % "a" + GOOD % "b", "", "not_json"),
    ('{"id":"a","messages":[{"role":"agent","text":"\\ud800"}]}', "", "not_json"),
    ("[1,2]", "", "not_an_object"),
    ('"text"', "", "not_an_object"),
    ('{"messages":[{"role":"agent","text":"x"}]}', "id", "missing_id"),
    (line(id=""), "id", "missing_id"),
    (line(id=None), "id", "missing_id"),
    ('{"id":"a"}', "messages", "missing_messages"),
    (line(messages=[]), "messages", "missing_messages"),
    (line(messages="hello"), "messages", "bad_value"),
    (line(messages=["hello"]), "messages[0]", "bad_value"),
    (message(role="外星人"), "messages[0].role", "unknown_role"),
    ('{"id":"a","messages":[{"text":"x"}]}', "messages[0].role", "unknown_role"),
    (message(text=None), "messages[0].text", "missing_text"),
    (message(text="长" * 400_000), "messages[0].text", "text_too_long"),
    ("[" * 100_000, "", "not_json"),
]


@pytest.mark.parametrize(
    ("bad", "field", "code"), REJECTED, ids=[f"{code}-{n}" for n, (_, _, code) in enumerate(REJECTED)]
)
def test_a_bad_line_is_rejected_with_its_place_and_the_rest_goes_on(
    read: Read, bad: str, field: str, code: str
) -> None:
    outcome = read("a.jsonl", "\n".join([GOOD % "first", "", bad, GOOD % "last", ""]))
    assert outcome.refused == [(3, field, code)]
    assert outcome.rejections[0].reason
    assert outcome.rejections[0].way_out
    assert [c.id for c in outcome.conversations] == ["first", "last"]
    assert outcome.lines == [1, 4]
    assert outcome.tally.exit_code == 3


def test_bytes_that_are_no_utf8_reject_their_line_only(read: Read) -> None:
    lines = [(GOOD % f"c{n}").encode() for n in range(50)]
    lines[7] = lines[7].replace("在".encode(), b"\xe5\x9c")
    outcome = read("a.jsonl", b"\n".join(lines))
    assert outcome.refused == [(8, "", "encoding")]
    assert len(outcome.conversations) == 49


LENIENT = [
    (message(role="客服"), Message(role="agent", text="好的")),
    (message(role="seller"), Message(role="agent", text="好的")),
    (message(role="user"), Message(role="customer", text="好的")),
    (message(role="店小蜜"), Message(role="bot", text="好的")),
    (message(role="自动回复"), Message(role="agent", text="好的", auto=True)),
    (message(sent_at=1756684985), Message(role="agent", text="好的", sent_at="2025-09-01T08:03:05+08:00")),
    (message(sent_at=1756684985123), Message(role="agent", text="好的", sent_at="2025-09-01T08:03:05.123000+08:00")),
    (message(sent_at="2025-9-1 8:03:05"), Message(role="agent", text="好的", sent_at="2025-09-01T08:03:05+08:00")),
    (message(sent_at="2025-09-01T08:03:05"), Message(role="agent", text="好的", sent_at="2025-09-01T08:03:05+08:00")),
    (message(sent_at="2025-09-01T00:03:05Z"), Message(role="agent", text="好的", sent_at="2025-09-01T00:03:05Z")),
    (message(text=12), Message(role="agent", text="12")),
    (message(text="  "), Message(role="agent", text="  ")),
    (message(text=[{"type": "text", "text": "好的"}]), Message(role="agent", text="好的")),
    (message(text=None, kind="图片"), Message(role="agent", text="", kind="image")),
    (message(agent=7, id=8), Message(role="agent", text="好的", agent="7", id="8")),
    (message(auto="是"), Message(role="agent", text="好的", auto=True)),
    (message(turn=3, extra={"deep": [1]}), Message(role="agent", text="好的")),
]


@pytest.mark.parametrize(("written", "expected"), LENIENT, ids=range(len(LENIENT)))
def test_other_words_types_and_times_mean_the_same_message(read: Read, written: str, expected: Message) -> None:
    outcome = read("a.jsonl", written)
    assert outcome.messages == [expected]
    assert outcome.rejections == []


def test_other_field_types_of_a_conversation_are_taken(read: Read) -> None:
    customer = {"id": 5, "tier": "vip", "order_value": "¥1,399.50"}
    outcome = read(
        "a.jsonl", line(id=12, order_id=2026110112345678901, csat="4分", tags="退款,物流", customer=customer)
    )
    (conversation,) = outcome.conversations
    assert conversation.id == "12"
    assert conversation.order_id == "2026110112345678901"
    assert conversation.csat == 4.0
    assert conversation.tags == ("退款", "物流")
    assert conversation.customer == Customer(id="5", tier="vip", order_value=1399.5)


def test_names_of_other_systems_are_told_and_shown(read: Read) -> None:
    record = {
        "session_id": "s9",
        "order_no": "A1",
        "dialogue": [
            {"sender_type": "buyer", "content": "你好", "send_time": "2025/9/1 8:03"},
            {"sender_type": "staff", "staff_name": "小王", "content": "您好", "send_time": "2025/9/1 8:04"},
        ],
    }
    outcome = read("a.jsonl", json.dumps(record, ensure_ascii=False))
    assert outcome.conversations[0].id == "s9"
    assert outcome.conversations[0].order_id == "A1"
    assert outcome.said == [("customer", None, "你好"), ("agent", "小王", "您好")]
    assert outcome.report.mapping["id"] == "session_id"


def test_times_under_another_name_are_not_lost_although_the_line_is_valid(read: Read) -> None:
    outcome = read("a.jsonl", message(timestamp=1756684985))
    assert outcome.report.mapping == {"sent_at": "timestamp"}
    assert outcome.messages[0].sent_at == "2025-09-01T08:03:05+08:00"


@pytest.mark.parametrize(
    "bad", ["2025-02-30T08:00:00+08:00", "2025-13-01 08:00", "昨天", 5, True, "2025-09-01", "0001-01-01T00:00:00Z"]
)
def test_an_impossible_time_leaves_the_message_with_a_notice(read: Read, bad: object) -> None:
    outcome = read("a.jsonl", "\n".join([GOOD % "a", message(sent_at=bad)]))
    assert outcome.messages[1].sent_at is None
    assert outcome.noticed == [(2, "messages[0].sent_at", "bad_time")]
    assert not outcome.rejections


def test_the_same_id_twice_is_noticed_and_kept(read: Read) -> None:
    outcome = read("a.jsonl", "\n".join([GOOD % "a", GOOD % "b", GOOD % "a"]))
    assert len(outcome.conversations) == 3
    assert outcome.noticed == [(3, "id", "duplicate_id")]


def test_a_role_known_by_name_only_is_guessed_and_said(read: Read) -> None:
    record = line(messages=[{"from": "阿花", "text": "在吗"}, {"from": "阿草", "text": "在的"}])
    outcome = read("a.jsonl", record)
    assert outcome.said == [("customer", None, "在吗"), ("agent", "阿草", "在的")]
    assert outcome.noticed == [(1, "role", "guessed_roles")]
    told = read("b.jsonl", record, agent_names=("阿花",))
    assert [role for role, _, _ in told.said] == ["agent", "customer"]


def test_own_role_words_can_be_mapped(read: Read) -> None:
    outcome = read("a.jsonl", message(role="1"), roles={"1": "agent"})
    assert outcome.said == [("agent", None, "好的")]


@pytest.mark.parametrize("encoded", [
    lambda text: text.encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("gb18030"),
    lambda text: text.encode("utf-16"),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: gzip.compress(text.encode()),
    lambda text: gzip.compress(text.encode("gb18030")),
], ids=["utf8", "bom", "gb18030", "utf16", "crlf", "gz", "gz-gb18030"])  # fmt: skip
def test_every_encoding_gives_the_same_conversations(read: Read, encoded: Callable[[str], bytes]) -> None:
    text = "\n".join(GOOD % f"会话{n}" for n in range(20)) + "\n"
    outcome = read("a.jsonl", encoded(text))
    assert [c.id for c in outcome.conversations] == [f"会话{n}" for n in range(20)]
    assert outcome.messages[0].text == "在吗"
    assert outcome.lines == list(range(1, 21))
    assert outcome.tally.exit_code == 0


@pytest.mark.parametrize(
    "document",
    [
        "[%s]",
        "[\n%s\n]\n",
        "  [ %s ]",
    ],
)
def test_a_json_array_is_read_element_by_element(read: Read, document: str) -> None:
    outcome = read("a.json", document % ",\n".join([GOOD % "a", '{"id":"x"}', GOOD % "b"]))
    assert [c.id for c in outcome.conversations] == ["a", "b"]
    assert [code for _, _, code in outcome.refused] == ["missing_messages"]


def test_a_printed_json_object_is_one_conversation(read: Read) -> None:
    outcome = read("a.json", json.dumps(json.loads(GOOD % "a"), indent=2, ensure_ascii=False))
    assert [c.id for c in outcome.conversations] == ["a"]


def test_a_broken_element_of_an_array_does_not_take_the_others_along(read: Read) -> None:
    outcome = read(
        "a.json", "[\n" + ",\n".join([GOOD % "a", '{"id":"x","messages":[{', GOOD % "b", GOOD % "c"]) + "\n]"
    )
    assert [c.id for c in outcome.conversations] == ["a", "b", "c"]
    assert outcome.refused == [(3, "", "not_json")]


def test_a_line_without_end_is_given_up_without_holding_it(read: Read) -> None:
    content = "\n".join([GOOD % "a", "x" * 300_000, GOOD % "b"])
    outcome = read("a.jsonl", content, max_line_bytes=10_000, block_bytes=4096)
    assert outcome.refused == [(2, "", "line_too_long")]
    assert outcome.lines == [1, 3]


def test_a_gzip_that_breaks_off_gives_what_there_was_and_a_rejection(read: Read) -> None:
    whole = gzip.compress("\n".join(GOOD % f"c{n}-{hash(n * 7919)}" for n in range(5000)).encode())
    outcome = read("a.jsonl.gz", whole[: len(whole) * 2 // 3], block_bytes=4096)
    assert outcome.conversations
    assert outcome.refused[-1][2] == "unreadable"
    assert outcome.tally.exit_code == 3


def test_a_silence_cuts_a_thread_into_numbered_conversations(read: Read) -> None:
    clocks = ["10:00:00", "10:59:59", None, "12:00:00", "11:00:00", "13:00:00"]
    messages = [
        {"role": "agent", "text": str(n), "sent_at": clock and f"2026-09-01T{clock}+08:00"}
        for n, clock in enumerate(clocks)
    ]
    outcome = read("a.jsonl", line(id="t", messages=messages), split_gap_seconds=3600)
    assert [(c.id, "".join(m.text for m in c.messages)) for c in outcome.conversations] == [
        ("t", "012"),
        ("t#2", "34"),
        ("t#3", "5"),
    ]
    assert outcome.lines == [1, 1, 1]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
YEARS = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-12-31")
TIMES = st.none() | st.datetimes(*YEARS).map(lambda moment: moment.isoformat() + "+08:00")
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["customer", "agent", "bot", "system"]),
    text=TEXTS,
    id=st.none() | TEXTS,
    agent=st.none() | TEXTS,
    sent_at=TIMES,
    auto=st.booleans(),
    kind=st.sampled_from(["text", "image", "card", "transfer", "note"]),
)
CONVERSATIONS = st.builds(
    Conversation,
    id=TEXTS.filter(bool),
    messages=st.lists(MESSAGES, min_size=1, max_size=4).map(tuple),
    shop=st.none() | TEXTS,
    order_id=st.none() | TEXTS,
    csat=st.none() | st.floats(0, 5),
    tags=st.lists(TEXTS, max_size=2).map(tuple),
    customer=st.none() | st.builds(Customer, id=st.none() | TEXTS, order_value=st.none() | st.floats(0, 1e6)),
)


@given(st.lists(CONVERSATIONS, max_size=8), st.integers(16, 4000), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_what_is_written_in_the_neutral_form_is_read_back_equal(
    conversations: list[Conversation], block_bytes: int, line_end: str
) -> None:
    data = b"".join(msgspec.json.encode(c) + line_end.encode() for c in conversations)
    decoder = JsonlDecoder("f", ReadOptions())
    blocks = [decoder.decode(raw) for raw in read_blocks(io.BytesIO(data), block_bytes)]
    assert [c for block in blocks for c in block.conversations] == conversations
    assert sum(block.raw_bytes for block in blocks) == len(data)
    assert not any(block.rejections or block.notices for block in blocks)


LINES = st.sampled_from(
    [
        GOOD % "a",
        "",
        "  ",
        "nonsense",
        line(id=3),
        message(role="客服"),
        message(sent_at="x"),
        "{}",
        GOOD % "b" + "\r",
        "{",
        "}",
    ]
)


def flat(blocks: list[Block]) -> list[object]:
    found: list[object] = []
    for block in blocks:
        found += zip(block.conversations, block.lines, strict=True)
        found += [*block.rejections, *block.notices]
    return found


@given(
    lines=st.lists(LINES, max_size=30),
    end=st.booleans(),
    size=st.integers(8, 700),
    parts=st.integers(1, 6),
    mark=st.booleans(),
)
def test_blocks_and_ranges_of_any_size_give_the_same_as_one_block(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: bool, size: int, parts: int, mark: bool
) -> None:
    path = tmp_path_factory.mktemp("ranges") / "a.jsonl"
    data = ("\n".join(lines) + ("\n" if end else "")).encode()
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + data)
    decoder = JsonlDecoder(str(path), ReadOptions())
    whole = [decoder.decode(raw) for raw in read_blocks(io.BytesIO(data), 1 << 20)]
    expected = sorted(map(str, flat(whole)))
    blocks = [decoder.decode(raw) for raw in read_blocks(io.BytesIO(data), size)]
    assert sorted(map(str, flat(blocks))) == expected
    for ranges in (list(plan_ranges(path, parts=parts)), list(plan_ranges(path, range_bytes=size))):
        read = [block for part in ranges for block in read_range(part, ReadOptions(block_bytes=size))]
        assert sorted(map(str, flat(read))) == expected
        assert sum(block.line_count for block in read) == sum(block.line_count for block in whole)
        assert sum(part.end_byte - part.start_byte for part in ranges) == len(data)


def test_ranges_of_a_gb18030_file_are_planned_from_its_source(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes("\n".join(GOOD % f"会话{n}" for n in range(100)).encode("gb18030"))
    (source,) = open_sources([str(path)])
    assert source.report.splittable
    ranges = list(plan_ranges(path, parts=4, source=source))
    assert len(ranges) >= 3
    blocks = [block for part in ranges for block in read_range(part)]
    assert [c.id for block in blocks for c in block.conversations] == [f"会话{n}" for n in range(100)]
    assert [line for block in blocks for line in block.lines] == list(range(1, 101))


def test_a_compressed_file_cannot_be_cut_into_ranges(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n"))
    (source,) = open_sources([str(path)])
    with pytest.raises(InputError):
        list(plan_ranges(path, parts=2, source=source))
