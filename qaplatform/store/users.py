"""Users and the roles they have been granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store import conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.scopes import Grant, Role, known_grants
from qaplatform.store.tables import AgentRow, User, UserRole, UserSession
from qaplatform.store.typed_text import stands_in
from qaplatform.store.workplace import workplace


class LoginTakenError(QAPlatformError):
    """Somebody else has this login; choose another one."""

    code: ClassVar[str] = "users.login_taken"


class AgentTakenError(QAPlatformError):
    """Another user is this agent already; take the agent from them first."""

    code: ClassVar[str] = "users.agent_taken"


class UnknownPlaceError(QAPlatformError):
    """There is no such shop, team or agent; load the page again."""

    code: ClassVar[str] = "users.place_unknown"


def user_of(session: Session, login: str) -> User | None:
    """The user of a login, which is written in lower case."""
    return session.scalar(select(User).where(User.login == login))


def add_user(session: Session, user: User) -> int:
    """Add a user; the id.

    Raises:
        LoginTakenError: somebody has the login.
        AgentTakenError: somebody is this agent.
        UnknownPlaceError: there is no such agent.
    """
    with plain_conflicts(session):
        session.add(user)
    return user.id


def locked_user(session: Session, user_id: int) -> User | None:
    """A user as it stands now, held until the transaction ends."""
    held = select(User).where(User.id == user_id).with_for_update(key_share=True)
    return session.scalar(held.execution_options(populate_existing=True))


def locked_with_admins(session: Session, user_id: int) -> User | None:
    """A user, held together with everybody who is an admin.

    Whoever is about to take an admin away holds all of them first and counts afterwards: the count of the second of two
    then sees what the first has done. In one query it would not, as a role that another transaction has removed is
    still there in the state the query began with.
    """
    admins = select(UserRole.user_id).where(UserRole.role == "admin")
    held = select(User.id).where(or_(User.id == user_id, User.id.in_(admins))).order_by(User.id)
    session.execute(held.with_for_update(key_share=True)).all()
    return session.get(User, user_id, populate_existing=True)


def has_another_admin(session: Session, user_id: int) -> bool:
    """Whether somebody else can sign in as an admin."""
    found = select(User.id).join(UserRole, UserRole.user_id == User.id)
    found = found.where(User.id != user_id, UserRole.role == "admin", *_can_sign_in(session))
    return session.scalar(found.limit(1)) is not None


def has_users(session: Session) -> bool:
    """Whether there is anybody who can ever sign in here; the demo's users can in the demo only."""
    own = select(User.id) if workplace(session) == "demo" else select(User.id).where(User.is_demo.is_(False))
    return session.scalar(own.limit(1)) is not None


def _can_sign_in(session: Session) -> list[ColumnElement[bool]]:
    active: list[ColumnElement[bool]] = [User.active.is_(True)]
    return active if workplace(session) == "demo" else [*active, User.is_demo.is_(False)]


def grants_of(session: Session, user_ids: Iterable[int]) -> Mapping[int, tuple[Grant, ...]]:
    """The roles of some users, in the order they were given."""
    rows = session.execute(
        select(UserRole.user_id, UserRole.role, UserRole.shop_id, UserRole.team_id)
        .where(UserRole.user_id.in_(sorted(user_ids)))
        .order_by(UserRole.id)
    )
    found: dict[int, tuple[Grant, ...]] = {}
    for user_id, role, shop_id, team_id in rows:
        found[user_id] = found.get(user_id, ()) + known_grants([(role, shop_id, team_id)])
    return found


def set_grants(session: Session, user_id: int, grants: Iterable[Grant]) -> None:
    """Give a user these roles and no others. Hold the user first.

    Raises:
        UnknownPlaceError: there is no such shop or team.
    """
    with plain_conflicts(session):
        session.execute(delete(UserRole).where(UserRole.user_id == user_id))
        session.add_all(
            UserRole(user_id=user_id, role=grant.role, shop_id=grant.shop_id, team_id=grant.team_id) for grant in grants
        )


class UserLine(msgspec.Struct, frozen=True):
    """A user in a list."""

    id: int
    login: str
    name: str
    language: str
    agent_id: int | None
    agent_name: str | None
    is_demo: bool
    active: bool
    must_change_password: bool
    created_at: datetime
    last_seen_at: datetime | None
    """In a session that has not been forgotten yet."""
    grants: tuple[Grant, ...] = ()


class UserFilter(msgspec.Struct, frozen=True):
    """Which users to list; what is ``None`` narrows nothing."""

    text: str | None = None
    """In the login or the name, small or capital."""
    role: Role | None = None
    active: bool | None = None
    user_id: int | None = None


def users_page(
    session: Session, wanted: UserFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[UserLine], int]:
    """A page of users by login, and how many there are on all pages."""
    conditions = _conditions(wanted)
    seen = select(func.max(UserSession.last_seen_at)).where(UserSession.user_id == User.id).scalar_subquery()
    found: Any = (
        select(
            User.id,
            User.login,
            User.name,
            User.language,
            User.agent_id,
            AgentRow.name,
            User.is_demo,
            User.active,
            User.must_change_password,
            User.created_at,
            seen,
        )
        .outerjoin(AgentRow, AgentRow.id == User.agent_id)
        .where(*conditions)
        .order_by(User.login)
    )
    rows = session.execute(page_of(found, page, page_size)).all()
    grants = grants_of(session, [row[0] for row in rows])
    lines = [UserLine(*(*row, grants.get(row[0], ()))) for row in rows]
    return lines, count_of(session, select(User.id).where(*conditions))


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(stands_in(wanted.text, User.login, User.name))
    if wanted.role is not None:
        conditions.append(exists().where(UserRole.user_id == User.id, UserRole.role == wanted.role))
    if wanted.active is not None:
        conditions.append(User.active.is_(wanted.active))
    if wanted.user_id is not None:
        conditions.append(User.id == wanted.user_id)
    return conditions


def plain_conflicts(session: Session) -> AbstractContextManager[None]:
    """What the block adds or changes is written at its end; a constraint that it breaks is said in plain words."""
    return conflicts.plain_conflicts(session, _MEANINGS)


_MEANINGS: Mapping[str, type[QAPlatformError]] = {
    conflicts.FOREIGN_KEY: UnknownPlaceError,
    "users_agent_id": AgentTakenError,
    "users_login": LoginTakenError,
}
