"""Daily logs: who accompanied whom on which day, which chats were looked at together, and what is answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import (
    ConversationAgent,
    ConversationRow,
    DailyLog,
    Enrolment,
    LogAnswer,
    LogChat,
    Mentorship,
    ProblemPoint,
    User,
)


class ReadLog(msgspec.Struct, frozen=True):
    """A log, without its points."""

    id: int
    agent_id: int
    day: date
    summary: str
    user_id: int
    author: str
    """Who began it."""
    created_at: datetime
    changed_at: datetime
    seen_at: datetime | None
    chats: tuple[int, ...] = ()
    """The chats that were accompanied, in the order in which they were picked."""


class LogLine(msgspec.Struct, frozen=True):
    """A log in a list, in figures."""

    id: int
    agent_id: int
    day: date
    summary: str
    author: str
    seen_at: datetime | None
    changed_at: datetime
    chat_count: int
    point_count: int
    """Without those that were withdrawn."""
    waits: bool
    """Whether the new hire has the last word somewhere in it."""


class ReadAnswer(msgspec.Struct, frozen=True):
    """What somebody said to a log or one of its points."""

    id: int
    log_id: int
    point_id: int | None
    user_id: int
    author: str
    is_learner: bool
    """Whether the new hire says it; otherwise a mentor."""
    text: str
    created_at: datetime


class OpenAnswer(msgspec.Struct, frozen=True):
    """Words of a new hire that nobody has answered yet."""

    log_id: int
    point_id: int | None
    agent_id: int
    day: date
    text: str
    created_at: datetime


class Accompanied(msgspec.Struct, frozen=True):
    """A time a mentor was there for somebody; half open."""

    agent_id: int
    from_day: date
    until_day: date | None


def log_of(session: Session, agent_id: int, day: date) -> ReadLog | None:
    """The log of somebody's day."""
    return _log(session, and_(DailyLog.agent_id == agent_id, DailyLog.day == day))


def log_by_id(session: Session, log_id: int) -> ReadLog | None:
    """The log of an id."""
    return _log(session, DailyLog.id == log_id)


def open_log(session: Session, agent_id: int, day: date, *, user_id: int, now: datetime) -> int:
    """The id of a day's log, which is begun where there is none; of two who begin it at once one does."""
    row = {"agent_id": agent_id, "day": day, "summary": "", "user_id": user_id, "created_at": now, "changed_at": now}
    insert_new(session, DailyLog, [row])
    return session.scalars(select(DailyLog.id).where(DailyLog.agent_id == agent_id, DailyLog.day == day)).one()


def touch(session: Session, log_id: int, *, now: datetime, summary: str | None = None) -> None:
    """Note that a log was changed, perhaps in its summary."""
    values = {"changed_at": now} if summary is None else {"changed_at": now, "summary": summary}
    session.execute(update(DailyLog).where(DailyLog.id == log_id).values(values))


def note_seen(session: Session, log_id: int, *, now: datetime) -> None:
    """Note that the new hire has opened it."""
    session.execute(update(DailyLog).where(DailyLog.id == log_id).values(seen_at=now))


def set_chat(session: Session, log_id: int, conversation_id: int, *, is_in: bool, user_id: int, now: datetime) -> None:
    """Take a chat into a log or out of it; either twice is the same as once."""
    if is_in:
        row = {"log_id": log_id, "conversation_id": conversation_id, "user_id": user_id, "created_at": now}
        insert_new(session, LogChat, [row])
    else:
        here = (LogChat.log_id == log_id, LogChat.conversation_id == conversation_id)
        session.execute(delete(LogChat).where(*here))


def wrote_in(session: Session, agent_id: int, conversation_id: int) -> datetime | None:
    """When a conversation began, if an agent wrote in it."""
    wrote = exists().where(
        ConversationAgent.conversation_id == ConversationRow.id, ConversationAgent.agent_id == agent_id
    )
    asked = select(ConversationRow.started_at).where(
        ConversationRow.id == conversation_id, or_(ConversationRow.agent_id == agent_id, wrote)
    )
    return session.scalar(asked)


def lines_between(session: Session, agent_ids: Collection[int], since: date, until: date) -> list[LogLine]:
    """The logs of some people from a day to before another, the newest first."""
    asked = _lines().where(DailyLog.agent_id.in_(sorted(agent_ids)), DailyLog.day >= since, DailyLog.day < until)
    rows = session.execute(asked.order_by(DailyLog.day.desc(), DailyLog.id.desc()))
    return [LogLine(**row._asdict()) for row in rows]


def lines_of(session: Session, agent_id: int, *, offset: int, limit: int) -> tuple[list[LogLine], int]:
    """A page of somebody's logs, the newest first, and how many there are."""
    asked = _lines().where(DailyLog.agent_id == agent_id)
    rows = session.execute(asked.order_by(DailyLog.day.desc(), DailyLog.id.desc()).offset(offset).limit(limit))
    total = session.scalar(select(func.count()).select_from(DailyLog).where(DailyLog.agent_id == agent_id)) or 0
    return [LogLine(**row._asdict()) for row in rows], total


def answers_of(session: Session, log_id: int) -> list[ReadAnswer]:
    """All that was said to a log and its points, in order."""
    asked = (
        select(
            LogAnswer.id, LogAnswer.log_id, LogAnswer.point_id, LogAnswer.user_id, User.name.label("author"),
            _by_learner(User).label("is_learner"), LogAnswer.text, LogAnswer.created_at,
        )
        .join(User, User.id == LogAnswer.user_id)
        .join(DailyLog, DailyLog.id == LogAnswer.log_id)
        .where(LogAnswer.log_id == log_id)
        .order_by(LogAnswer.id)
    )  # fmt: skip
    return [ReadAnswer(**{**row._asdict(), "is_learner": bool(row.is_learner)}) for row in session.execute(asked)]


def add_answer(session: Session, log_id: int, point_id: int | None, text: str, *, user_id: int, now: datetime) -> int:
    """Say something to a log or one of its points; the answer's id."""
    new = LogAnswer(log_id=log_id, point_id=point_id, user_id=user_id, text=text, created_at=now)
    session.add(new)
    session.flush()
    return new.id


def open_answers(session: Session, agent_ids: Collection[int], *, limit: int) -> list[OpenAnswer]:
    """What new hires said last and nobody has answered, the oldest first."""
    later = aliased(LogAnswer)
    asked = (
        select(
            LogAnswer.log_id, LogAnswer.point_id, DailyLog.agent_id, DailyLog.day, LogAnswer.text, LogAnswer.created_at
        )
        .join(User, User.id == LogAnswer.user_id)
        .join(DailyLog, DailyLog.id == LogAnswer.log_id)
        .where(DailyLog.agent_id.in_(sorted(agent_ids)), _by_learner(User), ~_answered_later(later))
        .order_by(LogAnswer.created_at, LogAnswer.id)
        .limit(limit)
    )
    return [OpenAnswer(**row._asdict()) for row in session.execute(asked)]


def accompanied(session: Session, agent_ids: Collection[int], since: date) -> list[Accompanied]:
    """The times somebody had a mentor that reach to a day or beyond."""
    asked = (
        select(Mentorship.agent_id, Mentorship.from_day, Mentorship.until_day)
        .where(
            Mentorship.agent_id.in_(sorted(agent_ids)),
            or_(Mentorship.until_day.is_(None), Mentorship.until_day > since),
        )
        .order_by(Mentorship.agent_id, Mentorship.from_day, Mentorship.id)
    )
    return [Accompanied(**row._asdict()) for row in session.execute(asked)]


def in_training(session: Session, since: date) -> set[int]:
    """The agents who have a mentor, are on a path, or have had a log since a day."""
    asked = union(
        select(Mentorship.agent_id).where(Mentorship.until_day.is_(None)),
        select(Enrolment.agent_id).where(Enrolment.ended_on.is_(None)),
        select(DailyLog.agent_id).where(DailyLog.day >= since),
    )
    return set(session.scalars(asked))


def _log(session: Session, where: ColumnElement[bool]) -> ReadLog | None:
    asked = (
        select(
            DailyLog.id, DailyLog.agent_id, DailyLog.day, DailyLog.summary, DailyLog.user_id, User.name,
            DailyLog.created_at, DailyLog.changed_at, DailyLog.seen_at, LogChat.conversation_id,
        )
        .join(User, User.id == DailyLog.user_id)
        .outerjoin(LogChat, LogChat.log_id == DailyLog.id)
        .where(where)
        .order_by(LogChat.created_at, LogChat.conversation_id)
    )  # fmt: skip
    rows: list[Any] = list(session.execute(asked))
    if not rows:
        return None
    own: list[Any] = [*rows[0][:-1], tuple(row[-1] for row in rows if row[-1] is not None)]
    return ReadLog(*own)


def _by_learner(user: type[User]) -> ColumnElement[bool]:
    return func.coalesce(user.agent_id == DailyLog.agent_id, False)


def _answered_later(later: type[LogAnswer]) -> ColumnElement[bool]:
    return exists().where(
        later.log_id == LogAnswer.log_id,
        func.coalesce(later.point_id, 0) == func.coalesce(LogAnswer.point_id, 0),
        later.id > LogAnswer.id,
    )


def _lines() -> Select[*tuple[Any, ...]]:
    chats = select(func.count()).where(LogChat.log_id == DailyLog.id).correlate(DailyLog).scalar_subquery()
    standing = (ProblemPoint.log_id == DailyLog.id, ProblemPoint.withdrawn_at.is_(None))
    points = select(func.count()).where(*standing).correlate(DailyLog).scalar_subquery()
    later, speaker = aliased(LogAnswer), aliased(User)
    waits = (
        select(LogAnswer.id)
        .join(speaker, speaker.id == LogAnswer.user_id)
        .where(LogAnswer.log_id == DailyLog.id, speaker.agent_id == DailyLog.agent_id, ~_answered_later(later))
        .correlate(DailyLog)
        .exists()
    )
    return select(
        DailyLog.id, DailyLog.agent_id, DailyLog.day, DailyLog.summary, User.name.label("author"), DailyLog.seen_at,
        DailyLog.changed_at, chats.label("chat_count"), points.label("point_count"), waits.label("waits"),
    ).join(User, User.id == DailyLog.user_id)  # fmt: skip
