"""A small company for tests: two shops, two teams, three agents; and passwords that are quick to hash."""

from __future__ import annotations

from datetime import UTC, datetime

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.passwords import Cost, Passwords
from qaplatform.services.signing_in import NewSession, SignedIn, sign_in, signed_in
from qaplatform.services.users import NewUser, create_user
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, Shop, Team

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
ADDRESS = "192.0.2.7"
QUICK = Passwords(Cost(passes=1, memory_kibibytes=8))

SYSTEM_ADMIN = Viewer(user_id=0, name="", grants=(Grant("admin"),))
"""May do what an admin may; is in no database, so it cannot stand in the activity log."""


def open_company(store: Store) -> None:
    """Shops 1 and 2, teams 1 and 2, agents 1 and 2 of the first team and 3 of the second."""
    with store.writing() as session:
        session.add_all(Shop(id=id, code=f"s{id}", name=f"店铺{id}", created_at=NOW) for id in (1, 2))
        session.add_all(Team(id=id, name=f"售后{id}组", created_at=NOW) for id in (1, 2))
        session.flush()
        session.add_all(
            AgentRow(id=id, code=f"a{id}", name=f"客服{id}", team_id=team_id, created_at=NOW)
            for id, team_id in ((1, 1), (2, 1), (3, 2))
        )


def hire(store: Store, login: str, *grants: Grant, agent_id: int | None = None) -> tuple[int, str]:
    """A user of these roles: id and one-time password."""
    with store.writing() as session:
        new = NewUser(login, login.title(), grants or (Grant("inspector"),), agent_id=agent_id)
        made = create_user(session, new, by=None, now=NOW, passwords=QUICK)
    return made.user_id, made.password


def enter(store: Store, login: str, password: str, *, now: datetime = NOW, old_token: str | None = None) -> NewSession:
    """Sign in from the usual address."""
    return sign_in(
        store, login=login, password=password, address=ADDRESS, now=now, old_token=old_token, passwords=QUICK
    )


def whose(store: Store, token: str, *, now: datetime = NOW) -> SignedIn | None:
    """Whose session a token is of."""
    with store.reading() as session:
        return signed_in(session, token, now=now)
