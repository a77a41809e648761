"""Signing in and out, and the sessions of signed-in browsers.

A login that is being tried is noted as failed before the password is looked at, and taken back when it was right: of any number
of logins tried at the same moment no more than the limit get as far as the password. A refusal never says
whether the login exists, and it costs the same work whether it does or not.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.passwords import STANDARD, Passwords, SamePasswordError, check_password
from qaplatform.store import signing_in as sessions
from qaplatform.store import users
from qaplatform.store.activity import note_down
from qaplatform.store.engine import Store
from qaplatform.store.tables import User
from qaplatform.store.workplace import workplace

IDLE_END = timedelta(hours=8)
ABSOLUTE_END = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)

MOST_FAILURES_OF_LOGIN = 20
MOST_FAILURES_OF_ADDRESS = 100
"""A whole office may come from one address."""
FAILURES_COUNT_FOR = timedelta(hours=1)

_LOGIN = re.compile(r"[\w.@+-]{2,100}")
_ADDRESS_CHARS = 60


class SignInError(QAPlatformError):
    """The login or the password is not right, or the account may not sign in here."""

    code: ClassVar[str] = "sign_in.refused"


class TooManyFailuresError(QAPlatformError):
    """Too many logins have failed; wait an hour, or ask an admin."""

    code: ClassVar[str] = "sign_in.too_many"


class WrongPasswordError(QAPlatformError):
    """The old password is not right."""

    code: ClassVar[str] = "password.wrong"


class DemoUserError(AccessError):
    """The demo's users keep their passwords, or nobody else could try it."""

    code: ClassVar[str] = "password.demo"


class NewSession(msgspec.Struct, frozen=True):
    """A session that has just begun; ``token`` goes into the browser's cookie and is kept nowhere else."""

    token: str
    ends_at: datetime
    user_id: int
    language: str
    must_change_password: bool


class SignedIn(msgspec.Struct, frozen=True):
    """Whose session a request belongs to."""

    viewer: Viewer
    session_id: int
    login: str
    is_demo: bool
    seen_due: bool
    """Whether :func:`note_seen` has something to write."""


def folded_login(login: str) -> str:
    """A login as it is kept: lower case, without what surrounds it."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def is_login(login: str) -> bool:
    """Whether a folded login can be one: 2 to 100 letters, digits and ``. @ + - _``."""
    return _LOGIN.fullmatch(login) is not None


def sign_in(
    store: Store,
    *,
    login: str,
    password: str,
    address: str,
    now: datetime,
    old_token: str | None = None,
    passwords: Passwords = STANDARD,
) -> NewSession:
    """Begin a session, always a new one; the one this browser had before ends.

    Raises:
        SignInError: whatever the reason.
        TooManyFailuresError: of this login or from this address, in the last hour; the password was not looked at.
    """
    login = folded_login(login)
    attempt = _attempted(store, login, address, now)
    with store.reading() as session:
        found = users.user_of(session, login) if is_login(login) else None
    # Outside of any transaction: hashing takes long, and SQLite has one writer.
    is_right = passwords.fits(found.password_hash if found else None, password)
    fresh_hash = (
        passwords.hashed(password) if found and is_right and passwords.is_outdated(found.password_hash) else None
    )

    begun = None
    with store.writing() as session:
        user = users.locked_user(session, found.id) if found and is_right else None
        # What was read above may have changed meanwhile.
        if user and found and user.password_hash == found.password_hash and _can_sign_in(session, user):
            sessions.remove_failure(session, attempt)
            if old_token:
                sessions.end_session(session, _hash(old_token))
            if fresh_hash:
                user.password_hash = fresh_hash
            _forget_ended(session, now)
            begun = _begin(session, user, address, now)
        else:
            # Also for logins nobody has: the same work, so that the time tells nothing.
            subject = found.id if found else None
            note_down(session, now=now, user_id=None, action="sign_in.failed", subject_kind="user", subject_id=subject)
    if begun is None:
        raise SignInError
    return begun


def _can_sign_in(session: Session, user: User) -> bool:
    return user.active and (not user.is_demo or workplace(session) == "demo")


def _begin(session: Session, user: User, address: str, now: datetime) -> NewSession:
    token = secrets.token_urlsafe(32)
    ends_at = now + ABSOLUTE_END
    sessions.add_session(
        session,
        token_hash=_hash(token),
        user_id=user.id,
        address=address[:_ADDRESS_CHARS],
        now=now,
        ends_at=ends_at,
    )
    note_down(session, now=now, user_id=user.id, action="sign_in", subject_kind="user", subject_id=user.id)
    return NewSession(token, ends_at, user.id, user.language, user.must_change_password)


def signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session a token belongs to, with the roles of this moment, in one query; ``None`` if it has ended."""
    row = sessions.session_of(session, _hash(token))
    if row is None or row.ends_at <= now or row.last_seen_at + IDLE_END <= now:
        return None
    if not row.active or (row.is_demo and not row.in_demo_workplace):
        return None
    return SignedIn(
        viewer=Viewer(
            user_id=row.user_id,
            name=row.name,
            language=row.language,
            agent_id=row.agent_id,
            grants=row.grants,
            must_change_password=row.must_change_password,
        ),
        session_id=row.session_id,
        login=row.login,
        is_demo=row.is_demo,
        seen_due=row.last_seen_at + SEEN_EVERY <= now,
    )


def note_seen(session: Session, signed_in: SignedIn, *, now: datetime) -> None:
    """Put off the idle end; call it where ``seen_due`` says so, which is at most once a minute."""
    sessions.saw(session, signed_in.session_id, now=now, last_before=now - SEEN_EVERY)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a session; of one that has ended already nothing is said."""
    user_id = sessions.end_session(session, _hash(token))
    if user_id is not None:
        note_down(session, now=now, user_id=user_id, action="sign_out", subject_kind="user", subject_id=user_id)


def change_password(
    store: Store,
    signed_in: SignedIn,
    *,
    old: str,
    new: str,
    address: str,
    now: datetime,
    passwords: Passwords = STANDARD,
) -> None:
    """Change one's own password; all other sessions end.

    Raises:
        WrongPasswordError: the old one is not right; it counts as a failed login.
        WeakPasswordError: the new one is too weak, or the old one again.
        DemoUserError: a demo user's password is everybody's.
        TooManyFailuresError: too many wrong ones in the last hour.
    """
    signed_in.viewer.demand("self.manage")
    if signed_in.is_demo:
        raise DemoUserError
    check_password(new, login=signed_in.login, name=signed_in.viewer.name)
    user_id = signed_in.viewer.user_id
    attempt = _attempted(store, signed_in.login, address, now)
    with store.reading() as session:
        found = users.user_of(session, signed_in.login)
    is_right = passwords.fits(found.password_hash if found else None, old)
    is_same = is_right and old == new
    new_hash = passwords.hashed(new) if is_right and not is_same else None

    with store.writing() as session:
        user = users.locked_user(session, user_id)
        is_right = is_right and user is not None and found is not None and user.password_hash == found.password_hash
        if is_right:
            sessions.remove_failure(session, attempt)
        if user and is_right and new_hash:
            user.password_hash = new_hash
            user.must_change_password = False
            sessions.end_sessions_of(session, user_id, but=signed_in.session_id)
        action = "user.password_changed" if is_right and new_hash else "user.password_kept"
        note_down(session, now=now, user_id=user_id, action=action, subject_kind="user", subject_id=user_id)
    if not is_right:
        raise WrongPasswordError
    if is_same:
        raise SamePasswordError


def _forget_ended(session: Session, now: datetime) -> None:
    """Remove what has no use any more: ended sessions, and failures that no limit counts."""
    sessions.forget_sessions(session, now=now, seen_before=now - IDLE_END)
    sessions.forget_failures(session, until=now - FAILURES_COUNT_FOR)


def _attempted(store: Store, login: str, address: str, now: datetime) -> int:
    """Note a login as failed for the time being; the note's id."""
    login_hash, address = _hash(login), _neighbourhood(address)
    since = now - FAILURES_COUNT_FOR

    def failures() -> sessions.Failures:
        with store.reading() as session:
            return sessions.failures(session, login_hash=login_hash, address=address, since=since)

    # Asked before anything is written: whoever is over the limit costs the database one query.
    before = failures()
    if before.of_login >= MOST_FAILURES_OF_LOGIN or before.of_address >= MOST_FAILURES_OF_ADDRESS:
        raise TooManyFailuresError
    with store.writing() as session:
        attempt = sessions.add_failure(session, login_hash=login_hash, address=address, now=now)
    # And again: others may have come in between, and each that is committed sees all that were committed before it.
    after = failures()
    if after.of_login > MOST_FAILURES_OF_LOGIN or after.of_address > MOST_FAILURES_OF_ADDRESS:
        with store.writing() as session:
            sessions.remove_failure(session, attempt)
        raise TooManyFailuresError
    return attempt


def _neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 the network of a customer, of which each has many addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:_ADDRESS_CHARS]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
