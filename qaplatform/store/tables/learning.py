"""What is learned and how far somebody is: texts written here, what was examined by, enrolments, steps done, lessons read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Hash, Key


class LearningText(Base):
    """A path, lesson, question, paper, scenario, drill or weekly focus as somebody wrote it here; versions append.

    The newest published or withdrawn version of a code stands instead of the shipped file of that code; where there is
    none, the shipped one stands. Drafts stand for nothing.
    """

    __tablename__ = "learning_texts"
    __table_args__ = (
        CheckConstraint("kind IN ('path', 'lesson', 'question', 'paper', 'scenario', 'drill', 'focus')", "kind"),
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", "state"),
        Index(None, "kind", "code", "language", "id"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[Code]
    """The id the file would have."""
    language: Mapped[str] = mapped_column(String(5), default="")
    """Of lessons and the weekly focus; elsewhere empty."""
    text: Mapped[str] = mapped_column(Text)
    """YAML or Markdown, in the form of the shipped files; empty where it was withdrawn, and published empty where the
    shipped one was put back."""
    content_hash: Mapped[Hash]
    """SHA-256 of ``text``."""
    state: Mapped[str] = mapped_column(String(10))
    conversation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conversations.id"), index=True)
    """The real chat it was made from."""
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class LearningVersion(Base):
    """A scenario or question by which somebody was examined, resolved and whole, so that it can be looked at for ever."""

    __tablename__ = "learning_versions"
    __table_args__ = (
        CheckConstraint("kind IN ('scenario', 'question', 'drill')", "kind"),
        UniqueConstraint("kind", "code", "content_hash"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[Code]
    content_hash: Mapped[Hash]
    """As the content itself gives it: ``Scenario.content_hash``, ``Question.fingerprint``."""
    content: Mapped[dict[str, Any]]
    """The struct as msgspec writes it."""
    conversation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conversations.id"), index=True)
    """The real chat whose words are still in it: of drafts that were tried out."""
    created_at: Mapped[datetime]


class Enrolment(Base):
    """Somebody on a learning path. At most one runs for a person."""

    __tablename__ = "enrolments"
    __table_args__ = (
        CheckConstraint("ended_why IN ('graduated', 'stopped')", "ended_why"),
        CheckConstraint("(ended_on IS NULL) = (ended_why IS NULL)", "ended"),
        Index(
            "uq_enrolments_running", "agent_id", unique=True,
            sqlite_where=text("ended_on IS NULL"), postgresql_where=text("ended_on IS NULL"),
        ),
        Index(None, "agent_id", "id"),
    )  # fmt: skip

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"))
    path: Mapped[Code]
    hired_on: Mapped[date]
    """Local day due dates count from."""
    agreed_at: Mapped[datetime | None]
    """When the mentor agreed to graduating."""
    agreed_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """Who enrolled them."""
    created_at: Mapped[datetime]


class StepRecord(Base):
    """A case reviewed or a talk held: what is not seen from tests, drills, exams, lessons and logs."""

    __tablename__ = "step_records"
    __table_args__ = (
        CheckConstraint("kind IN ('case_review', 'mentor_talk')", "kind"),
        Index(None, "enrolment_id", "step", "id"),
    )

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(BIG, ForeignKey("enrolments.id", ondelete="CASCADE"))
    step: Mapped[Code]
    kind: Mapped[str] = mapped_column(String(20))
    done_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text, default="")
    """What was agreed, or what was seen in the case."""
    conversation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conversations.id"), index=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class LessonReading(Base):
    """That somebody has read a version of a lesson."""

    __tablename__ = "lesson_readings"
    __table_args__ = (UniqueConstraint("user_id", "lesson", "content_hash"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    lesson: Mapped[Code]
    content_hash: Mapped[Hash]
    read_at: Mapped[datetime]
