"""Where the web meets the services for signing in: it opens their transactions and turns their refusals into codes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qaplatform import clock
from qaplatform.services import signing_in as service
from qaplatform.services import users
from qaplatform.services.access import PERMISSIONS, ROLES, Viewer
from qaplatform.services.demo_users import DEMO_USERS
from qaplatform.services.passwords import FEWEST_CHARS, WeakPasswordError
from qaplatform.services.signing_in import NewSession, SignedIn
from qaplatform.store.engine import Store

__all__ = [
    "FEWEST_CHARS",
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


class DemoLogin(msgspec.Struct, frozen=True):
    """A login of the demo workplace, shown on the sign-in page; its password is the login itself."""

    login: str
    name: str
    roles: tuple[str, ...]


def viewer_of(store: Store, token: str) -> SignedIn | None:
    """Who signed in with this token, if that still holds; the idle end is put off."""
    now = clock.now()
    with store.reading() as session:
        found = service.signed_in(session, token, now=now)
    if found is not None and found.seen_due:
        _note_seen(store, found, now)
    return found


def _note_seen(store: Store, found: SignedIn, now: datetime) -> None:
    with store.writing() as session:
        service.note_seen(session, found, now=now)


def sign_in(
    store: Store, login: str, password: str, address: str, old_token: str | None
) -> tuple[NewSession | None, str]:
    """A new session, or the code of why there is none; the reason never says whether the login exists."""
    try:
        begun = service.sign_in(
            store, login=login, password=password, address=address, now=clock.now(), old_token=old_token
        )
    except (service.SignInError, service.TooManyFailuresError) as error:
        return None, error.code
    return begun, ""


def sign_out(store: Store, token: str) -> None:
    """End the session of a token."""
    with store.writing() as session:
        service.sign_out(session, token, now=clock.now())


def change_password(store: Store, visit: SignedIn, old: str, new: str, address: str) -> str | None:
    """Set a new password and end all other sessions; or the code of why not."""
    try:
        service.change_password(store, visit, old=old, new=new, address=address, now=clock.now())
    except (
        service.WrongPasswordError,
        service.TooManyFailuresError,
        service.DemoUserError,
        WeakPasswordError,
    ) as error:
        return error.code
    return None


def choose_language(store: Store, viewer: Viewer, language: str) -> None:
    """Keep the language somebody chose."""
    with store.writing() as session:
        users.choose_language(session, viewer, language)


def demo_logins() -> list[DemoLogin]:
    """The logins of the demo workplace."""
    return [DemoLogin(one.login, one.name, (one.role,)) for one in DEMO_USERS]
