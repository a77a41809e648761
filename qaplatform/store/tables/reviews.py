"""What people decided: reviews with their rulings, findings of their own, notes. All of it appends: no decision is ever changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key


class Review(Base):
    """An inspector's whole answer to one audit of a conversation; the newest one of a conversation is official."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("draw IN ('random', 'priority', 'chosen')", "draw"),
        Index(None, "conversation_id", "id"),
        Index(None, "agent_id", "created_at", "id"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id"), index=True)
    work_item_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("work_items.id"), unique=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"))
    """The conversation's first agent."""
    draw: Mapped[str] = mapped_column(String(10))
    """How the conversation came to the inspector, as in its work item."""
    was_blind: Mapped[bool] = mapped_column(default=False)
    score: Mapped[float | None]
    scored_share: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(20))
    failed_count: Mapped[int]
    machine_score: Mapped[float | None]
    machine_verdict: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text, default="")
    seconds: Mapped[int | None]
    """From opening to submitting, as the server saw it."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When the agent opened it first."""
    acknowledged_at: Mapped[datetime | None]


class Ruling(Base):
    """A person's decision on one criterion of one audit."""

    __tablename__ = "rulings"
    __table_args__ = (
        CheckConstraint("kind IN ('confirm', 'overrule', 'not_applicable', 'not_the_agent', 'answer')", "kind"),
        CheckConstraint("cause IN ('system', 'warehouse', 'rule', 'customer', 'other')", "cause"),
        UniqueConstraint("review_id", "criterion"),
        Index(None, "conversation_id", "criterion"),
        Index(None, "audit_id"),
        Index(None, "criterion", "decided_at"),
    )

    id: Mapped[Key]
    review_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("reviews.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id"))
    work_item_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("work_items.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    """``answer``: of a criterion that only people answer, or that the machine said nothing of."""
    from_outcome: Mapped[str] = mapped_column(String(20))
    to_outcome: Mapped[str] = mapped_column(String(20))
    points: Mapped[float | None]
    """Earned after the ruling."""
    cause: Mapped[str | None] = mapped_column(String(20))
    """Whose fault it was, where it was not the agent's."""
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"), index=True)
    """Which of several agents it is about."""
    reason: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    decided_at: Mapped[datetime]


class FindingRuling(Base):
    """A person's decision on one of the machine's findings: whether it is one."""

    __tablename__ = "finding_rulings"

    review_id: Mapped[int] = mapped_column(BIG, ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    finding_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_right: Mapped[bool]


class AddedFinding(Base):
    """Characters ``start:end`` of a message in which a person found what the machine had not."""

    __tablename__ = "added_findings"

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(BIG, ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    criterion: Mapped[str] = mapped_column(String(100))
    message_number: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")


class Note(Base):
    """What somebody wrote beside a conversation or one of its messages."""

    __tablename__ = "notes"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'comment', 'praise', 'reply')", "kind"),
        Index(None, "conversation_id", "message_number"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    message_number: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(10), default="note")
    """``note``: among inspectors and leads. The others belong to a review, and the agent reads them."""
    review_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
