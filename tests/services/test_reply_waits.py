"""The wait before each reply stands against the limit of its moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Message
from qaplatform.services.reply_waits import (
    LateReply,
    Wait,
    channel_limit,
    moments_of,
    timing_criteria,
    waits,
)
from tests.shipped import shipped_rubric

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTEXT = Context(promotion_days=frozenset({date(2026, 11, 11)}))


def at(clock: str, day: int = 10) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00").replace(tzinfo=SHANGHAI)


def customer() -> Message:
    return Message("customer", "在吗")


def agent(**more: object) -> Message:
    return Message("agent", "在的", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "seconds", "expected"),
    [
        (at("10:00"), 40, Wait(40, 60, "within")),
        (at("10:00"), 60, Wait(60, 60, "within")),
        (at("10:00"), 61, Wait(61, 60, "late")),
        (at("21:00", 11), 40, Wait(40, 30, "late")),  # an evening of a promotion
        (at("21:00", 12), 40, Wait(40, 60, "within")),
        (at("03:00"), 6 * 3600, Wait(6 * 3600, None, "off_duty")),
    ],
)
def test_the_limit_is_that_of_the_moment_of_asking(asked: datetime, seconds: float, expected: Wait) -> None:
    moments = [asked, asked + timedelta(seconds=seconds)]
    assert waits([customer(), agent()], moments, context=CONTEXT) == {1: expected}


def test_a_burst_is_waited_for_from_its_last_message() -> None:
    begun = at("10:00")
    moments = [begun, begun + timedelta(seconds=50), begun + timedelta(seconds=80)]
    assert waits([customer(), customer(), agent()], moments, context=CONTEXT) == {2: Wait(30, 60, "within")}


def test_machines_and_notes_answer_nobody() -> None:
    begun = at("10:00")
    said = [customer(), agent(auto=True), Message("bot", "欢迎"), agent(kind="note"), agent(), agent()]
    moments = [begun + timedelta(seconds=20 * number) for number in range(len(said))]
    assert waits(said, moments, context=CONTEXT) == {4: Wait(80, 60, "late")}


def test_what_the_check_has_found_counts() -> None:
    begun = at("10:00")
    said, moments = [customer(), agent()], [begun, begun + timedelta(seconds=500)]
    assert waits(said, moments, context=CONTEXT, late={}) == {1: Wait(500, 60, "excused")}
    late = {1: LateReply(500, 45)}
    assert waits(said, moments, context=CONTEXT, late=late) == {1: Wait(500, 45, "late")}


def test_without_an_audit_nothing_is_known_of_limits_and_without_times_nothing_of_waits() -> None:
    begun = at("10:00")
    said, later = [customer(), agent()], begun + timedelta(seconds=500)
    assert waits(said, [begun, later], context=None) == {1: Wait(500, None, "unlimited")}
    assert waits(said, [None, later], context=CONTEXT) == {}
    assert waits(said, [begun, None], context=CONTEXT) == {}
    assert waits(said, [later, begun], context=CONTEXT) == {}


def test_a_channel_may_have_a_limit_of_its_own() -> None:
    rubric = shipped_rubric()
    assert channel_limit(rubric, "email") == 1800
    assert channel_limit(rubric, "chat") is None
    assert channel_limit(None, "email") is None
    assert timing_criteria(rubric) == {"response_time"}
    begun = at("03:00")
    moments = [begun, begun + timedelta(seconds=1000)]
    found = waits([customer(), agent()], moments, context=CONTEXT, channel_limit_seconds=1800)
    assert found == {1: Wait(1000, 1800, "within")}


def test_times_are_read_in_the_shops_zone_and_nonsense_is_none() -> None:
    sent = ["2026-11-10T10:00:00+08:00", "2026-11-10 10:00:00", "soon", None, ""]
    ten = datetime(2026, 11, 10, 2, tzinfo=UTC)
    assert moments_of(sent, SHANGHAI) == [ten, ten, None, None, None]
