"""Where the web meets the services for signing in: the only module of the web that knows how they are called.

Until ``services/signing_in.py`` is merged it does the least that is true by itself, on the tables.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from qaplatform import clock
from qaplatform.services.access import PERMISSIONS, ROLES, Grant, Viewer
from qaplatform.store.engine import Store
from qaplatform.store.tables import LoginFailure, User, UserRole, UserSession

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "DemoLogin",
    "SignedIn",
    "Viewer",
    "change_password",
    "choose_language",
    "demo_logins",
    "sign_in",
    "sign_out",
    "viewer_of",
]

SignInCode = Literal["wrong", "too_many"]
PasswordCode = Literal["wrong", "too_short", "same"]
LEAST_PASSWORD_CHARS = 8
_LIFE = timedelta(hours=12)
_IDLE = timedelta(hours=2)
_MOST_FAILURES = 20
_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash(secrets.token_hex())


class SignedIn(msgspec.Struct, frozen=True):
    """Who sent a token, and what the shell must know beside their permissions."""

    viewer: Viewer
    login: str
    must_change_password: bool = False


class DemoLogin(msgspec.Struct, frozen=True):
    """A login of the demo database, shown on the sign-in page; its password is the login itself."""

    login: str
    name: str
    roles: tuple[str, ...]


def viewer_of(store: Store, token: str) -> SignedIn | None:
    """Who signed in with this token, if that still holds."""
    now = clock.now()
    with store.reading() as session:
        row = session.execute(
            select(User, UserSession)
            .join(UserSession, UserSession.user_id == User.id)
            .where(UserSession.token_hash == _digest(token), User.active)
        ).first()
        if row is None or row.UserSession.ends_at <= now or row.UserSession.last_seen_at + _IDLE <= now:
            return None
        user: User = row.User
        return SignedIn(_viewer(session, user), user.login, user.must_change_password)


def sign_in(store: Store, login: str, password: str, address: str) -> tuple[str | None, SignInCode | None]:
    """A new token, or why there is none; the reason never says whether the login exists."""
    now, name = clock.now(), login.strip().lower()
    with store.reading() as session:
        recent = select(func.count()).where(LoginFailure.login == name, LoginFailure.at > now - timedelta(hours=1))
        if (session.scalar(recent) or 0) >= _MOST_FAILURES:
            return None, "too_many"
        user = session.scalars(select(User).where(User.login == name, User.active)).first()
    # The hash is computed whether there is such a user or not: both answers take as long.
    right = _is_right(user.password_hash if user else _NOBODYS, password)
    with store.writing() as session:
        if user is None or not right:
            session.add(LoginFailure(login=name[:100], address=address[:60], at=now))
            return None, "wrong"
        token = secrets.token_urlsafe(32)
        session.add(
            UserSession(
                token_hash=_digest(token),
                user_id=user.id,
                address=address[:60],
                created_at=now,
                last_seen_at=now,
                ends_at=now + _LIFE,
            )
        )
    return token, None


def sign_out(store: Store, token: str) -> None:
    """End the session of a token."""
    with store.writing() as session:
        session.execute(delete(UserSession).where(UserSession.token_hash == _digest(token)))


def change_password(store: Store, viewer: Viewer, token: str, old: str, new: str) -> PasswordCode | None:
    """Set a new password and end all other sessions; or say why not."""
    with store.reading() as session:
        user = session.get_one(User, viewer.user_id)
    if not _is_right(user.password_hash, old):
        return "wrong"
    if len(new) < LEAST_PASSWORD_CHARS:
        return "too_short"
    if new == old:
        return "same"
    hashed = _HASHER.hash(new)
    with store.writing() as session:
        session.execute(
            update(User).where(User.id == viewer.user_id).values(password_hash=hashed, must_change_password=False)
        )
        mine = UserSession.user_id == viewer.user_id
        session.execute(delete(UserSession).where(mine, UserSession.token_hash != _digest(token)))
    return None


def choose_language(store: Store, viewer: Viewer, language: str) -> None:
    """Keep the language somebody chose."""
    with store.writing() as session:
        session.execute(update(User).where(User.id == viewer.user_id).values(language=language))


def demo_logins(store: Store) -> list[DemoLogin]:
    """The logins of a demo database, by login."""
    with store.reading() as session:
        users = session.scalars(select(User).where(User.is_demo, User.active).order_by(User.id)).all()
        return [DemoLogin(user.login, user.name, tuple(g.role for g in _grants(session, user.id))) for user in users]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_right(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _grants(session: Session, user_id: int) -> tuple[Grant, ...]:
    rows = session.scalars(select(UserRole).where(UserRole.user_id == user_id).order_by(UserRole.id))
    return tuple(Grant(row.role, row.shop_id, row.team_id) for row in rows)  # type: ignore[arg-type]


def _viewer(session: Session, user: User) -> Viewer:
    return Viewer(user.id, user.name, user.language, user.agent_id, _grants(session, user.id))
