"""What plans are put together from: cycles, names of times, filters, days, and giving work out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.sampling import Candidate
from qaplatform.services.access import Scope
from qaplatform.services.allotting import Hand, allot, takeable
from qaplatform.services.cycles import cycle_key, next_after
from qaplatform.services.plan_filters import format_plan_filter, parse_plan_filter, settled
from tests.sampled import NOW

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("cycle", "now", "wanted"),
    [
        ("daily", "2026-11-06T00:59:59", "2026-11-06T01:00:00"),
        ("daily", "2026-11-06T01:00:00", "2026-11-07T01:00:00"),
        ("weekly", "2026-11-06T01:00:00", "2026-11-10T01:00:00"),
        ("weekly", "2026-11-10T00:00:00", "2026-11-10T01:00:00"),
        ("once", "2026-11-06T01:00:00", None),
    ],
)
def test_the_next_time_is_at_the_hour_of_the_plans_own_zone(cycle: str, now: str, wanted: str | None) -> None:
    found = next_after(cycle, datetime.fromisoformat(now).replace(tzinfo=UTC), ZONE, hour=9, weekday=1)  # type: ignore[arg-type]
    assert found == (datetime.fromisoformat(wanted).replace(tzinfo=UTC) if wanted else None)


def test_times_are_named_by_local_day_and_week() -> None:
    late = datetime(2027, 1, 3, 17, tzinfo=UTC)
    assert [cycle_key(one, late, ZONE) for one in ("once", "daily", "weekly")] == ["once", "2027-01-04", "2027-W01"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "days=7",
        "shop=1&shop=3&topic=refund&since_draw=yes",
        "score_to=80&value_from=99.5&value_to=1000&hired_within=90",
    ],
)
def test_a_plans_filter_is_written_as_it_was_read(query: str) -> None:
    found = parse_plan_filter(query, ZONE)
    assert parse_plan_filter(format_plan_filter(found, ZONE), ZONE) == found
    assert sorted(format_plan_filter(found, ZONE).split("&")) == sorted(query.split("&"))


def test_days_are_local_and_the_last_draw_counts() -> None:
    wanted, _ = settled(parse_plan_filter("days=7", ZONE), NOW, ZONE, last_drawn_at=None)
    assert wanted.since == datetime(2026, 10, 29, 16, tzinfo=UTC)
    last = NOW - timedelta(days=2)
    wanted, _ = settled(parse_plan_filter("since_draw=yes", ZONE), NOW, ZONE, last_drawn_at=last)
    assert wanted.since == last
    wanted, further = settled(parse_plan_filter("since_draw=yes&hired_within=90", ZONE), NOW, ZONE, last_drawn_at=None)
    assert wanted.since == datetime(2026, 10, 29, 16, tzinfo=UTC)
    assert str(further.hired_since) == "2026-08-08"


HANDS = st.lists(
    st.builds(
        Hand,
        user_id=st.integers(1, 6),
        quota=st.one_of(st.none(), st.integers(1, 5)),
        scope=st.sampled_from([Scope(everything=True), Scope(shop_ids=frozenset({1})), Scope(team_ids=frozenset({2}))]),
        own=st.frozensets(st.integers(1, 40), max_size=10),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.user_id,
)


@given(HANDS, st.integers(0, 40), st.integers(0, 2**53))
def test_nobody_gets_more_than_their_quota_nor_what_they_may_not_have(hands: list[Hand], count: int, seed: int) -> None:
    chats = [Candidate(n, shop_id=n % 3 + 1, team_id=n % 2 + 1) for n in range(1, count + 1)]
    whose = allot(chats, hands, seed)
    by_id = {one.user_id: one for one in hands}
    loads = Counter(whose.values())
    for one in chats:
        if one.id in whose:
            assert by_id[whose[one.id] or 0].may_take(one)
        else:
            assert all(loads[hand.user_id] == hand.quota for hand in hands if hand.may_take(one))
    assert all(hand.quota is None or loads[hand.user_id] <= hand.quota for hand in hands)
    assert {one.id for one in takeable(chats, hands)} == {
        one.id for one in chats if any(h.may_take(one) for h in hands)
    }
    assert whose == allot(chats, hands, seed)
