"""Sessions of signed-in browsers, and logins that failed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from qaplatform.store.scopes import Grant, known_grants
from qaplatform.store.tables import LoginFailure, User, UserRole, UserSession
from qaplatform.store.workplace import workplace_setting


class SessionRow(msgspec.Struct, frozen=True):
    """A session with its user and the roles the user has now."""

    session_id: int
    last_seen_at: datetime
    ends_at: datetime
    user_id: int
    login: str
    name: str
    language: str
    agent_id: int | None
    active: bool
    is_demo: bool
    must_change_password: bool
    in_demo_workplace: bool
    grants: tuple[Grant, ...]


def session_of(session: Session, token_hash: str) -> SessionRow | None:
    """The session of a token, all in one query, whether it has ended or not."""
    rows = session.execute(
        select(UserSession, User, workplace_setting(), UserRole.role, UserRole.shop_id, UserRole.team_id)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .where(UserSession.token_hash == token_hash)
        .order_by(UserRole.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return None
    begun, user, setting, *_ = rows[0]
    return SessionRow(
        session_id=begun.id,
        last_seen_at=begun.last_seen_at,
        ends_at=begun.ends_at,
        user_id=user.id,
        login=user.login,
        name=user.name,
        language=user.language,
        agent_id=user.agent_id,
        active=user.active,
        is_demo=user.is_demo,
        must_change_password=user.must_change_password,
        in_demo_workplace=setting == "demo",
        grants=known_grants((role, shop_id, team_id) for _, _, _, role, shop_id, team_id in rows),
    )


def add_session(
    session: Session, *, token_hash: str, user_id: int, address: str, now: datetime, ends_at: datetime
) -> int:
    """Begin a session; its id."""
    row = UserSession(
        token_hash=token_hash, user_id=user_id, address=address, created_at=now, last_seen_at=now, ends_at=ends_at
    )
    session.add(row)
    session.flush()
    return row.id


def end_session(session: Session, token_hash: str) -> int | None:
    """End the session of a token; whose it was, ``None`` if there was none."""
    return session.scalar(
        delete(UserSession).where(UserSession.token_hash == token_hash).returning(UserSession.user_id)
    )


def end_sessions_of(session: Session, user_id: int, *, but: int | None = None) -> None:
    """End all sessions of a user, or all but one."""
    ended = delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(ended if but is None else ended.where(UserSession.id != but))


def saw(session: Session, session_id: int, *, now: datetime, last_before: datetime) -> None:
    """Note that a session is in use, unless somebody has just noted it."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.last_seen_at <= last_before)
        .values(last_seen_at=now)
    )


def forget_sessions(session: Session, *, now: datetime, seen_before: datetime) -> None:
    """Remove sessions that have ended, by their time or by idleness."""
    session.execute(delete(UserSession).where(or_(UserSession.ends_at <= now, UserSession.last_seen_at <= seen_before)))


class Failures(NamedTuple):
    """So many logins failed or are being tried."""

    of_login: int
    of_address: int


def failures(session: Session, *, login_hash: str, address: str, since: datetime) -> Failures:
    """How many there were after a moment, of an account and from an address."""
    recent = select(func.count()).select_from(LoginFailure).where(LoginFailure.at > since)
    row = session.execute(
        select(
            recent.where(LoginFailure.login_hash == login_hash).scalar_subquery(),
            recent.where(LoginFailure.address == address).scalar_subquery(),
        )
    ).one()
    return Failures(*row)


def add_failure(session: Session, *, login_hash: str, address: str, now: datetime) -> int:
    """Note a login as failed; its id."""
    row = LoginFailure(login_hash=login_hash, address=address, at=now)
    session.add(row)
    session.flush()
    return row.id


def remove_failure(session: Session, failure_id: int) -> None:
    """Take back a failure that was none."""
    session.execute(delete(LoginFailure).where(LoginFailure.id == failure_id))


def forget_failures(session: Session, *, until: datetime) -> None:
    """Remove failures that no limit counts any more."""
    session.execute(delete(LoginFailure).where(LoginFailure.at <= until))
