"""Plans by which conversations are drawn for people, what was drawn, and the work that came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key, Name


class SamplePlan(Base):
    """What is drawn, how, how often, and for whom."""

    __tablename__ = "sample_plans"
    __table_args__ = (
        CheckConstraint("cycle IN ('once', 'daily', 'weekly')", "cycle"),
        CheckConstraint("state IN ('active', 'paused', 'ended')", "state"),
        CheckConstraint("hour >= 0 AND hour <= 23", "hour"),
        CheckConstraint("weekday >= 0 AND weekday <= 6", "weekday"),
        Index(None, "state", "next_at"),
    )

    id: Mapped[Key]
    name: Mapped[Name]
    query: Mapped[str] = mapped_column(Text, default="")
    """The filter, as the query string of the list of conversations."""
    method: Mapped[dict[str, Any]]
    """How it is drawn: ``kind`` and what that needs."""
    inspectors: Mapped[list[Any]]
    """``{"user_id": …, "quota": …}``, a quota of ``None`` takes an even share; empty: whoever asks next gets it."""
    cycle: Mapped[str] = mapped_column(String(10))
    timezone: Mapped[str] = mapped_column(String(60))
    hour: Mapped[int] = mapped_column(default=9)
    """The hour of the day at which it draws, in its time zone."""
    weekday: Mapped[int] = mapped_column(default=0)
    """The day on which a weekly plan draws, from 0 = Monday."""
    seed: Mapped[int] = mapped_column(BIG)
    due_days: Mapped[int]
    is_blind: Mapped[bool] = mapped_column(default=False)
    """Machine answers, risk, order and the reason are hidden until the inspector has answered."""
    state: Mapped[str] = mapped_column(String(10), default="active")
    next_at: Mapped[datetime | None]
    """When it draws next; ``None`` after the last time."""
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class Sample(Base):
    """Conversations drawn for people at one time, by a plan as it was then and a seed."""

    __tablename__ = "samples"
    __table_args__ = (UniqueConstraint("plan_id", "cycle_key"),)

    id: Mapped[Key]
    plan_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("sample_plans.id"))
    cycle_key: Mapped[str | None] = mapped_column(String(20))
    """Which of the plan's times it was: ``once``, a day, a week; no time draws twice."""
    name: Mapped[Name]
    plan: Mapped[dict[str, Any]]
    """The plan as it was."""
    seed: Mapped[int] = mapped_column(BIG)
    pool_count: Mapped[int] = mapped_column(default=0)
    """Conversations that could have been drawn."""
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class WorkItem(Base):
    """A conversation for somebody to review, pinned to the revision and audit it was drawn with."""

    __tablename__ = "work_items"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'draft', 'done', 'replaced', 'taken_back')", "state"),
        CheckConstraint("draw IN ('random', 'priority', 'chosen')", "draw"),
        UniqueConstraint("sample_id", "conversation_id"),
        Index(None, "user_id", "state", "due_at", "id"),
        Index(None, "conversation_id", "state"),
        # Of all there ever was little is open.
        Index(None, "state", "conversation_id"),
        Index(None, "state", "due_at", "id"),
    )

    id: Mapped[Key]
    sample_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("samples.id"))
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    audit_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("audits.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"))
    """Whose work it is; ``None``: of whoever asks next."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    draw: Mapped[str] = mapped_column(String(10), default="chosen")
    """``random``, ``priority`` (what looked worst) or ``chosen`` by a person, for ever: averages about people come from
    all conversations or from random draws only."""
    is_blind: Mapped[bool] = mapped_column(default=False)
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it was drawn."""
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the inspector has answered so far; goes with a purge."""
    version: Mapped[int] = mapped_column(default=1)
    """Raised with every change: whoever saves says which one they saw."""
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    saved_at: Mapped[datetime | None]
    """When the draft was saved last."""
    done_at: Mapped[datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("work_items.id"), index=True)
    replaced_why: Mapped[str | None] = mapped_column(Text)
