"""The transcript notation: who, when, what; and what is said of a line that breaks it."""

from __future__ import annotations

from datetime import date

import pytest

from qaplatform.audit.conversation import Message
from qaplatform.audit.notation import NotationError, parse_conversation, parse_messages


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("customer 在吗", Message("customer", "在吗")),
        ("agent 您好", Message("agent", "您好", agent="a1")),
        ("agent:a2 您好", Message("agent", "您好", agent="a2")),
        ("bot 您好", Message("bot", "您好")),
        ("auto 稍后回复", Message("agent", "稍后回复", agent="a1", auto=True)),
        ("note 已核实", Message("agent", "已核实", agent="a1", kind="note")),
        ("note:a3 已核实", Message("agent", "已核实", agent="a3", kind="note")),
        ("system transfer 小王 → 小李", Message("system", "transfer 小王 → 小李", kind="transfer")),
        ("system 会话结束", Message("system", "会话结束")),
        ("customer", Message("customer", "")),
        ("customer 10:00:05 在吗", Message("customer", "在吗", sent_at="2026-09-01T10:00:05+08:00")),
        ("customer 9:05 在吗", Message("customer", "在吗", sent_at="2026-09-01T09:05:00+08:00")),
        ("customer 9:05:07 在吗", Message("customer", "在吗", sent_at="2026-09-01T09:05:07+08:00")),
        ("customer 10:00 ", Message("customer", "", sent_at="2026-09-01T10:00:00+08:00")),
        (r"customer 一\n二", Message("customer", "一\n二")),
    ],
)
def test_a_line_is_a_message(line: str, message: Message) -> None:
    assert parse_messages(line) == (message,)


def test_blank_lines_and_remarks_are_skipped() -> None:
    assert [one.text for one in parse_messages("\n# a remark\n\n  customer 在吗  \n")] == ["在吗"]


def test_a_clock_that_runs_backwards_means_the_next_day() -> None:
    lines = "customer 23:59:00 在吗\nagent 00:01:00 在\ncustomer 好\nagent 00:00:30 再见"
    assert [one.sent_at for one in parse_messages(lines, day=date(2026, 12, 31))] == [
        "2026-12-31T23:59:00+08:00",
        "2027-01-01T00:01:00+08:00",
        None,
        "2027-01-02T00:00:30+08:00",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("customer 在吗\nsomebody 您好", "line 2: expected"),
        ("customer 25:00 在吗", "line 1: '25:00' is no time of day"),
        ("customer 1:70:00 在吗", "line 1: '1:70:00' is no time of day"),
        ("customers 在吗", "line 1: expected"),
    ],
)
def test_a_line_that_breaks_the_notation_is_named(text: str, said: str) -> None:
    with pytest.raises(NotationError, match=said):
        parse_messages(text)


def test_a_conversation_has_an_id_and_a_day() -> None:
    one = parse_conversation("customer 10:00 在吗", id="x", day=date(2024, 2, 29))
    assert (one.id, one.messages[0].sent_at) == ("x", "2024-02-29T10:00:00+08:00")
