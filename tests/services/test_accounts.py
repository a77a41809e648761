"""Whose platform accounts are: by days and shifts, and never two people's at the same moment."""

from __future__ import annotations

import itertools
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.errors import QAPlatformError
from qaplatform.services import accounts
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.accounts import (
    AccountNameFormError,
    HolderDaysError,
    HolderFields,
    HolderMinutesError,
    HolderOverlapError,
    UnknownAccountError,
    likely_holders,
    overlap,
)
from qaplatform.store.accounts import AccountFilter, AccountLine, AccountTakenError
from qaplatform.store.agents import AgentChoice
from qaplatform.store.engine import Store
from qaplatform.store.users import UnknownPlaceError
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of

D1, D2, D3, D4 = (date(2026, 11, day) for day in (1, 8, 15, 22))


def make(store: Store, admin: Viewer, name: str = "店铺1:晓棠", shop_id: int = 1) -> int:
    with store.writing() as session:
        return accounts.create_account(session, shop_id, name, by=admin, now=NOW)


def hold(store: Store, admin: Viewer, account_id: int, agent_id: int = 1, **more: Any) -> int:
    with store.writing() as session:
        return accounts.add_holder(session, account_id, HolderFields(agent_id, **more), by=admin, now=NOW)


def line(store: Store, admin: Viewer, account_id: int) -> AccountLine:
    with store.reading() as session:
        return accounts.account_line(session, admin, account_id)


# --------------------------------------------------------------------------------------------------- overlap


@pytest.mark.parametrize(
    ("one", "other", "overlapping"),
    [
        ({}, {}, True),
        ({"until_day": D2}, {"from_day": D2}, False),
        ({"until_day": D2}, {"from_day": D2 - timedelta(days=1)}, True),
        ({"from_day": D1, "until_day": D2}, {"from_day": D3, "until_day": D4}, False),
        ({"from_day": D1, "until_day": D3}, {"from_day": D2, "until_day": D4}, True),
        ({"from_day": D1, "until_day": D4}, {"from_day": D2, "until_day": D3}, True),
        ({"from_day": D1}, {}, True),
        ({"start_minute": 0, "end_minute": 720}, {"start_minute": 720, "end_minute": 1440}, False),
        ({"start_minute": 0, "end_minute": 721}, {"start_minute": 720, "end_minute": 1440}, True),
        # Past midnight: 22:00–06:00 meets what begins before six, also on the day after its last.
        ({"start_minute": 1320, "end_minute": 1800}, {"start_minute": 360, "end_minute": 1320}, False),
        ({"start_minute": 1320, "end_minute": 1800}, {"start_minute": 300, "end_minute": 600}, True),
        (
            {"start_minute": 1320, "end_minute": 1800, "from_day": D1, "until_day": D2},
            {"start_minute": 300, "end_minute": 600, "from_day": D2},
            True,
        ),
        (
            {"start_minute": 1320, "end_minute": 1800, "from_day": D1, "until_day": D2},
            {"start_minute": 300, "end_minute": 600, "from_day": D2 + timedelta(days=1)},
            False,
        ),
        (
            {"start_minute": 1320, "end_minute": 1800, "from_day": D2},
            {"start_minute": 300, "end_minute": 600, "until_day": D2 + timedelta(days=1)},
            False,
        ),
        (
            {"start_minute": 1320, "end_minute": 1800, "from_day": D2},
            {"start_minute": 300, "end_minute": 600, "until_day": D2 + timedelta(days=2)},
            True,
        ),
    ],
)
def test_two_overlap_where_both_hold_it_at_one_moment(
    one: dict[str, Any], other: dict[str, Any], overlapping: bool
) -> None:
    first, second = HolderFields(1, **one), HolderFields(2, **other)
    assert overlap(first, second) is overlapping
    assert overlap(second, first) is overlapping


def minutes_held(fields: HolderFields) -> set[int]:
    """Every minute that is held, counted from a day on; for short spans only."""
    first, until = fields.from_day, fields.until_day
    assert first is not None
    assert until is not None
    days = range(first.toordinal(), until.toordinal())
    return {day * 1440 + minute for day in days for minute in range(fields.start_minute, fields.end_minute)}


@st.composite
def holdings(draw: st.DrawFn) -> HolderFields:
    first = D1 + timedelta(days=draw(st.integers(0, 4)))
    start = draw(st.integers(0, 23)) * 60
    return HolderFields(
        1,
        from_day=first,
        until_day=first + timedelta(days=draw(st.integers(1, 3))),
        start_minute=start,
        end_minute=start + draw(st.integers(1, 24)) * 60,
    )


@given(holdings(), holdings())
def test_overlap_says_what_counting_minutes_says(one: HolderFields, other: HolderFields) -> None:
    assert overlap(one, other) == bool(minutes_held(one) & minutes_held(other))


# -------------------------------------------------------------------------------------------------- managing


def test_an_account_is_given_by_days_and_shifts(company: Store, admin: Viewer) -> None:
    id = make(company, admin, " 店铺1:夜班 ")
    assert line(company, admin, id).holders == ()
    hold(company, admin, id, 1, until_day=D1)
    hold(company, admin, id, 2, from_day=D1, start_minute=540, end_minute=1320)
    night = hold(company, admin, id, 3, from_day=D1, start_minute=1320, end_minute=1800)
    found = line(company, admin, id)
    assert (found.name, found.shop_name) == ("店铺1:夜班", "店铺1")
    assert [one.agent_id for one in found.holders] == [2, 3, 1]
    with company.writing() as session:
        accounts.change_holder(
            session, id, night, HolderFields(1, from_day=D1, start_minute=1380, end_minute=1800), by=admin, now=NOW
        )
        accounts.remove_holder(session, id, found.holders[0].id, by=admin, now=NOW)
    assert [(one.agent_id, one.start_minute) for one in line(company, admin, id).holders] == [(1, 1380), (1, 0)]
    assert [(action, details) for action, _, _, details in log_of(company, "account.")] == [
        ("account.created", {}),
        ("account.holder_added", {"agent_id": 1}),
        ("account.holder_added", {"agent_id": 2}),
        ("account.holder_added", {"agent_id": 3}),
        ("account.holder_changed", {"agent_id": 1}),
        ("account.holder_removed", {}),
    ]
    assert {shop for _, _, shop, _ in log_of(company, "account.")} == {1}


@pytest.mark.both_databases
def test_an_overlap_is_refused_and_says_with_whom(company: Store, admin: Viewer) -> None:
    id = make(company, admin)
    hold(company, admin, id, 1, until_day=D2)
    later = hold(company, admin, id, 2, from_day=D2)
    with pytest.raises(HolderOverlapError) as refused:
        hold(company, admin, id, 3, from_day=D1, until_day=D2)
    assert refused.value.other.agent_name == "客服1"
    with company.writing() as session, pytest.raises(HolderOverlapError):
        accounts.change_holder(session, id, later, HolderFields(2, from_day=D1), by=admin, now=NOW)
    with company.writing() as session:
        accounts.change_holder(session, id, later, HolderFields(3, from_day=D2, until_day=D4), by=admin, now=NOW)
    other = make(company, admin, "另一个")
    hold(company, admin, other, 1)


@pytest.mark.both_databases
def test_of_two_who_give_it_at_once_one_is_refused(company: Store, admin: Viewer) -> None:
    id = make(company, admin)
    start = threading.Barrier(2)
    refused: list[int] = []

    def give(agent_id: int) -> None:
        start.wait()
        try:
            hold(company, admin, id, agent_id)
        except HolderOverlapError:
            refused.append(agent_id)

    threads = [threading.Thread(target=give, args=(agent,)) for agent in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert len(line(company, admin, id).holders) == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"from_day": D2, "until_day": D2}, HolderDaysError),
        ({"from_day": D2, "until_day": D1}, HolderDaysError),
        ({"start_minute": 600, "end_minute": 600}, HolderMinutesError),
        ({"start_minute": 600, "end_minute": 500}, HolderMinutesError),
        ({"start_minute": -1}, HolderMinutesError),
        ({"start_minute": 1440, "end_minute": 1500}, HolderMinutesError),
        ({"start_minute": 60, "end_minute": 1501}, HolderMinutesError),
        ({"agent_id": 99}, UnknownPlaceError),
    ],
)
def test_what_cannot_be_is_refused(
    company: Store, admin: Viewer, fields: dict[str, Any], error: type[QAPlatformError]
) -> None:
    id = make(company, admin)
    with pytest.raises(error):
        hold(company, admin, id, **fields)
    assert line(company, admin, id).holders == ()


def test_names_are_one_line_and_once_a_shop(company: Store, admin: Viewer) -> None:
    make(company, admin)
    make(company, admin, shop_id=2)
    for name, shop_id, error in (
        ("", 1, AccountNameFormError),
        ("x" * 201, 1, AccountNameFormError),
        ("店铺1:晓棠", 1, AccountTakenError),
        ("x", 99, UnknownPlaceError),
    ):
        with pytest.raises(error):
            make(company, admin, name, shop_id)


@pytest.mark.both_databases
def test_an_account_goes_with_its_holders(company: Store, admin: Viewer) -> None:
    id, other, third = (make(company, admin, name) for name in "abc")
    holding, of_other = hold(company, admin, id), hold(company, admin, other)
    with company.writing() as session:
        with pytest.raises(UnknownAccountError):
            accounts.remove_holder(session, id, of_other, by=admin, now=NOW)
        with pytest.raises(UnknownAccountError):
            accounts.change_holder(session, third, holding, HolderFields(1), by=admin, now=NOW)
    with company.writing() as session:
        accounts.remove_account(session, id, by=admin, now=NOW)
    with pytest.raises(UnknownAccountError):
        line(company, admin, id)
    assert len(line(company, admin, other).holders) == 1


@pytest.mark.both_databases
def test_the_list_has_those_nobody_holds_first(company: Store, admin: Viewer) -> None:
    ids = {name: make(company, admin, name, shop_id) for name, shop_id in (("b", 1), ("a", 2), ("c", 1), ("d", 1))}
    hold(company, admin, ids["b"], 1)
    hold(company, admin, ids["c"], 2, until_day=D1)

    def names(**wanted: Any) -> list[str]:
        with company.reading() as session:
            return [one.name for one in accounts.accounts_page(session, admin, AccountFilter(**wanted))[0]]

    assert names() == ["d", "a", "b", "c"]
    assert names(held=False) == ["d", "a"]
    assert names(held=True, shop_id=1) == ["b", "c"]
    assert names(agent_id=2) == ["c"]
    assert names(text="客服1") == ["b"]
    assert names(text="D") == ["d"]
    with company.reading() as session:
        found, total = accounts.accounts_page(session, admin, AccountFilter(), page=2, page_size=3)
    assert ([one.name for one in found], total) == (["c"], 4)


def test_free_accounts_are_given_many_at_once_and_held_ones_left_alone(company: Store, admin: Viewer) -> None:
    first, second, held = (make(company, admin, name) for name in "abc")
    hold(company, admin, held, 3, until_day=D1)
    with company.writing() as session:
        assert accounts.assign_free(session, {first: 1, second: 2, held: 1}, by=admin, now=NOW) == 2
    given = [line(company, admin, id).holders for id in (first, second, held)]
    assert [[one.agent_id for one in holders] for holders in given] == [[1], [2], [3]]
    free = make(company, admin, "d")
    with company.writing() as session, pytest.raises(UnknownPlaceError):
        accounts.assign_free(session, {free: 99}, by=admin, now=NOW)


AGENTS = (
    AgentChoice(1, "a01", "苏晓棠", "家居组", None),
    AgentChoice(2, "a02", "韩立峰", "家居组", None),
    AgentChoice(3, "a03", "李立峰", "家居组", None),
    AgentChoice(4, "a04", "陈默", "家居组", None),
    AgentChoice(5, "a05", "郑雪莹", "家居组", D1),
    AgentChoice(6, "lucy", "Lucy", None, None),
)


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        ("禾木家居:晓棠", 1),
        ("禾木家居：苏晓棠", 1),
        ("苏晓棠", 1),
        ("禾木家居:晓棠01", 1),
        ("禾木家居:立峰", None),
        ("禾木家居:韩立峰", 2),
        ("禾木家居:陈默", 4),
        ("禾木家居:默", None),
        ("禾木家居:a02", 2),
        ("禾木家居:a021", None),
        ("shop:LUCY", 6),
        ("shop:lucy2", None),
        ("禾木家居:雪莹", None),
        ("禾木家居:客服01", None),
        ("晓棠家居:客服01", None),
        ("禾木家居:", None),
    ],
)
def test_a_likely_holder_is_the_one_who_is_named(name: str, agent: int | None) -> None:
    found = likely_holders([AccountLine(7, name, 1, "店铺1")], AGENTS)
    assert found == ({} if agent is None else {7: agent})


def test_only_who_may_manage_people_does(company: Store, admin: Viewer) -> None:
    id = make(company, admin)
    holding = hold(company, admin, id)
    with company.writing() as session:
        acts = (
            lambda: accounts.create_account(session, 1, "x", by=OUTSIDER, now=NOW),
            lambda: accounts.remove_account(session, id, by=OUTSIDER, now=NOW),
            lambda: accounts.add_holder(session, id, HolderFields(1), by=OUTSIDER, now=NOW),
            lambda: accounts.change_holder(session, id, holding, HolderFields(1), by=OUTSIDER, now=NOW),
            lambda: accounts.remove_holder(session, id, holding, by=OUTSIDER, now=NOW),
            lambda: accounts.assign_free(session, {}, by=OUTSIDER, now=NOW),
            lambda: accounts.accounts_page(session, OUTSIDER, AccountFilter()),
        )
        for act in acts:
            with pytest.raises(AccessError):
                act()
        with pytest.raises(UnknownAccountError):
            accounts.add_holder(session, 99, HolderFields(1), by=admin, now=NOW)


def test_shifts_of_a_day_that_touch_may_all_stand(company: Store, admin: Viewer) -> None:
    id = make(company, admin)
    bounds = [0, 480, 960, 1440]
    for agent, (start, end) in enumerate(itertools.pairwise(bounds), start=1):
        hold(company, admin, id, agent, start_minute=start, end_minute=end)
    assert len(line(company, admin, id).holders) == 3
