"""Managing users: making them, their roles, their agent, their one-time passwords, and letting them in or not.

Everything takes ``by``, who does it; ``None`` is the system itself (the command line, the first start). Everything is
noted in the activity log. Passwords made here are shown once and must be changed at the first sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Literal, get_args

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import ROLES, AccessError, Grant, Viewer
from qaplatform.services.noting import note
from qaplatform.services.passwords import STANDARD, Passwords, readable_password
from qaplatform.services.signing_in import DemoUserError, folded_login, is_login
from qaplatform.services.typed_lines import line_of
from qaplatform.store import signing_in as sessions
from qaplatform.store import users
from qaplatform.store.tables import User
from qaplatform.store.users import LoginTakenError, UserFilter, UserLine

Language = Literal["zh", "en"]

_MOST_NAME_CHARS = 200


class UnknownUserError(QAPlatformError):
    """There is no such user; load the page again."""

    code: ClassVar[str] = "users.unknown"


class LoginFormError(QAPlatformError):
    """A login is 2 to 100 letters, digits and the marks . @ + - _, without spaces."""

    code: ClassVar[str] = "users.login_form"


class NameFormError(QAPlatformError):
    """A name is 1 to 200 characters."""

    code: ClassVar[str] = "users.name_form"


class LanguageError(QAPlatformError):
    """There are Chinese and English."""

    code: ClassVar[str] = "users.language"


class RolesFormError(QAPlatformError):
    """Give at least one role; each in one shop, in one team or in neither, and agents, new hires and admins in neither."""

    code: ClassVar[str] = "users.roles_form"


class OwnAccessError(AccessError):
    """Nobody changes their own roles, agent or account; ask another admin."""

    code: ClassVar[str] = "users.oneself"


class LastAdminError(QAPlatformError):
    """This is the last admin who can sign in; make somebody else an admin first."""

    code: ClassVar[str] = "users.last_admin"


class NewUser(msgspec.Struct, frozen=True):
    """Somebody who shall be able to sign in."""

    login: str
    name: str
    grants: tuple[Grant, ...]
    language: str = "zh"
    agent_id: int | None = None


FIRST_ADMIN = NewUser("admin", "管理员", (Grant("admin"), Grant("qa_lead")))
"""Whoever installs the workplace also looks at the first findings; another admin may take the second role away."""


class OneTimePassword(msgspec.Struct, frozen=True):
    """A password to be shown once, and whose it is."""

    user_id: int
    login: str
    password: str


def ensure_first_admin(session: Session, now: datetime, passwords: Passwords = STANDARD) -> tuple[str, str] | None:
    """Make the first admin where there is no user yet: login and password, to be shown once; else ``None``."""
    if users.has_users(session):
        return None
    try:
        made = create_user(session, FIRST_ADMIN, by=None, now=now, passwords=passwords)
    except LoginTakenError:
        # Two first starts at once: the other one shows the password.
        return None
    return made.login, made.password


def create_user(
    session: Session, new: NewUser, *, by: Viewer | None, now: datetime, passwords: Passwords = STANDARD
) -> OneTimePassword:
    """Make a user; the password to be told to them.

    Raises:
        AccessError: ``by`` may not manage users.
        LoginFormError, NameFormError, RolesFormError, LanguageError: something is written wrongly.
        LoginTakenError, AgentTakenError, UnknownPlaceError: it does not go with what is there.
    """
    _demand(by)
    login = folded_login(new.login)
    if not is_login(login):
        raise LoginFormError
    grants = _checked(new.grants)
    password = readable_password()
    user = User(
        login=login,
        name=line_of(new.name, _MOST_NAME_CHARS, NameFormError),
        password_hash=passwords.hashed(password),
        must_change_password=True,
        language=_checked_language(new.language),
        agent_id=new.agent_id,
        created_at=now,
    )
    user_id = users.add_user(session, user)
    users.set_grants(session, user_id, grants)
    note(session, by, now, "user.created", ("user", user_id), roles=_codes(grants), agent_id=new.agent_id)
    return OneTimePassword(user_id, login, password)


def change_roles(session: Session, user_id: int, grants: Iterable[Grant], *, by: Viewer | None, now: datetime) -> None:
    """Give somebody these roles and no others; it holds from their next request.

    Raises:
        AccessError: ``by`` may not manage users, or is the user.
        RolesFormError: no role, or one that is bound as it cannot be.
        LastAdminError: nobody would be left to manage users.
        UnknownUserError, UnknownPlaceError: no such user, shop or team.
    """
    _demand(by, user_id)
    wanted = _checked(grants)
    held = users.locked_with_admins(session, user_id)
    if held is None:
        raise UnknownUserError
    before = users.grants_of(session, [user_id]).get(user_id, ())
    if _is_admin(before) and not _is_admin(wanted) and not users.has_another_admin(session, user_id):
        raise LastAdminError
    users.set_grants(session, user_id, wanted)
    note(session, by, now, "user.roles_changed", ("user", user_id), before=_codes(before), after=_codes(wanted))


def deactivate(session: Session, user_id: int, *, by: Viewer | None, now: datetime) -> None:
    """Let somebody in no more, from this moment.

    Raises:
        AccessError: ``by`` may not manage users, or is the user.
        LastAdminError: nobody would be left to manage users.
        UnknownUserError: no such user.
    """
    _demand(by, user_id)
    held = users.locked_with_admins(session, user_id)
    if held is None:
        raise UnknownUserError
    is_admin = _is_admin(users.grants_of(session, [user_id]).get(user_id, ()))
    if is_admin and not users.has_another_admin(session, user_id):
        raise LastAdminError
    held.active = False
    sessions.end_sessions_of(session, user_id)
    note(session, by, now, "user.deactivated", ("user", user_id))


def reactivate(session: Session, user_id: int, *, by: Viewer | None, now: datetime) -> None:
    """Let somebody in again, with the roles and the password they had.

    Raises:
        AccessError: ``by`` may not manage users, or is the user.
        UnknownUserError: no such user.
    """
    _changed(session, user_id, by, now, "user.reactivated", lambda user: setattr(user, "active", True))


def link_agent(session: Session, user_id: int, agent_id: int | None, *, by: Viewer | None, now: datetime) -> None:
    """Say which agent somebody is, or that they are none; agents see their own chats by it.

    Raises:
        AccessError: ``by`` may not manage users, or is the user.
        AgentTakenError: somebody else is this agent.
        UnknownUserError, UnknownPlaceError: no such user or agent.
    """

    def link(user: User) -> None:
        with users.plain_conflicts(session):
            user.agent_id = agent_id

    _changed(session, user_id, by, now, "user.agent_linked", link, agent_id=agent_id)


def rename(session: Session, user_id: int, name: str, *, by: Viewer | None, now: datetime) -> None:
    """Correct somebody's name.

    Raises:
        AccessError: ``by`` may not manage users, or is the user.
        NameFormError: it is empty or too long.
        UnknownUserError: no such user.
    """
    checked = line_of(name, _MOST_NAME_CHARS, NameFormError)
    _changed(session, user_id, by, now, "user.renamed", lambda user: setattr(user, "name", checked))


def reset_password(
    session: Session, user_id: int, *, by: Viewer | None, now: datetime, passwords: Passwords = STANDARD
) -> OneTimePassword:
    """Give somebody a new password, to be told to them; all their sessions end.

    Raises:
        AccessError: ``by`` may not manage users, or is the user (who changes the password as everybody does).
        DemoUserError: a demo user's password is everybody's.
        UnknownUserError: no such user.
    """
    password = readable_password()
    password_hash = passwords.hashed(password)

    def reset(user: User) -> None:
        if user.is_demo:
            raise DemoUserError
        user.password_hash = password_hash
        user.must_change_password = True
        sessions.end_sessions_of(session, user_id)

    held = _changed(session, user_id, by, now, "user.password_reset", reset)
    return OneTimePassword(user_id, held.login, password)


def choose_language(session: Session, viewer: Viewer, language: str) -> None:
    """Change the language of one's own pages; no matter for the log.

    Raises:
        LanguageError: there is no such language.
    """
    viewer.demand("self.manage")
    user = users.locked_user(session, viewer.user_id)
    if user is None:
        raise UnknownUserError
    user.language = _checked_language(language)


def users_page(
    session: Session, viewer: Viewer, wanted: UserFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[UserLine], int]:
    """A page of users by login, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage users.
    """
    _demand(viewer)
    return users.users_page(session, wanted, page=page, page_size=page_size)


def user_line(session: Session, viewer: Viewer, user_id: int) -> UserLine:
    """One user, as in the list.

    Raises:
        AccessError: the viewer may not manage users.
        UnknownUserError: no such user.
    """
    found, _ = users_page(session, viewer, UserFilter(user_id=user_id))
    if not found:
        raise UnknownUserError
    return found[0]


def _changed(
    session: Session,
    user_id: int,
    by: Viewer | None,
    now: datetime,
    action: str,
    change: Callable[[User], None],
    **details: object,
) -> User:
    _demand(by, user_id)
    held = users.locked_user(session, user_id)
    if held is None:
        raise UnknownUserError
    change(held)
    note(session, by, now, action, ("user", user_id), shop_id=None, **details)
    return held


def _demand(by: Viewer | None, user_id: int | None = None) -> None:
    if by is None:
        return
    by.demand("users.manage")
    if by.user_id == user_id:
        raise OwnAccessError


def _is_admin(grants: Iterable[Grant]) -> bool:
    return any(grant.role == "admin" for grant in grants)


def _checked(grants: Iterable[Grant]) -> Sequence[Grant]:
    wanted = tuple(dict.fromkeys(grants))
    for grant in wanted:
        bound = grant.shop_id is not None or grant.team_id is not None
        if grant.role not in ROLES or (bound and ROLES[grant.role].binding != "free"):
            raise RolesFormError
        if grant.shop_id is not None and grant.team_id is not None:
            raise RolesFormError
    if not wanted:
        raise RolesFormError
    return wanted


def _checked_language(language: str) -> Language:
    for known in get_args(Language):
        if language == known:
            return known  # type: ignore[no-any-return]
    raise LanguageError


def _codes(grants: Iterable[Grant]) -> list[str]:
    """Roles as the activity log writes them: ``inspector``, ``inspector.shop.3``, ``mentor.team.1``."""
    codes = []
    for grant in grants:
        places = (("shop", grant.shop_id), ("team", grant.team_id))
        codes.append(".".join([grant.role, *(f"{kind}.{id}" for kind, id in places if id is not None)]))
    return codes
