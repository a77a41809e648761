"""Samples drawn for people, work items, rulings and notes. Rulings append: no row of theirs is ever changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key, Name


class Sample(Base):
    """Conversations drawn for people by a plan and a seed."""

    __tablename__ = "samples"

    id: Mapped[Key]
    name: Mapped[Name]
    plan: Mapped[dict[str, Any]]
    seed: Mapped[int] = mapped_column(BIG)
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class WorkItem(Base):
    """A conversation for somebody to review, pinned to the revision and audit it was drawn with."""

    __tablename__ = "work_items"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'draft', 'done', 'taken_back')", "state"),
        Index(None, "user_id", "state", "due_at"),
        Index(None, "conversation_id", "state"),
        # Of all there ever was little is open.
        Index(None, "state", "conversation_id"),
    )

    id: Mapped[Key]
    sample_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("samples.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    audit_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("audits.id"), index=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it was drawn."""
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the inspector has answered so far; goes with a purge."""
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Ruling(Base):
    """A person's decision on one criterion of one audit."""

    __tablename__ = "rulings"
    __table_args__ = (Index(None, "conversation_id", "criterion"), Index(None, "audit_id"))

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id"))
    work_item_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("work_items.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(100))
    from_outcome: Mapped[str] = mapped_column(String(20))
    to_outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    decided_at: Mapped[datetime]


class Note(Base):
    """What somebody wrote beside a conversation or one of its messages."""

    __tablename__ = "notes"
    __table_args__ = (Index(None, "conversation_id", "message_number"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    message_number: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
