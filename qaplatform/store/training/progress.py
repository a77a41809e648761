"""What people did of what a path asks for: one statement a kind of thing, however many people are asked about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.rows import among
from qaplatform.store.standing import CRITICAL
from qaplatform.store.tables import (
    ConversationRow,
    DailyLog,
    DrillAnswer,
    DrillCard,
    ExamDialogue,
    ExamSitting,
    LessonReading,
    LogAnswer,
    LogChat,
    PaperAttempt,
)


class ReadLesson(msgspec.Struct, frozen=True):
    """That somebody read a version of a lesson."""

    user_id: int
    lesson: str
    content_hash: str
    at: datetime


class TakenPaper(msgspec.Struct, frozen=True):
    """A theory test that was handed in or still runs."""

    id: int
    user_id: int
    paper: str
    standing: str | None
    least_ratio: float | None
    started_at: datetime
    ended_at: datetime | None


class SolvedDrill(msgspec.Struct, frozen=True):
    """A drill that was answered well."""

    user_id: int
    criterion: str
    at: datetime


class TakenDialogue(msgspec.Struct, frozen=True):
    """A dialogue of an exam, over or not."""

    id: int
    sitting_id: int
    user_id: int
    step: str | None
    sitting_verdict: str | None
    scenario: str
    kind: str
    verdict: str | None
    has_critical: bool
    needs_mentor: bool
    sitting_ended_at: datetime | None
    ended_at: datetime | None


class LoggedDay(msgspec.Struct, frozen=True):
    """A day a mentor wrote a log of, with the number of accompanied chats."""

    agent_id: int
    day: date
    chats: int


class ConfirmedCritical(msgspec.Struct, frozen=True):
    """A real chat whose critical failure a person has confirmed."""

    agent_id: int
    conversation_id: int
    started_at: datetime


class News(msgspec.Struct, frozen=True):
    """What waits for somebody who learns."""

    logs: int = 0
    """Logs they have not seen since these were changed or answered."""
    drills: int = 0
    """Cards that are due."""
    papers: tuple[TakenPaper, ...] = ()
    """Tests that run."""
    sitting_id: int | None = None
    """The exam or practice that runs."""


def readings(session: Session, user_ids: Collection[int]) -> list[ReadLesson]:
    """Every version of every lesson that was read."""
    row = LessonReading
    asked = select(row.user_id, row.lesson, row.content_hash, row.read_at).where(among(session, row.user_id, user_ids))
    return [ReadLesson(*one) for one in session.execute(asked)]


def papers(session: Session, user_ids: Collection[int], since: datetime) -> list[TakenPaper]:
    """Tests of paths' steps that were begun since then and are over, the oldest first."""
    row = PaperAttempt
    asked = _papers().where(
        among(session, row.user_id, user_ids),
        row.paper.contains("/"),
        row.started_at >= since,
        row.ended_at.is_not(None),
    )
    return [TakenPaper(*one) for one in session.execute(asked.order_by(row.id))]


def drills(session: Session, user_ids: Collection[int], since: datetime) -> list[SolvedDrill]:
    """Drills that were answered well since then."""
    asked = (
        select(DrillAnswer.user_id, DrillCard.criterion, DrillAnswer.answered_at.label("at"))
        .join(DrillCard, DrillCard.id == DrillAnswer.card_id)
        .where(among(session, DrillAnswer.user_id, user_ids), DrillAnswer.shown_at >= since)
        .where(DrillAnswer.passed.is_(True), DrillAnswer.answered_at.is_not(None))
    )
    return [SolvedDrill(**one._asdict()) for one in session.execute(asked)]


def dialogues(session: Session, user_ids: Collection[int], since: datetime) -> list[TakenDialogue]:
    """Dialogues of exams (not of practice) begun since then, the oldest first."""
    one, sitting = ExamDialogue, ExamSitting
    asked = (
        select(
            one.id, one.sitting_id, sitting.user_id, sitting.step, sitting.verdict.label("sitting_verdict"),
            one.scenario, one.kind, one.verdict,
            one.has_critical, one.needs_mentor, sitting.ended_at.label("sitting_ended_at"), one.ended_at,
        )
        .join(sitting, sitting.id == one.sitting_id)
        .where(among(session, sitting.user_id, user_ids), sitting.purpose == "exam", sitting.started_at >= since)
        .order_by(one.id)
    )  # fmt: skip
    return [TakenDialogue(**row._asdict()) for row in session.execute(asked)]


def logged_days(session: Session, agent_ids: Collection[int], since: date) -> list[LoggedDay]:
    """Days with a log since that one, the oldest first."""
    row = DailyLog
    asked = (
        select(row.agent_id, row.day, func.count(LogChat.conversation_id))
        .outerjoin(LogChat, LogChat.log_id == row.id)
        .where(among(session, row.agent_id, agent_ids), row.day >= since)
        .group_by(row.agent_id, row.day)
        .order_by(row.day)
    )
    return [LoggedDay(*one) for one in session.execute(asked)]


def confirmed_criticals(session: Session, agent_ids: Collection[int], since: datetime) -> list[ConfirmedCritical]:
    """Chats begun since then that a person found critical, the newest first."""
    row = ConversationRow
    asked = (
        select(row.agent_id, row.id.label("conversation_id"), row.started_at)
        .where(among(session, row.agent_id, agent_ids), row.started_at >= since)
        .where(row.verdict == CRITICAL, row.review_id.is_not(None))
        .order_by(row.started_at.desc(), row.id.desc())
    )
    return [ConfirmedCritical(**one._asdict()) for one in session.execute(asked)]


def news_of(session: Session, user_id: int, agent_id: int | None, *, now: datetime) -> News:
    """What waits for one person: new logs and answers, due drills, what runs."""
    log, answer, card = DailyLog, LogAnswer, DrillCard
    answered = exists().where(
        answer.log_id == log.id,
        answer.user_id != user_id,
        answer.created_at > func.coalesce(log.seen_at, log.created_at),
    )
    fresh = or_(log.seen_at.is_(None), log.changed_at > log.seen_at, answered)
    new_logs = select(func.count()).select_from(log).where(log.agent_id == (agent_id or 0), fresh)
    due = and_(card.user_id == user_id, card.retired_at.is_(None), card.due_at <= now)
    running = select(ExamSitting.id).where(ExamSitting.user_id == user_id, ExamSitting.ended_at.is_(None))
    figures = session.execute(
        select(
            new_logs.scalar_subquery(),
            select(func.count()).select_from(card).where(due).scalar_subquery(),
            running.limit(1).scalar_subquery(),
        )
    ).one()
    asked = _papers().where(PaperAttempt.user_id == user_id, PaperAttempt.ended_at.is_(None)).order_by(PaperAttempt.id)
    return News(figures[0], figures[1], tuple(TakenPaper(*one) for one in session.execute(asked)), figures[2])


def _papers() -> Select[*tuple[Any, ...]]:
    row = PaperAttempt
    return select(row.id, row.user_id, row.paper, row.standing, row.least_ratio, row.started_at, row.ended_at)
