"""The context of a shop's conversations: as it was on their day, one for all that nothing sets apart."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from qaplatform.audit.context import DEFAULT_BANDS, Agent, ClockBand, Context, RosterEntry
from qaplatform.services.context_taking import take_over_context
from qaplatform.services.contexts import ContextBook, DayContext, together
from qaplatform.services.intake import work_off
from qaplatform.services.rubrics import context_named
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    CalendarDay,
    ClockBandRow,
    ContextVersion,
    ReturnAddress,
    RosterRow,
)
from tests.runs import NOW, Run, chat, figures, make_shops, register, write_jsonl

ELEVENTH = date(2026, 11, 11)


def context_of(
    store: Store, shop_id: int, first: date, last: date | None = None, *, settled: bool = True
) -> DayContext:
    with store.reading() as session:
        return ContextBook(session).of(session, shop_id, first, last or first, settled=settled)


def add(store: Store, *rows: object) -> None:
    with store.writing() as session:
        session.add_all(rows)


def test_without_anything_said_the_defaults_hold(store: Store) -> None:
    ids = make_shops(store, "s1")
    assert context_of(store, ids["s1"], ELEVENTH).context == Context()


def test_bands_and_days_are_the_shops_own_or_those_of_all(store: Store) -> None:
    ids = make_shops(store, "s1", "s2")
    add(
        store,
        ClockBandRow(start_minute=0, end_minute=1440, limit_seconds=90),
        ClockBandRow(shop_id=ids["s2"], start_minute=0, end_minute=1440, limit_seconds=45),
        CalendarDay(day=ELEVENTH, kind="promotion"),
        CalendarDay(shop_id=ids["s2"], day=date(2026, 11, 12), kind="promotion"),
        CalendarDay(day=date(2027, 1, 1), kind="holiday"),
        CalendarDay(day=date(2027, 2, 6), kind="holiday"),
    )
    first, second = (context_of(store, ids[code], ELEVENTH).context for code in ("s1", "s2"))
    assert first.clock_bands == (ClockBand(0, 1440, limit_seconds=90),)
    assert second.clock_bands == (ClockBand(0, 1440, limit_seconds=45),)
    assert first.promotion_days == {ELEVENTH}
    assert second.promotion_days == {ELEVENTH, date(2026, 11, 12)}
    assert first.holidays == {date(2027, 1, 1)}, "February is out of reach of a promise of November"


def test_a_promotion_day_is_stricter_on_that_day_only(store: Store, tmp_path: Path) -> None:
    ids = make_shops(store, "s1")
    add(store, CalendarDay(shop_id=ids["s1"], day=ELEVENTH, kind="promotion"))
    lines = ("customer 21:00:00 什么时候发货?", "agent:小王 21:00:45 您好,今天18点前发出,预计后天到")
    days = ["2026-11-10", "2026-11-11", "2026-11-12"]
    path = write_jsonl(tmp_path / "a.jsonl", [chat(day, *lines, day=day) for day in days])
    work_off(Run(store), register(store, path))
    stored = figures(store)
    assert stored[days[0]]["score"] == stored[days[2]]["score"] > stored[days[1]]["score"]
    with store.reading() as session:
        versions = session.scalars(select(ContextVersion)).all()
    assert [one.body["context"]["promotion_days"] for one in versions] == [["2026-11-11"]]


def test_contexts_that_are_equal_are_one_and_another_months_days_do_not_tell_them_apart(store: Store) -> None:
    ids = make_shops(store, "s1")
    add(store, CalendarDay(day=ELEVENTH, kind="promotion"))
    before = context_of(store, ids["s1"], date(2026, 11, 1))
    assert before.content_hash == context_of(store, ids["s1"], date(2026, 11, 30)).content_hash
    assert before.content_hash != context_of(store, ids["s1"], date(2026, 12, 1)).content_hash
    add(store, CalendarDay(day=date(2026, 12, 12), kind="promotion"), CalendarDay(day=date(2026, 5, 1), kind="holiday"))
    assert before.content_hash == context_of(store, ids["s1"], date(2026, 11, 1)).content_hash
    assert before.content_hash != context_of(store, ids["s1"], date(2026, 11, 30), date(2026, 12, 1)).content_hash


def test_agents_and_their_accounts_are_those_of_the_day(store: Store) -> None:
    ids = make_shops(store, "s1", "s2")
    add(
        store,
        AgentRow(id=1, code="a1", name="小王", level="senior", hired_on=date(2026, 11, 5), created_at=NOW),
        AgentRow(id=2, code="a2", name="小李", left_on=date(2026, 11, 12), created_at=NOW),
        AgentRow(id=3, code="a3", name="小张", created_at=NOW),
    )
    add(store, Account(id=1, shop_id=ids["s1"], name="店:01"), Account(id=2, shop_id=ids["s2"], name="店:01"))
    add(
        store,
        AccountHolder(account_id=1, agent_id=2, until_day=ELEVENTH),
        AccountHolder(account_id=1, agent_id=1, from_day=ELEVENTH, start_minute=540, end_minute=1020),
        AccountHolder(account_id=2, agent_id=3),
    )

    def people(day: date) -> dict[str, tuple[str, ...]]:
        agents = context_of(store, ids["s1"], day).context.agents
        return {code: one.accounts for code, one in agents.items()}

    assert people(date(2026, 11, 4)) == {"a2": ("店:01",)}
    assert people(date(2026, 11, 10)) == {"a1": (), "a2": ("店:01",)}
    assert people(ELEVENTH) == {"a1": ("店:01",), "a2": ()}
    assert people(date(2026, 11, 12)) == {"a1": ("店:01",)}
    assert context_of(store, ids["s1"], ELEVENTH).context.agents["a1"] == Agent(
        "a1", "小王", level="senior", hired_on=date(2026, 11, 5), accounts=("店:01",)
    )
    assert context_of(store, ids["s1"], ELEVENTH).held == (("店:01", "a1", 540, 1020),)


@pytest.mark.both_databases
def test_a_change_of_shifts_is_another_context(store: Store) -> None:
    ids = make_shops(store, "s1")
    add(store, AgentRow(id=1, code="a1", name="小王", created_at=NOW), Account(id=1, shop_id=ids["s1"], name="店:01"))
    add(store, AccountHolder(id=1, account_id=1, agent_id=1, start_minute=540, end_minute=1020))
    before = context_of(store, ids["s1"], ELEVENTH).content_hash
    with store.writing() as session:
        session.get_one(AccountHolder, 1).end_minute = 1080
    assert context_of(store, ids["s1"], ELEVENTH).content_hash != before


@pytest.mark.both_databases
@pytest.mark.parametrize("level", ["own", "all"])
def test_the_roster_of_the_months_says_of_every_moment_what_the_whole_roster_says(store: Store, level: str) -> None:
    ids = make_shops(store, "s1")
    add(store, AgentRow(id=1, code="a1", name="小王", created_at=NOW))
    days = [date(2026, 8, 3), date(2026, 10, 31), ELEVENTH, date(2026, 11, 20), date(2027, 1, 5)]
    whose = ids["s1"] if level == "own" else None
    entries = [(day, 1320, 1440 + 300) for day in days]
    add(store, *(RosterRow(shop_id=whose, agent_id=1, day=d, start_minute=b, end_minute=e) for d, b, e in entries))
    whole = Context(roster=tuple(RosterEntry(b, e, ("a1",), day=d) for d, b, e in entries))
    for month in (8, 9, 11, 12):
        first = date(2026, month, 1)
        context = context_of(store, ids["s1"], first).context
        begin = datetime.combine(first, time())
        hours = (begin + timedelta(hours=number) for number in range(30 * 24))
        assert all(context.limit_seconds(one) == whole.limit_seconds(one) for one in hours), first
    before = context_of(store, ids["s1"], date(2026, 7, 1)).context
    assert before.limit_seconds(datetime.combine(date(2026, 7, 1), time(10))) == 60
    assert before.roster == ()


@pytest.mark.both_databases
def test_next_months_roster_leaves_this_months_context_alone(store: Store) -> None:
    ids = make_shops(store, "s1")
    add(store, AgentRow(id=1, code="a1", name="小王", created_at=NOW))
    month = [date(2026, 10, 31) + timedelta(days=number) for number in range(31)]
    add(store, *(RosterRow(shop_id=ids["s1"], agent_id=1, day=day, start_minute=540, end_minute=1020) for day in month))
    before = context_of(store, ids["s1"], ELEVENTH).content_hash
    add(store, RosterRow(shop_id=ids["s1"], agent_id=1, day=date(2026, 12, 1), start_minute=540, end_minute=1020))
    assert context_of(store, ids["s1"], ELEVENTH).content_hash == before


def test_whether_conversations_are_over_belongs_to_their_context(store: Store) -> None:
    ids = make_shops(store, "s1")
    over, open_ = (context_of(store, ids["s1"], ELEVENTH, settled=settled) for settled in (True, False))
    assert over.content_hash != open_.content_hash
    assert over.common != open_.common
    assert together([over], NOW).as_of == NOW
    assert together([open_], NOW).as_of is None


@pytest.mark.both_databases
def test_contexts_of_shops_alike_are_audited_together(store: Store) -> None:
    ids = make_shops(store, "s1", "s2")
    add(store, *(ReturnAddress(shop_id=ids[code], text=f"{code}的仓库") for code in ("s1", "s2")))
    first, second = (context_of(store, ids[code], ELEVENTH) for code in ("s1", "s2"))
    assert first.content_hash != second.content_hash
    assert first.common == second.common
    assert together([first, second], NOW).return_addresses == {"s1": ("s1的仓库",), "s2": ("s2的仓库",)}


def test_a_context_file_taken_over_comes_back_as_it_was(store: Store, repository: Path) -> None:
    given = context_named(repository / "samples" / "context.yaml")
    ids = make_shops(store, "s1", "s2", "s3")
    for _ in range(2):
        with store.writing() as session:
            take_over_context(session, given, now=NOW)
    seen = context_of(store, ids["s1"], date(2026, 10, 20), ELEVENTH).context
    assert seen.clock_bands == given.clock_bands != DEFAULT_BANDS
    assert seen.promotion_days == given.promotion_days
    assert seen.holidays == {day for day in given.holidays if day.month == 10}
    assert seen.departments == given.departments
    assert seen.return_addresses == {"s1": given.return_addresses["s1"]}
    assert {code: one.team for code, one in seen.agents.items()} == {
        code: one.team for code, one in given.agents.items()
    }
    assert [one for one in seen.roster if one.agents] == [one for one in given.roster if one.day]


@pytest.mark.both_databases
def test_a_context_for_one_shop_is_that_shops_only(store: Store) -> None:
    ids = make_shops(store, "s1", "s2")
    given = Context(
        clock_bands=(ClockBand(0, 1440, limit_seconds=20),),
        promotion_days=frozenset([ELEVENTH]),
        agents={"a1": Agent("a1", "小王", accounts=("店s1:01", "别的:02"))},
        return_addresses={"s1": ("仓库",), "s2": ("另一个",)},
        roster=(RosterEntry(540, 1020, ("a1", "a9"), weekday=0),),
    )
    with store.writing() as session:
        take_over_context(session, given, now=NOW, shop_ids=[ids["s1"]])
    own, other = (context_of(store, ids[code], ELEVENTH).context for code in ("s1", "s2"))
    assert own.clock_bands == given.clock_bands
    assert own.roster == given.roster
    assert own.agents["a1"].accounts == ("店s1:01", "别的:02")
    assert (other.clock_bands, other.promotion_days, other.roster) == (DEFAULT_BANDS, frozenset(), ())
    assert (own.return_addresses, other.return_addresses) == ({"s1": ("仓库",)}, {})
