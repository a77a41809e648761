"""Mentors and their new hires: who accompanies whom, the daily log with its problem points, and what is answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Hash, Key


class Mentorship(Base):
    """A mentor accompanies a new hire, from a day until a day (half-open); one mentor at a time."""

    __tablename__ = "mentorships"
    __table_args__ = (
        CheckConstraint("until_day IS NULL OR from_day <= until_day", "days"),
        Index(
            "uq_mentorships_running", "agent_id", unique=True,
            sqlite_where=text("until_day IS NULL"), postgresql_where=text("until_day IS NULL"),
        ),
        Index(None, "agent_id", "id"),
        Index(None, "mentor_id", "until_day"),
    )  # fmt: skip

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"))
    mentor_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """Who decided so."""
    created_at: Mapped[datetime]


class DailyLog(Base):
    """A mentor's log of a new hire's day."""

    __tablename__ = "daily_logs"
    __table_args__ = (UniqueConstraint("agent_id", "day"), Index(None, "day"))

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"))
    day: Mapped[date]
    """Local."""
    summary: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """Who began it."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When the new hire opened it last."""


class LogChat(Base):
    """A real chat of the day that was accompanied."""

    __tablename__ = "log_chats"

    log_id: Mapped[int] = mapped_column(BIG, ForeignKey("daily_logs.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id"), primary_key=True, index=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class ProblemPoint(Base):
    """A problem of a new hire's day: what, why, where, what was said to it, what comes next."""

    __tablename__ = "problem_points"
    __table_args__ = (
        CheckConstraint("cause IN ('knowledge', 'process', 'system', 'attitude')", "cause"),
        CheckConstraint("severity IN ('minor', 'major', 'critical')", "severity"),
        Index(None, "log_id", "id"),
        Index(None, "criterion", "id"),
        Index(None, "conversation_id", "finding_key"),
    )

    id: Mapped[Key]
    log_id: Mapped[int] = mapped_column(BIG, ForeignKey("daily_logs.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conversations.id"))
    message: Mapped[int | None]
    """Number of the message in the conversation's newest revision when it was written."""
    start: Mapped[int | None]
    end: Mapped[int | None]
    """Characters of the message, half open; ``None`` = all of it."""
    criterion: Mapped[Code | None]
    finding_key: Mapped[str | None] = mapped_column(String(64))
    """The finding it was made of; stays the same when the chat is audited again."""
    what: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    coaching: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    next_due_on: Mapped[date | None]
    next_done_at: Mapped[datetime | None]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    """Taken back by who wrote it; it stays to be read, and counts no more."""


class LogAnswer(Base):
    """What the new hire, or the mentor in turn, says to a log or to one of its points."""

    __tablename__ = "log_answers"
    __table_args__ = (Index(None, "log_id", "id"),)

    id: Mapped[Key]
    log_id: Mapped[int] = mapped_column(BIG, ForeignKey("daily_logs.id", ondelete="CASCADE"))
    point_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("problem_points.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class DismissedSuggestion(Base):
    """A finding of the day that the mentor does not want as a problem point."""

    __tablename__ = "dismissed_suggestions"

    conversation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    finding_key: Mapped[Hash] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
