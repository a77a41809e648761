"""Who held an account at a moment: days, shifts, shifts past midnight, several holders."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from qaplatform.services.people import People
from qaplatform.store.holders import AgentSeen, Holding

ZONE = ZoneInfo("Asia/Shanghai")
AGENTS = [
    AgentSeen(number, code, name, None, None, None, None, None, None)
    for number, (code, name) in enumerate([("a", "小王"), ("b", "小李"), ("c", "小张"), ("d", "小张")], start=1)
]


def held(
    agent: int, days: tuple[date | None, date | None] = (None, None), minutes: tuple[int, int] = (0, 1440), *,
    account: str = "店:01", shop: int = 1,
) -> Holding:  # fmt: skip
    return Holding(shop, account, agent, *days, *minutes)


def who(holdings: list[Holding], moment: str | None, name: str = "店:01", shop: int = 1) -> str | None:
    people = People(AGENTS, holdings, {1: ZONE, 2: ZoneInfo("Europe/London")})
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONE) if moment else None
    found = people.agent_of(shop, name, at)
    return found.code if found else None


TENTH, TWELFTH = date(2026, 11, 10), date(2026, 11, 12)
EARLY, LATE, NIGHT = (540, 1020), (870, 1350), (1320, 1440 + 360)


@pytest.mark.parametrize(
    ("holdings", "moment", "expected"),
    [
        ([held(1)], "2026-11-11T10:00", "a"),
        ([held(1)], None, "a"),
        # days, half-open
        ([held(1, (TENTH, TWELFTH))], "2026-11-09T23:59:59", None),
        ([held(1, (TENTH, TWELFTH))], "2026-11-10T00:00", "a"),
        ([held(1, (TENTH, TWELFTH))], "2026-11-11T23:59:59", "a"),
        ([held(1, (TENTH, TWELFTH))], "2026-11-12T00:00", None),
        ([held(1, (None, TENTH)), held(2, (TENTH, None))], "2026-11-09T12:00", "a"),
        ([held(1, (None, TENTH)), held(2, (TENTH, None))], "2026-11-10T12:00", "b"),
        ([held(1, (None, TENTH)), held(2, (TENTH, None))], None, None),
        # shifts, by the local minute
        ([held(1, minutes=(540, 870)), held(2, minutes=LATE)], "2026-11-10T14:29:59", "a"),
        ([held(1, minutes=(540, 870)), held(2, minutes=LATE)], "2026-11-10T14:30", "b"),
        ([held(1, minutes=(540, 870)), held(2, minutes=LATE)], "2026-11-10T22:30", None),
        # a shift past midnight belongs to the day on which it began
        ([held(1, (TENTH, TWELFTH), NIGHT)], "2026-11-10T03:00", None),
        ([held(1, (TENTH, TWELFTH), NIGHT)], "2026-11-10T22:00", "a"),
        ([held(1, (TENTH, TWELFTH), NIGHT)], "2026-11-12T05:59", "a"),
        ([held(1, (TENTH, TWELFTH), NIGHT)], "2026-11-12T06:00", None),
        ([held(1, (TENTH, TWELFTH), NIGHT)], "2026-11-12T22:00", None),
        # several at once: the narrowest shift, then whoever came last; else nobody can tell
        ([held(1), held(2, minutes=EARLY)], "2026-11-10T10:00", "b"),
        ([held(1), held(2, minutes=EARLY)], "2026-11-10T20:00", "a"),
        ([held(1), held(2, (TENTH, None))], "2026-11-10T10:00", "b"),
        ([held(1), held(2)], "2026-11-10T10:00", None),
        ([held(1), held(1)], "2026-11-10T10:00", "a"),
        ([held(1, minutes=EARLY), held(2, minutes=LATE)], "2026-11-10T15:00", None),
    ],
)
def test_who_held_an_account(holdings: list[Holding], moment: str | None, expected: str | None) -> None:
    assert who(holdings, moment) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a", "a"), ("小王", "a"), ("小张", None), ("nobody", None), ("店:01", "b")],
)
def test_a_name_that_is_no_account_is_an_agents_code_or_name(name: str, expected: str | None) -> None:
    assert who([held(2)], None, name) == expected


def test_an_account_is_one_of_its_shop_and_hours_are_local_to_it() -> None:
    holdings = [held(1, minutes=EARLY), held(2, minutes=EARLY, shop=2)]
    assert who(holdings, "2026-11-10T10:00", shop=1) == "a"
    assert who(holdings, "2026-11-10T10:00", shop=2) is None
    assert who(holdings, "2026-11-10T20:00", shop=2) == "b"
    assert who(holdings, "2026-11-10T10:00", shop=3) is None


def test_what_is_neither_code_nor_name_is_taken_for_an_account() -> None:
    people = People(AGENTS, [], {})
    assert [people.is_account(name) for name in ("店:01", "a", "小王", "小张")] == [True, False, False, True]
