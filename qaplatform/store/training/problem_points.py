"""Problem points: what a mentor noted of a new hire's day, where, why, what was said to it, and what comes next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import DailyLog, LogAnswer, ProblemPoint, User

Cause = Literal["knowledge", "process", "system", "attitude"]
Severity = Literal["minor", "major", "critical"]


class PointPlace(msgspec.Struct, frozen=True):
    """Where a point lies: a chat, a message of it, characters ``start:end`` of its original text; ``None`` = the whole."""

    conversation_id: int | None = None
    message: int | None = None
    start: int | None = None
    end: int | None = None
    criterion: str | None = None
    finding_key: str | None = None


class PointContent(msgspec.Struct, frozen=True):
    """What a mentor writes."""

    what: str
    cause: Cause
    severity: Severity
    coaching: str = ""
    next_step: str = ""
    next_due_on: date | None = None


class ReadPoint(msgspec.Struct, frozen=True):
    """A point with the day it belongs to."""

    id: int
    log_id: int
    agent_id: int
    day: date
    conversation_id: int | None
    message: int | None
    start: int | None
    end: int | None
    criterion: str | None
    finding_key: str | None
    what: str
    cause: Cause
    severity: Severity
    coaching: str
    next_step: str
    next_due_on: date | None
    next_done_at: datetime | None
    user_id: int
    author: str
    created_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    is_answered: bool
    """Whether the new hire has answered it, or the log after it was written: it changes no more."""

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.withdrawn_at is None


def points_of(session: Session, log_id: int) -> list[ReadPoint]:
    """The points of a log in the order in which they were written, with those that were withdrawn."""
    return _read(session, _points().where(ProblemPoint.log_id == log_id).order_by(ProblemPoint.id))


def point_of(session: Session, point_id: int) -> ReadPoint | None:
    """The point of an id."""
    return next(iter(_read(session, _points().where(ProblemPoint.id == point_id))), None)


def point_of_finding(session: Session, agent_id: int, conversation_id: int, finding_key: str) -> int | None:
    """The newest standing point of somebody that was made of a finding."""
    asked = (
        select(ProblemPoint.id)
        .join(DailyLog, DailyLog.id == ProblemPoint.log_id)
        .where(
            ProblemPoint.conversation_id == conversation_id, ProblemPoint.finding_key == finding_key,
            ProblemPoint.withdrawn_at.is_(None), DailyLog.agent_id == agent_id,
        )
        .order_by(ProblemPoint.id.desc())
        .limit(1)
    )  # fmt: skip
    return session.scalar(asked)


def points_between(session: Session, agent_id: int, since: date, until: date) -> list[ReadPoint]:
    """The standing points of somebody's days from one to before another, by day."""
    asked = _points().where(
        DailyLog.agent_id == agent_id, DailyLog.day >= since, DailyLog.day < until, ProblemPoint.withdrawn_at.is_(None)
    )
    return _read(session, asked.order_by(DailyLog.day, ProblemPoint.id))


def next_steps(
    session: Session, agent_ids: Collection[int], *, due_until: date, limit: int
) -> tuple[list[ReadPoint], dict[int, int]]:
    """The open next steps of some people that are due on a day or before, the oldest first; and how many of each."""
    due = (
        DailyLog.agent_id.in_(sorted(agent_ids)), ProblemPoint.withdrawn_at.is_(None), ProblemPoint.next_step != "",
        ProblemPoint.next_done_at.is_(None), ProblemPoint.next_due_on <= due_until,
    )  # fmt: skip
    asked = _points().where(*due).order_by(ProblemPoint.next_due_on, ProblemPoint.id).limit(limit)
    counted = (
        select(DailyLog.agent_id, func.count())
        .join(ProblemPoint, ProblemPoint.log_id == DailyLog.id)
        .where(*due)
        .group_by(DailyLog.agent_id)
    )
    return _read(session, asked), dict(session.execute(counted).all())


def add_point(
    session: Session, log_id: int, content: PointContent, place: PointPlace, *, user_id: int, now: datetime
) -> int:
    """Write a point; its id."""
    values = {**msgspec.structs.asdict(content), **msgspec.structs.asdict(place)}
    new = ProblemPoint(log_id=log_id, user_id=user_id, created_at=now, changed_at=now, **values)
    session.add(new)
    session.flush()
    return new.id


def change_point(session: Session, point_id: int, content: PointContent, place: PointPlace, *, now: datetime) -> None:
    """Write it anew."""
    values = {**msgspec.structs.asdict(content), **msgspec.structs.asdict(place)}
    _set(session, point_id, **values, changed_at=now)


def withdraw(session: Session, point_id: int, *, now: datetime) -> None:
    """Take it back; it stays to be read."""
    _set(session, point_id, withdrawn_at=now)


def set_next_done(session: Session, point_id: int, done_at: datetime | None) -> None:
    """Say that the next step is done, or not yet."""
    _set(session, point_id, next_done_at=done_at)


def usual_causes(session: Session, criteria: Collection[str]) -> dict[str, str]:
    """The cause that points of each criterion were most often given here."""
    asked = (
        select(ProblemPoint.criterion, ProblemPoint.cause, func.count().label("count"))
        .where(ProblemPoint.criterion.in_(sorted(criteria)), ProblemPoint.withdrawn_at.is_(None))
        .group_by(ProblemPoint.criterion, ProblemPoint.cause)
    )
    rows = sorted(session.execute(asked).all(), key=lambda row: (row[2], row[1]))
    return {criterion: cause for criterion, cause, _count in rows if criterion is not None}


def _points() -> Select[*tuple[Any, ...]]:
    learner = (
        select(LogAnswer.id)
        .join(User, User.id == LogAnswer.user_id)
        .where(
            LogAnswer.log_id == ProblemPoint.log_id, User.agent_id == DailyLog.agent_id,
            or_(
                LogAnswer.point_id == ProblemPoint.id,
                LogAnswer.point_id.is_(None) & (LogAnswer.created_at >= ProblemPoint.created_at),
            ),
        )
        .correlate(ProblemPoint, DailyLog)
        .exists()
    )  # fmt: skip
    p = ProblemPoint
    author = select(User.name).where(User.id == p.user_id).correlate(p).scalar_subquery()
    return select(
        p.id, p.log_id, DailyLog.agent_id, DailyLog.day, p.conversation_id, p.message, p.start, p.end, p.criterion,
        p.finding_key, p.what, p.cause, p.severity, p.coaching, p.next_step, p.next_due_on, p.next_done_at, p.user_id,
        author.label("author"), p.created_at, p.changed_at, p.withdrawn_at, learner.label("is_answered"),
    ).join(DailyLog, DailyLog.id == p.log_id)  # fmt: skip


def _read(session: Session, asked: Select[*tuple[Any, ...]]) -> list[ReadPoint]:
    rows = session.execute(asked)
    return [ReadPoint(**{**row._asdict(), "is_answered": bool(row.is_answered)}) for row in rows]


def _set(session: Session, point_id: int, **values: Any) -> None:
    session.execute(update(ProblemPoint).where(ProblemPoint.id == point_id).values(values))
