"""Constraints decide, and say in plain words which one it was."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import FOREIGN_KEY, plain_conflicts
from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, PushToken, Shop, Team
from tests.people import NOW, open_company
from tests.services.admins import leave_room


class TakenError(QAPlatformError):
    """It is taken."""


MEANINGS = dict.fromkeys(
    ("shops_code", "accounts_shop_id_name", "push_tokens_shop_id_name", "teams_name", FOREIGN_KEY), TakenError
)


def shop(session: Session) -> None:
    session.add(Shop(code="s1", name="x", created_at=NOW))


def two_accounts(session: Session) -> None:
    session.add_all(Account(shop_id=1, name="x") for _ in range(2))


def account_of_no_shop(session: Session) -> None:
    session.add(Account(shop_id=999, name="x"))


def two_tokens(session: Session) -> None:
    session.add_all(PushToken(shop_id=1, name="x", token_hash=h * 64, hint="", created_at=NOW) for h in "ab")


def team_in_use(session: Session) -> None:
    session.execute(delete(Team).where(Team.id == 1))


@pytest.mark.parametrize("act", [shop, two_accounts, account_of_no_shop, two_tokens, team_in_use])
def test_what_a_constraint_refuses_is_said_and_the_transaction_goes_on(store: Store, act) -> None:
    open_company(store)
    leave_room(store)
    with store.writing() as session:
        with pytest.raises(TakenError), plain_conflicts(session, MEANINGS):
            act(session)
        session.add(Team(name="later", created_at=NOW))
    with store.reading() as session:
        assert session.scalar(select(Team.id).where(Team.name == "later"))
        assert session.scalars(select(Account)).all() == []


def test_what_has_no_meaning_here_is_raised_as_it_is(store: Store) -> None:
    open_company(store)
    leave_room(store)
    with (
        store.writing() as session,
        pytest.raises(IntegrityError),
        plain_conflicts(session, {"teams_name": TakenError}),
    ):
        shop(session)


def test_a_revoked_token_leaves_its_name_to_others(store: Store) -> None:
    open_company(store)
    leave_room(store)
    with store.writing() as session:
        first = PushToken(shop_id=1, name="x", token_hash="a" * 64, hint="", created_at=NOW, revoked_at=NOW)
        session.add_all([first, PushToken(shop_id=1, name="x", token_hash="b" * 64, hint="", created_at=NOW)])
