"""How often one may guess, by account and by address."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services.passwords import (
    Cost,
    Passwords,
)
from qaplatform.services.signing_in import (
    FAILURES_COUNT_FOR,
    MOST_FAILURES_OF_ADDRESS,
    MOST_FAILURES_OF_LOGIN,
    SignInError,
    TooManyFailuresError,
    sign_in,
)
from qaplatform.services.users import reset_password
from qaplatform.store.engine import Store
from qaplatform.store.tables import LoginFailure, UserSession
from tests.people import ADDRESS, NOW, QUICK, enter, hire
from tests.services.guests import SECOND, WRONG, Counting, fail, fail_often
from tests.stores import count


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


@pytest.mark.both_databases
def test_an_address_takes_so_many_failures_an_hour_over_all_accounts(store: Store) -> None:
    _, password = hire(store, "wang")
    for number in range(10):
        fail_often(store, MOST_FAILURES_OF_ADDRESS // 10, f"guess{number}")
    with pytest.raises(TooManyFailuresError):
        enter(store, "wang", password)
    assert sign_in(store, login="wang", password=password, address="203.0.113.9", now=NOW, passwords=QUICK)


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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
