"""Who is on which learning path, since when, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.rows import among
from qaplatform.store.tables import Enrolment, User

EndedWhy = Literal["graduated", "stopped"]


class AlreadyEnrolledError(QAPlatformError):
    """This person is on a path already; change the path instead."""

    code: ClassVar[str] = "training.already_enrolled"


class StoredEnrolment(msgspec.Struct, frozen=True):
    """Somebody on a path, or formerly so."""

    id: int
    agent_id: int
    path: str
    hired_on: date
    agreed_at: datetime | None
    agreed_by: int | None
    agreed_name: str | None
    ended_on: date | None
    ended_why: str | None
    user_id: int
    user_name: str | None
    created_at: datetime


def running_enrolments(session: Session, agent_ids: Collection[int]) -> Mapping[int, StoredEnrolment]:
    """Those that run, by agent."""
    asked = _enrolments().where(among(session, Enrolment.agent_id, agent_ids), Enrolment.ended_on.is_(None))
    return {row.agent_id: StoredEnrolment(**row._asdict()) for row in session.execute(asked)}


def running_path(session: Session, agent_id: int) -> str | None:
    """The path somebody is on."""
    return session.scalar(select(Enrolment.path).where(Enrolment.agent_id == agent_id, Enrolment.ended_on.is_(None)))


def enrolments_of(session: Session, agent_id: int) -> list[StoredEnrolment]:
    """All of a person, the newest first."""
    asked = _enrolments().where(Enrolment.agent_id == agent_id).order_by(Enrolment.id.desc())
    return [StoredEnrolment(**row._asdict()) for row in session.execute(asked)]


def running_by_path(session: Session) -> Mapping[str, int]:
    """How many people are on each path, in the whole workplace."""
    asked = select(Enrolment.path, func.count()).where(Enrolment.ended_on.is_(None)).group_by(Enrolment.path)
    return {row[0]: row[1] for row in session.execute(asked)}


def add_enrolment(session: Session, *, agent_id: int, path: str, hired_on: date, user_id: int, now: datetime) -> int:
    """Put somebody on a path; the id.

    Raises:
        AlreadyEnrolledError: they are on one.
    """
    row = Enrolment(agent_id=agent_id, path=path, hired_on=hired_on, user_id=user_id, created_at=now)
    conflicts: dict[str, type[QAPlatformError]] = {
        "enrolments_running": AlreadyEnrolledError, "enrolments_agent_id": AlreadyEnrolledError,
    }  # fmt: skip
    with plain_conflicts(session, conflicts):
        session.add(row)
        session.flush()
    return row.id


def end_enrolment(session: Session, id: int, *, on: date, why: EndedWhy) -> bool:
    """End one that runs; whether it still did."""
    return _changed(session, id, ended_on=on, ended_why=why)


def set_first_day(session: Session, id: int, hired_on: date) -> bool:
    """Count due dates of one that runs from another day; whether it still runs."""
    return _changed(session, id, hired_on=hired_on)


def set_agreed(session: Session, id: int, *, at: datetime | None, by: int | None) -> bool:
    """Note that the mentor agrees to graduating, or no longer does; whether it still runs."""
    return _changed(session, id, agreed_at=at, agreed_by=by)


def _changed(session: Session, id: int, **values: Any) -> bool:
    asked = update(Enrolment).where(Enrolment.id == id, Enrolment.ended_on.is_(None)).values(**values)
    result: Any = session.execute(asked, execution_options={"synchronize_session": False})
    return bool(result.rowcount)


def _enrolments() -> Any:
    by, agreed = aliased(User), aliased(User)
    row = Enrolment
    return (
        select(
            row.id, row.agent_id, row.path, row.hired_on, row.agreed_at, row.agreed_by, agreed.name.label("agreed_name"),
            row.ended_on, row.ended_why, row.user_id, by.name.label("user_name"), row.created_at,
        )
        .outerjoin(by, by.id == row.user_id)
        .outerjoin(agreed, agreed.id == row.agreed_by)
    )  # fmt: skip
