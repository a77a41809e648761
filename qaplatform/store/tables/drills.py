"""Drills: cards somebody repeats, their answers; and what exams and drills said of every criterion, for skills over time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Key


class DrillCard(Base):
    """One situation somebody trains, with what the scheduler knows of it."""

    __tablename__ = "drill_cards"
    __table_args__ = (
        CheckConstraint("origin IN ('shipped', 'finding', 'exam')", "origin"),
        UniqueConstraint("user_id", "code"),
        Index(None, "user_id", "retired_at", "due_at"),
        Index(None, "criterion", "id"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    code: Mapped[Code]
    """A drill's id; ``finding/<conversation>/<message>/<criterion>`` or ``exam/<dialogue>/<message>/<criterion>``."""
    criterion: Mapped[Code]
    origin: Mapped[str] = mapped_column(String(10))
    situation: Mapped[dict[str, Any]]
    """What is to be answered: messages (masked where they are a customer's), the panel, what is looked for."""
    conversation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conversations.id"), index=True)
    dialogue_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("exam_dialogues.id"), index=True)
    point_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("problem_points.id"), index=True)
    """The problem point it was given for."""
    scheduled: Mapped[dict[str, Any]]
    """The scheduler's card."""
    due_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """``None``: by oneself or the path."""
    reviewed_at: Mapped[datetime | None]
    """When it was answered last, in a way that could be read."""
    created_at: Mapped[datetime]


class DrillAnswer(Base):
    """An answer to a card; a row without ``answered_at`` was shown and not answered yet."""

    __tablename__ = "drill_answers"
    __table_args__ = (Index(None, "card_id", "id"), Index(None, "user_id", "shown_at"))

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(BIG, ForeignKey("drill_cards.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    shown_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    text: Mapped[str] = mapped_column(Text, default="")
    passed: Mapped[bool | None]
    result: Mapped[dict[str, Any] | None]
    """Acts, signs and findings in the answer."""


class TrainingMark(Base):
    """Whether a criterion held in an exam's dialogue or a drill; what stands after rulings."""

    __tablename__ = "training_marks"
    __table_args__ = (
        CheckConstraint("(dialogue_id IS NULL) <> (answer_id IS NULL)", "one_source"),
        UniqueConstraint("dialogue_id", "criterion"),
        UniqueConstraint("answer_id", "criterion"),
        Index(None, "user_id", "criterion", "at"),
        Index(None, "criterion", "at"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    criterion: Mapped[Code]
    dialogue_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"))
    answer_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("drill_answers.id", ondelete="CASCADE"))
    passed: Mapped[bool]
    at: Mapped[datetime]
