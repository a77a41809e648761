"""A workplace gets its first admin by itself, and is never without one."""

from __future__ import annotations

import threading

import pytest

from qaplatform.services.access import Viewer
from qaplatform.services.users import (
    LastAdminError,
    change_roles,
    deactivate,
    ensure_first_admin,
)
from qaplatform.store.engine import Store
from qaplatform.store.tables import User
from qaplatform.store.workplace import set_workplace
from tests.people import NOW, QUICK, enter, hire, whose
from tests.services.test_users import ACTS, ADMIN, LEAD, boss, run, user

# ---------------------------------------------------------------------------------------------- first admin


def test_an_empty_workplace_gets_a_first_admin_whose_password_is_shown_once(store: Store) -> None:
    with store.writing() as session:
        made = ensure_first_admin(session, NOW, QUICK)
    assert made
    login, password = made
    assert len(password) == 19
    one = whose(store, enter(store, login, password).token)
    assert one
    assert one.viewer.grants == (ADMIN, LEAD)
    assert one.viewer.must_change_password
    with store.writing() as session:
        assert ensure_first_admin(session, NOW, QUICK) is None


def test_where_there_are_users_no_admin_appears(store: Store) -> None:
    hire(store, "wang")
    with store.writing() as session:
        assert ensure_first_admin(session, NOW, QUICK) is None


@pytest.mark.both_databases
def test_of_two_first_starts_one_makes_the_admin(store: Store) -> None:
    start = threading.Barrier(2)
    made: list[tuple[str, str] | None] = []

    def first_start() -> None:
        start.wait()
        with store.writing() as session:
            made.append(ensure_first_admin(session, NOW, QUICK))

    run(first_start, first_start)
    assert len([one for one in made if one]) == 1
    assert len(made) == 2


# ---------------------------------------------------------------------------------------------- last admin


@pytest.mark.parametrize("action", ["user.roles_changed", "user.deactivated"])
def test_the_last_admin_stays(store: Store, action: str) -> None:
    last, other = boss(store).user_id, boss(store, "other").user_id
    with store.writing() as session:
        ACTS[action](session, other, None)
    with pytest.raises(LastAdminError), store.writing() as session:
        ACTS[action](session, last, None)
    assert user(store, last).active


def test_an_admin_who_keeps_the_role_may_get_and_lose_others(store: Store) -> None:
    last = boss(store).user_id
    with store.writing() as session:
        change_roles(session, last, [ADMIN, LEAD], by=None, now=NOW)
        change_roles(session, last, [ADMIN], by=None, now=NOW)


@pytest.mark.both_databases
@pytest.mark.parametrize("spoil", ["active", "is_demo"])
def test_an_admin_who_cannot_sign_in_is_none(store: Store, spoil: str) -> None:
    last, other = boss(store).user_id, boss(store, "other").user_id
    with store.writing() as session:
        setattr(session.get_one(User, other), spoil, spoil == "is_demo")
    with pytest.raises(LastAdminError), store.writing() as session:
        deactivate(session, last, by=None, now=NOW)


@pytest.mark.both_databases
def test_in_the_demo_a_demo_admin_is_one(store: Store) -> None:
    last, other = boss(store).user_id, boss(store, "other").user_id
    with store.writing() as session:
        set_workplace(session, "demo")
        session.get_one(User, other).is_demo = True
    with store.writing() as session:
        deactivate(session, last, by=None, now=NOW)


@pytest.mark.both_databases
@pytest.mark.parametrize("first", ["user.roles_changed", "user.deactivated"])
@pytest.mark.parametrize("second", ["user.roles_changed", "user.deactivated"])
def test_two_who_take_each_other_away_at_once_leave_one(store: Store, first: str, second: str) -> None:
    for round_number in range(5):
        one, two = boss(store, f"one{round_number}"), boss(store, f"two{round_number}")
        start = threading.Barrier(2)
        outcomes: list[str] = []

        def act(action: str, by: Viewer, on: Viewer, start: threading.Barrier, outcomes: list[str]) -> None:
            start.wait()
            try:
                with store.writing() as session:
                    ACTS[action](session, on.user_id, by)
                outcomes.append("done")
            except LastAdminError:
                outcomes.append("refused")

        run(
            lambda one=one, two=two, start=start, outcomes=outcomes: act(first, one, two, start, outcomes),
            lambda one=one, two=two, start=start, outcomes=outcomes: act(second, two, one, start, outcomes),
        )
        assert sorted(outcomes) == ["done", "refused"]
        # Whoever is left goes before the next round, with a hand from outside.
        with store.writing() as session:
            for left in (one, two):
                session.get_one(User, left.user_id).active = False


@pytest.mark.both_databases
def test_the_second_of_two_counts_what_the_first_has_left(store: Store) -> None:
    """The same, with the second one certainly begun before the first has ended."""
    one, two = boss(store), boss(store, "two")
    second_begun = threading.Event()
    outcomes: list[str] = []

    def take_two_away() -> None:
        second_begun.set()
        try:
            with store.writing() as session:
                change_roles(session, two.user_id, [LEAD], by=one, now=NOW)
            outcomes.append("done")
        except LastAdminError:
            outcomes.append("refused")

    with store.writing() as session:
        change_roles(session, one.user_id, [LEAD], by=two, now=NOW)
        other = threading.Thread(target=take_two_away)
        other.start()
        second_begun.wait()
        # It waits for us; however long it does, it must not pass.
        other.join(timeout=0.3)
        assert outcomes == []
    other.join()
    assert outcomes == ["refused"]
