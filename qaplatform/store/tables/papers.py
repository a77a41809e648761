"""Theory tests that were taken, answer by answer, and what people decided about free answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Key


class PaperAttempt(Base):
    """One attempt at a theory test or at rubric practice; what is right is not in it, but in the kept questions."""

    __tablename__ = "paper_attempts"
    __table_args__ = (
        CheckConstraint("standing IN ('passed', 'failed', 'for_a_person')", "standing"),
        Index(
            "uq_paper_attempts_running", "user_id", "paper", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "user_id", "paper", "id"),
        Index(None, "paper", "ended_at"),
    )  # fmt: skip

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    paper: Mapped[Code]
    """The id of a paper, or ``path/step`` of a path's theory test."""
    language: Mapped[str] = mapped_column(String(5))
    rules: Mapped[dict[str, Any]]
    """``training.papers.PaperRules`` as it was at the start."""
    drawn: Mapped[dict[str, Any]]
    """``training.drawing.Paper``: the seed, the questions' fingerprints and the order of options."""
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    standing: Mapped[str | None] = mapped_column(String(20))
    least_ratio: Mapped[float | None]
    most_ratio: Mapped[float | None]


class PaperAnswer(Base):
    """The answer to a question of an attempt as it was saved last."""

    __tablename__ = "paper_answers"

    attempt_id: Mapped[int] = mapped_column(BIG, ForeignKey("paper_attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """On the sheet, from 1."""
    version_id: Mapped[int] = mapped_column(BIG, ForeignKey("learning_versions.id"), index=True)
    answer: Mapped[dict[str, Any] | None]
    """``training.scoring.Answer``; ``None`` = nothing was answered."""
    saved_at: Mapped[datetime | None]
    points: Mapped[float | None]
    """From 0 to 1 once the attempt has ended; ``None`` = a person must decide, or it runs."""
    result: Mapped[dict[str, Any] | None]
    """``training.scoring.Result``."""


class PaperRuling(Base):
    """A person's points for a free answer; the newest stands."""

    __tablename__ = "paper_rulings"
    __table_args__ = (
        CheckConstraint("points >= 0 AND points <= 1", "points"),
        Index(None, "attempt_id", "number", "id"),
    )

    id: Mapped[Key]
    attempt_id: Mapped[int] = mapped_column(BIG, ForeignKey("paper_attempts.id", ondelete="CASCADE"))
    number: Mapped[int]
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
