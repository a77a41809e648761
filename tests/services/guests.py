"""Guests for tests of signing in, and what they leave behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from qaplatform.services.passwords import (
    Cost,
    Passwords,
)
from qaplatform.services.signing_in import (
    SignedIn,
    SignInError,
    change_password,
    sign_in,
)
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, LoginFailure
from tests.people import ADDRESS, NOW, QUICK, whose

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


SECOND = timedelta(seconds=1)


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
