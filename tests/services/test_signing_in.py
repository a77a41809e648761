"""Signing in: who is let in, for how long, and how often one may guess."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Grant
from qaplatform.services.passwords import (
    Cost,
    LoginAsPasswordError,
    Passwords,
    SamePasswordError,
    ShortPasswordError,
    WeakPasswordError,
)
from qaplatform.services.signing_in import (
    ABSOLUTE_END,
    FAILURES_COUNT_FOR,
    IDLE_END,
    MOST_FAILURES_OF_ADDRESS,
    MOST_FAILURES_OF_LOGIN,
    SignedIn,
    SignInError,
    TooManyFailuresError,
    WrongPasswordError,
    change_password,
    note_seen,
    sign_in,
    sign_out,
)
from qaplatform.services.users import change_roles, deactivate, reactivate, reset_password
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, LoginFailure, User, UserSession
from tests.people import ADDRESS, NOW, QUICK, enter, hire, open_company, whose
from tests.stores import count

WRONG = "not this one"
GOOD = "一句容易记住的很长的话"


class Counting(Passwords):
    """Real passwords that count how often one was hashed or compared."""

    def __init__(self, cost: Cost) -> None:
        super().__init__(cost)
        self.worked: list[str] = []

    def hashed(self, password: str) -> str:
        self.worked.append("hashed")
        return super().hashed(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        self.worked.append("compared" if password_hash else "pretended")
        return super().fits(password_hash, password)


def present(store: Store, token: str, now: datetime = NOW) -> SignedIn:
    one = whose(store, token, now=now)
    assert one
    return one


def logged(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Activity.action).order_by(Activity.id)))


def change(store: Store, token: str, old: str, new: str, now: datetime = NOW) -> None:
    change_password(store, present(store, token, now), old=old, new=new, address=ADDRESS, now=now, passwords=QUICK)


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


SECOND = timedelta(seconds=1)


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


# ----------------------------------------------------------------------------------------------- passwords


def test_a_changed_password_opens_everything_and_ends_all_other_sessions(store: Store) -> None:
    _, password = hire(store, "wang", Grant("qa_lead"))
    mine, other = enter(store, "wang", password).token, enter(store, "wang", password).token
    change(store, mine, password, GOOD)
    one = present(store, mine)
    assert one.viewer.may("conversations.see")
    assert whose(store, other) is None
    with pytest.raises(SignInError):
        enter(store, "wang", password)
    assert not enter(store, "wang", GOOD).must_change_password
    assert logged(store)[-4:] == ["sign_in", "user.password_changed", "sign_in.failed", "sign_in"]


@pytest.mark.parametrize(
    ("new", "error"),
    [("123456789", ShortPasswordError), ("qwertyuiop", WeakPasswordError), ("Wang.Xiaoming", LoginAsPasswordError)],
)
def test_a_weak_password_is_refused_before_anything_happens(
    store: Store, new: str, error: type[QAPlatformError]
) -> None:
    _, password = hire(store, "wang.xiaoming")
    token = enter(store, "wang.xiaoming", password).token
    with pytest.raises(error):
        change(store, token, password, new)
    assert count(store, LoginFailure) == 0
    assert enter(store, "wang.xiaoming", password)


def test_the_same_password_again_is_no_change(store: Store) -> None:
    _, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    with pytest.raises(SamePasswordError):
        change(store, token, password, password)
    one = present(store, token)
    assert one.viewer.must_change_password
    assert count(store, LoginFailure) == 0


def test_whoever_holds_a_session_cannot_guess_the_password_through_it(store: Store) -> None:
    _, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    fail_often(store, MOST_FAILURES_OF_LOGIN - 1)
    with pytest.raises(WrongPasswordError):
        change(store, token, WRONG, GOOD)
    with pytest.raises(TooManyFailuresError):
        change(store, token, password, GOOD)


def test_a_reset_password_ends_all_sessions_and_is_good_for_once(store: Store) -> None:
    user_id, password = hire(store, "wang")
    token = enter(store, "wang", password).token
    change(store, token, password, GOOD)
    with store.writing() as session:
        new = reset_password(session, user_id, by=None, now=NOW, passwords=QUICK)
    assert whose(store, token) is None
    with pytest.raises(SignInError):
        enter(store, "wang", GOOD)
    assert enter(store, "wang", new.password).must_change_password


# ------------------------------------------------------------------------------------------------ guessing


def fail(store: Store, login: str = "wang", address: str = ADDRESS, now: datetime = NOW) -> None:
    with pytest.raises(SignInError):
        sign_in(store, login=login, password=WRONG, address=address, now=now, passwords=QUICK)


def fail_often(store: Store, times: int, login: str = "wang", address: str = ADDRESS) -> None:
    """As often as that; all but the first are copies of what it wrote."""
    fail(store, login, address)
    with store.writing() as session:
        first = session.scalars(select(LoginFailure).order_by(LoginFailure.id.desc()).limit(1)).one()
        session.add_all(
            LoginFailure(login_hash=first.login_hash, address=first.address, at=first.at) for _ in range(times - 1)
        )


@pytest.mark.parametrize("login", ["wang", "nobody"])
def test_an_account_takes_so_many_failures_an_hour_from_wherever(store: Store, login: str) -> None:
    _, password = hire(store, "wang")
    for number in range(MOST_FAILURES_OF_LOGIN):
        fail(store, login, f"198.51.100.{number}", NOW + number * SECOND)
    counting = Counting(Cost(passes=1, memory_kibibytes=8))
    for after in (timedelta(minutes=1), FAILURES_COUNT_FOR - SECOND):
        with pytest.raises(TooManyFailuresError):
            sign_in(store, login=login, password=password, address=ADDRESS, now=NOW + after, passwords=counting)
    assert counting.worked == []
    # Refused guesses don't count, or the door would stay shut for ever; one that was made falls out of the hour at a time.
    later = NOW + FAILURES_COUNT_FOR
    fail(store, login, now=later)
    with pytest.raises(TooManyFailuresError):
        enter(store, login, password, now=later)


def test_the_limit_is_lifted_after_an_hour(store: Store) -> None:
    _, password = hire(store, "wang")
    fail_often(store, MOST_FAILURES_OF_LOGIN)
    assert enter(store, "wang", password, now=NOW + FAILURES_COUNT_FOR)


def test_an_address_takes_so_many_failures_an_hour_over_all_accounts(store: Store) -> None:
    _, password = hire(store, "wang")
    for number in range(10):
        fail_often(store, MOST_FAILURES_OF_ADDRESS // 10, f"guess{number}")
    with pytest.raises(TooManyFailuresError):
        enter(store, "wang", password)
    assert sign_in(store, login="wang", password=password, address="203.0.113.9", now=NOW, passwords=QUICK)


def test_a_login_that_succeeds_clears_neither_count(store: Store) -> None:
    _, password = hire(store, "wang")
    fail_often(store, MOST_FAILURES_OF_LOGIN, "one")
    fail_often(store, MOST_FAILURES_OF_ADDRESS - MOST_FAILURES_OF_LOGIN - 1, "another")
    enter(store, "wang", password)
    fail(store)
    with pytest.raises(TooManyFailuresError):
        enter(store, "wang", password)


def test_a_login_that_succeeds_clears_no_failures_of_the_account(store: Store) -> None:
    _, password = hire(store, "wang")
    for number in range(MOST_FAILURES_OF_LOGIN):
        fail(store)
        if number < MOST_FAILURES_OF_LOGIN - 1:
            enter(store, "wang", password)
    with pytest.raises(TooManyFailuresError):
        enter(store, "wang", password)


@pytest.mark.parametrize(
    ("one", "other", "are_counted_together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("a socket", "a socket", True),
    ],
)
def test_neighbouring_addresses_are_counted_as_one(
    store: Store, one: str, other: str, are_counted_together: bool
) -> None:
    fail_often(store, MOST_FAILURES_OF_ADDRESS, "guess", one)
    try:
        fail(store, "another", other)
    except TooManyFailuresError:
        assert are_counted_together
    else:
        assert not are_counted_together


def test_guesses_made_at_the_same_moment_do_not_slip_through(store: Store) -> None:
    hire(store, "wang")
    fail_often(store, MOST_FAILURES_OF_LOGIN - 3)
    counting = Counting(Cost(passes=1, memory_kibibytes=8))
    start = threading.Barrier(8)
    answers: list[type[BaseException]] = []

    def guess() -> None:
        start.wait()
        try:
            sign_in(store, login="wang", password=WRONG, address=ADDRESS, now=NOW, passwords=counting)
        except QAPlatformError as error:
            answers.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    # Some may be refused that would have fitted, as they see each other's notes; none too many is let through.
    assert 0 <= len(counting.worked) <= 3
    assert answers.count(SignInError) == len(counting.worked)
    assert count(store, LoginFailure) == MOST_FAILURES_OF_LOGIN - 3 + len(counting.worked)


def test_a_password_changed_while_the_old_one_was_being_looked_at_lets_nobody_in(store: Store) -> None:
    user_id, password = hire(store, "wang")

    class Slow(Passwords):
        """An admin sets another password while this one compares."""

        def fits(self, password_hash: str | None, password: str) -> bool:
            is_right = super().fits(password_hash, password)
            with store.writing() as session:
                reset_password(session, user_id, by=None, now=NOW, passwords=QUICK)
            return is_right

    slow = Slow(Cost(passes=1, memory_kibibytes=8))
    with pytest.raises(SignInError):
        sign_in(store, login="wang", password=password, address=ADDRESS, now=NOW, passwords=slow)
    assert count(store, UserSession) == 0
