"""The activity log: adding to it and reading it. Nothing here or elsewhere changes or removes a line of it.

It holds ids, numbers and short codes, never what somebody wrote, so that a purge or an erasure has nothing to look for
in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import Activity, Shop, User

MOST_ON_A_PAGE = 500
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._][a-z0-9]+)*")
_CODE = re.compile(r"[a-z][a-z0-9_.:-]{0,79}")
_MOST_ACTION_CHARS = 60
_MOST_KIND_CHARS = 40
_MOST_DETAILS = 20
_MOST_VALUES = 200


class NotForTheLogError(QAPlatformError):
    """The activity log holds ids, numbers and short codes only, never text."""


def note_down(
    session: Session,
    *,
    now: datetime,
    user_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    shop_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add a line: who (``None`` = the system) did what to which thing.

    Names and codes are of small letters, digits and marks, such as ``user.created`` or ``inspector.shop.3``; details
    are such codes, numbers, yes or no, or lists of them.

    Raises:
        NotForTheLogError: something else stands in the line.
    """
    _check_name("action", action, _MOST_ACTION_CHARS)
    _check_name("subject_kind", subject_kind, _MOST_KIND_CHARS)
    _check_details(details or {})
    session.add(
        Activity(
            at=now,
            user_id=user_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            shop_id=shop_id,
            details=dict(details or {}),
        )
    )
    session.flush()


def _check_name(what: str, name: str, most_chars: int) -> None:
    if len(name) > most_chars or not _NAME.fullmatch(name):
        raise NotForTheLogError(f"{what}: {NotForTheLogError().message}")


def _check_details(details: dict[str, Any]) -> None:
    if len(details) > _MOST_DETAILS:
        raise NotForTheLogError(f"details: {len(details)} of them are too many")
    for key, value in details.items():
        if not _CODE.fullmatch(key):
            # The refused words themselves are not repeated: an error may be logged.
            raise NotForTheLogError(f"the name of a detail: {NotForTheLogError().message}")
        values = value if isinstance(value, list | tuple) else [value]
        if len(values) > _MOST_VALUES:
            raise NotForTheLogError(f"details.{key}: {len(values)} values are too many")
        if not all(map(_is_short, values)):
            raise NotForTheLogError(f"details.{key}: {NotForTheLogError().message}")


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return _CODE.fullmatch(value) is not None
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, int)


class ActivityFilter(msgspec.Struct, frozen=True):
    """What to look for in the log; what is ``None`` narrows nothing. Times are half-open."""

    since: datetime | None = None
    until: datetime | None = None
    user_id: int | None = None
    login: str | None = None
    """Of the user, in lower case."""
    action: str | None = None
    """An action, or with a ``.`` at its end all that begin so: ``user.``"""
    subject_kind: str | None = None
    subject_id: int | None = None
    shop_id: int | None = None


class ActivityLine(msgspec.Struct, frozen=True):
    """A line of the log, with the names of today."""

    id: int
    at: datetime
    user_id: int | None
    user_name: str | None
    action: str
    subject_kind: str
    subject_id: int | None
    shop_id: int | None
    shop_name: str | None
    details: dict[str, Any]
    user_login: str | None


class ActivityPage(msgspec.Struct, frozen=True):
    """Some lines, newest first, and where the next page begins (``None`` = there is none)."""

    lines: tuple[ActivityLine, ...]
    next_before: tuple[datetime, int] | None


def activity_page(
    session: Session,
    scope: Scope,
    wanted: ActivityFilter,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> ActivityPage:
    """The newest lines of a scope that a filter lets through, older than ``before`` (time and id of a line).

    A line without a shop lies in no scope but everything.
    """
    limit = max(1, min(limit, MOST_ON_A_PAGE))
    statement: Select[Any] = (
        select(
            Activity.id,
            Activity.at,
            Activity.user_id,
            User.name,
            Activity.action,
            Activity.subject_kind,
            Activity.subject_id,
            Activity.shop_id,
            Shop.name,
            Activity.details,
            User.login,
        )
        .outerjoin(User, User.id == Activity.user_id)
        .outerjoin(Shop, Shop.id == Activity.shop_id)
        .where(*_conditions(wanted))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        at, id = before
        # The first half alone is what an index can begin at.
        statement = statement.where(Activity.at <= at, or_(Activity.at < at, and_(Activity.at == at, Activity.id < id)))
    rows = session.execute(within(statement, scope, shop=Activity.shop_id)).all()
    lines = tuple(ActivityLine(*row) for row in rows[:limit])
    return ActivityPage(lines, (lines[-1].at, lines[-1].id) if len(rows) > limit else None)


def _conditions(wanted: ActivityFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(Activity.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Activity.at < wanted.until)
    if wanted.login is not None:
        # As a number, so that the index on it serves; no such login, no line.
        conditions.append(Activity.user_id == select(User.id).where(User.login == wanted.login).scalar_subquery())
    if wanted.action is not None:
        named = wanted.action
        conditions.append(
            Activity.action.startswith(named, autoescape=True) if named.endswith(".") else Activity.action == named
        )
    for column, value in (
        (Activity.user_id, wanted.user_id),
        (Activity.subject_kind, wanted.subject_kind),
        (Activity.subject_id, wanted.subject_id),
        (Activity.shop_id, wanted.shop_id),
    ):
        if value is not None:
            conditions.append(column == value)
    return conditions


def actions(session: Session) -> Sequence[str]:
    """All actions that stand in the log, sorted: from each to the next in its index, however long the log is."""
    first = select(func.min(Activity.action).label("action")).cte("found", recursive=True)
    following = select(func.min(Activity.action)).where(Activity.action > first.c.action).scalar_subquery()
    found = first.union_all(select(following).where(first.c.action.is_not(None)))
    return session.scalars(select(found.c.action).where(found.c.action.is_not(None)).order_by(found.c.action)).all()
