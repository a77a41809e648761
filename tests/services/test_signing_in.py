"""Signing in: who is let in, for how long, and how often one may guess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from qaplatform.services.access import Grant
from qaplatform.services.passwords import (
    Cost,
)
from qaplatform.services.signing_in import (
    ABSOLUTE_END,
    IDLE_END,
    SignInError,
    note_seen,
    sign_in,
    sign_out,
)
from qaplatform.services.users import change_roles, deactivate, reactivate
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, LoginFailure, User, UserSession
from tests.people import ADDRESS, NOW, enter, hire, open_company, whose
from tests.services.guests import GOOD, SECOND, WRONG, Counting, change, logged, present
from tests.stores import count

# ------------------------------------------------------------------------------------------- who is let in


def test_the_right_password_begins_a_session_of_that_user(store: Store) -> None:
    user_id, password = hire(store, "wang", Grant("qa_lead"))
    new = enter(store, "wang", password)
    one = present(store, new.token)
    assert (one.viewer.user_id, one.viewer.name, one.viewer.grants) == (user_id, "Wang", (Grant("qa_lead"),))
    assert (new.must_change_password, one.viewer.must_change_password, one.is_demo) == (True, True, False)
    assert new.ends_at == NOW + ABSOLUTE_END


@pytest.mark.parametrize("login", ["wang", "WANG", "  Wang ", "\uff37\uff21\uff2e\uff27"])
def test_a_login_is_taken_in_small_letters(store: Store, login: str) -> None:
    _, password = hire(store, "Wang")
    assert enter(store, login, password)


def test_the_token_itself_is_kept_nowhere(store: Store) -> None:
    _, password = hire(store, "wang")
    new = enter(store, "wang", password)
    with store.reading() as session:
        row = session.scalars(select(UserSession)).one()
    assert new.token not in str(vars(row))
    assert len(row.token_hash) == 64


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("wang", "not the password"),
        ("wang", ""),
        ("nobody", "not the password"),
        ("", ""),
        ("wang\0", "x"),
        ("w" * 5000, "x" * 5000),
        ("\ud800", "\ud800"),
        ("' OR 1=1 --", "x"),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(store: Store, login: str, password: str) -> None:
    hire(store, "wang")
    with pytest.raises(SignInError) as refusal:
        enter(store, login, password)
    assert refusal.value.message == SignInError().message
    assert count(store, UserSession) == 0


def shut_out(store: Store, user_id: int) -> None:
    with store.writing() as session:
        deactivate(session, user_id, by=None, now=NOW)


def mark_as_demo(store: Store, user_id: int) -> None:
    with store.writing() as session:
        session.get_one(User, user_id).is_demo = True


@pytest.mark.parametrize("spoil", [shut_out, mark_as_demo])
def test_a_right_password_does_not_help_who_may_not_come_in(store: Store, spoil: Callable[[Store, int], None]) -> None:
    user_id, password = hire(store, "wang")
    spoil(store, user_id)
    with pytest.raises(SignInError):
        enter(store, "wang", password)
    assert count(store, LoginFailure) == 1


@pytest.mark.parametrize(
    ("login", "password", "work"),
    [("wang", None, ["compared"]), ("wang", WRONG, ["compared"]), ("nobody", WRONG, ["pretended"])],
)
def test_the_hasher_works_once_whether_the_login_exists_or_not(
    store: Store, login: str, password: str | None, work: list[str]
) -> None:
    _, right = hire(store, "wang")
    counting = Counting(Cost(passes=1, memory_kibibytes=8))
    asked = {"login": login, "password": password or right, "address": ADDRESS, "now": NOW, "passwords": counting}
    if password is None:
        sign_in(store, **asked)
    else:
        with pytest.raises(SignInError):
            sign_in(store, **asked)
    assert counting.worked == work


def test_a_refusal_writes_as_much_for_a_login_that_does_not_exist(store: Store) -> None:
    hire(store, "wang")
    lengths = []
    for login in ("wang", "nobody"):
        with pytest.raises(SignInError):
            enter(store, login, WRONG)
        lengths.append((count(store, LoginFailure), len(logged(store))))
    (one_failures, one_lines), (two_failures, two_lines) = lengths
    assert (two_failures - one_failures, two_lines - one_lines) == (1, 1)


def test_a_hash_of_another_cost_is_made_anew_at_the_next_login(store: Store) -> None:
    user_id, password = hire(store, "wang")
    dearer = Counting(Cost(passes=2, memory_kibibytes=16))
    for _ in range(2):
        sign_in(store, login="wang", password=password, address=ADDRESS, now=NOW, passwords=dearer)
    assert dearer.worked == ["compared", "hashed", "compared"]
    with store.reading() as session:
        assert "m=16,t=2" in session.get_one(User, user_id).password_hash
    assert enter(store, "wang", password)


@pytest.mark.both_databases
def test_logins_are_noted_down_without_a_word_of_what_was_typed(store: Store) -> None:
    user_id, password = hire(store, "wang")
    with pytest.raises(SignInError):
        enter(store, "wang", WRONG)
    with pytest.raises(SignInError):
        enter(store, "my secret", WRONG)
    new = enter(store, "wang", password)
    with store.writing() as session:
        sign_out(session, new.token, now=NOW)
        sign_out(session, new.token, now=NOW)
    with store.reading() as session:
        rows = session.execute(
            select(Activity.action, Activity.user_id, Activity.subject_id, Activity.details).order_by(Activity.id)
        ).all()
    assert [tuple(row) for row in rows[1:]] == [
        ("sign_in.failed", None, user_id, {}),
        ("sign_in.failed", None, None, {}),
        ("sign_in", user_id, user_id, {}),
        ("sign_out", user_id, user_id, {}),
    ]
    with store.reading() as session:
        assert not any("secret" in str(vars(row)) for row in session.scalars(select(LoginFailure)))


# ---------------------------------------------------------------------------------------------- sessions


def test_every_login_gives_a_new_session_and_ends_the_browsers_old_one(store: Store) -> None:
    _, password = hire(store, "wang")
    first = enter(store, "wang", password)
    elsewhere = enter(store, "wang", password)
    second = enter(store, "wang", password, old_token=first.token)
    assert len({first.token, elsewhere.token, second.token}) == 3
    assert [whose(store, one.token) is not None for one in (first, elsewhere, second)] == [False, True, True]


def test_a_login_that_fails_ends_nothing(store: Store) -> None:
    _, password = hire(store, "wang")
    first = enter(store, "wang", password)
    with pytest.raises(SignInError):
        enter(store, "wang", WRONG, old_token=first.token)
    assert whose(store, first.token)


@pytest.mark.parametrize(
    ("seen", "asked", "stands"),
    [
        ([], timedelta(0), True),
        ([], IDLE_END - SECOND, True),
        ([], IDLE_END, False),
        ([timedelta(hours=7)], timedelta(hours=14), True),
        ([timedelta(hours=7)], timedelta(hours=15), False),
        ([timedelta(hours=7 * step) for step in range(1, 24)], ABSOLUTE_END - SECOND, True),
        ([timedelta(hours=7 * step) for step in range(1, 24)], ABSOLUTE_END, False),
    ],
)
def test_a_session_ends_by_idleness_and_by_its_time(
    store: Store, seen: list[timedelta], asked: timedelta, stands: bool
) -> None:
    _, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    for after in seen:
        one = present(store, token, NOW + after)
        assert one.seen_due
        with store.writing() as session:
            note_seen(session, one, now=NOW + after)
    assert (whose(store, token, now=NOW + asked) is not None) == stands


@pytest.mark.both_databases
def test_being_seen_is_written_once_a_minute_at_most(store: Store) -> None:
    _, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    due = []
    for seconds in (0, 59, 60, 61, 119, 120):
        now = NOW + seconds * SECOND
        one = present(store, token, now)
        due.append(one.seen_due)
        if one.seen_due:
            with store.writing() as session:
                note_seen(session, one, now=now)
    assert due == [False, False, True, False, False, True]


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "啊" * 10_000])
def test_a_made_up_token_is_nobodys(store: Store, token: str) -> None:
    assert whose(store, token) is None


def test_a_request_costs_one_query_however_many_roles(store: Store) -> None:
    open_company(store)
    _, password = hire(store, "wang", *(Grant("inspector", shop_id=id) for id in (1, 2)), Grant("mentor", team_id=1))
    token = enter(store, "wang", password).token
    asked: list[str] = []

    def note(_conn: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    one = present(store, token)
    assert len(one.viewer.grants) == 3
    assert len(asked) == 1


@pytest.mark.both_databases
def test_a_change_of_roles_acts_at_once(store: Store) -> None:
    user_id, password = hire(store, "wang", Grant("inspector"))
    token = enter(store, "wang", password).token
    change(store, token, password, GOOD)
    before = present(store, token)
    with store.writing() as session:
        change_roles(session, user_id, [Grant("agent")], by=None, now=NOW)
    after = present(store, token)
    assert before.viewer.may("conversations.see")
    assert not after.viewer.may("conversations.see")


def test_a_deactivated_user_is_out_at_once_and_stays_out_when_let_in_again(store: Store) -> None:
    user_id, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    shut_out(store, user_id)
    assert whose(store, token) is None
    with store.writing() as session:
        reactivate(session, user_id, by=None, now=NOW)
    assert whose(store, token) is None
    assert enter(store, "wang", password)


def test_ended_sessions_and_old_failures_are_forgotten_when_somebody_signs_in(store: Store) -> None:
    _, password = hire(store, "wang")
    enter(store, "wang", password)
    with pytest.raises(SignInError):
        enter(store, "wang", WRONG)
    kept = enter(store, "wang", password, now=NOW + IDLE_END - SECOND)
    assert count(store, UserSession) == 2
    enter(store, "wang", password, now=NOW + IDLE_END)
    assert (count(store, UserSession), count(store, LoginFailure)) == (2, 0)
    assert whose(store, kept.token, now=NOW + IDLE_END)
