"""What conversations are listed by that has many values a conversation: who wrote in it, what failed, its tags.

Each row repeats what the list is ordered by, so that the conversations of one agent, or those in which one criterion
failed, can be walked in any order of the list. All of it follows from other tables: see ``store/marks.py``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base


class ConversationAgent(Base):
    """A person who wrote in a conversation's newest revision."""

    __tablename__ = "conversation_agents"
    __table_args__ = (
        Index("ix_conversation_agents_by_started_at", "agent_id", "started_at", "conversation_id"),
        Index("ix_conversation_agents_by_priority", "agent_id", "priority", "conversation_id"),
        Index("ix_conversation_agents_by_score", "agent_id", "score", "conversation_id"),
        {"sqlite_with_rowid": False},
    )

    conversation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"), primary_key=True)
    started_at: Mapped[datetime]
    priority: Mapped[float | None]
    score: Mapped[float | None]


class ConversationMark(Base):
    """A criterion that failed in a conversation's newest audit, or a tag of the conversation."""

    __tablename__ = "conversation_marks"
    __table_args__ = (
        CheckConstraint("kind IN ('failed', 'tag')", "kind"),
        Index("ix_conversation_marks_by_started_at", "kind", "mark", "started_at", "conversation_id"),
        Index("ix_conversation_marks_by_priority", "kind", "mark", "priority", "conversation_id"),
        Index("ix_conversation_marks_by_score", "kind", "mark", "score", "conversation_id"),
        {"sqlite_with_rowid": False},
    )

    conversation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    mark: Mapped[str] = mapped_column(String(200), primary_key=True)
    started_at: Mapped[datetime]
    priority: Mapped[float | None]
    score: Mapped[float | None]
