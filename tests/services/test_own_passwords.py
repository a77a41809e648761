"""Passwords that people change themselves, and those an admin resets."""

from __future__ import annotations

import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Grant
from qaplatform.services.passwords import (
    LoginAsPasswordError,
    SamePasswordError,
    ShortPasswordError,
    WeakPasswordError,
)
from qaplatform.services.signing_in import (
    MOST_FAILURES_OF_LOGIN,
    SignInError,
    TooManyFailuresError,
    WrongPasswordError,
)
from qaplatform.services.users import reset_password
from qaplatform.store.engine import Store
from qaplatform.store.tables import LoginFailure
from tests.people import NOW, QUICK, enter, hire, whose
from tests.services.guests import GOOD, WRONG, change, fail_often, logged, present
from tests.stores import count

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


@pytest.mark.both_databases
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
