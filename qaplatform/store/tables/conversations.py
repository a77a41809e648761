"""Customers, cases, conversations and their messages.

A conversation has a ``revision``, from 1. A longer or changed version from the source raises it; the messages of an
earlier revision stay, so that a review can show what it was made of: a message belongs to every revision from
``first_revision`` to ``last_revision`` (``None`` = to the newest).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Hash, Key

_LOOKED_AT = ("shop_id", "team_id", "verdict", "topic", "queue", "channel", "language", "csat")


class Customer(Base):
    """A customer of a shop, shown by ``pseudonym``; ``source_key`` (the platform's id) goes with an erasure."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("shop_id", "source_key"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    source_key: Mapped[str | None] = mapped_column(String(300))
    pseudonym: Mapped[str] = mapped_column(String(20), unique=True)
    tier: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Case(Base):
    """A matter of one shop, by order or by the source's own case number; it joins conversations."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    key: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class ConversationRow(Base):
    """A conversation as it stands in its newest revision, with the figures of its newest audit for lists."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("shop_id", "source", "source_id"),
        Index(None, "shop_id", "started_at", "id"),
        Index(None, "agent_id", "started_at", "id"),
        Index(None, "team_id", "started_at", "id"),
        Index(None, "customer_id", "started_at", "id"),
        Index(None, "case_id", "started_at", "id"),
        # One index an order of the list, with every column a filter looks at: a walk along it reads no row.
        Index("ix_conversations_by_started_at", "started_at", "id", *_LOOKED_AT, "score", "priority"),
        Index("ix_conversations_by_priority", "priority", "id", *_LOOKED_AT, "score", "started_at"),
        Index("ix_conversations_by_score", "score", "id", *_LOOKED_AT, "priority", "started_at"),
        Index(None, "ended_at"),
    )

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    source: Mapped[str] = mapped_column(String(60), default="")
    source_id: Mapped[str] = mapped_column(String(300))
    revision: Mapped[int] = mapped_column(default=1)
    content_hash: Mapped[Hash]
    import_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("imports.id"), index=True)

    customer_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("customers.id"))
    case_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("cases.id"))
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"))
    """The person of the first human message."""
    team_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("teams.id"))
    """That person's team on arrival."""
    account: Mapped[str | None] = mapped_column(String(200))
    """The name the first human message was written under."""

    channel: Mapped[str] = mapped_column(String(60), default="chat")
    queue: Mapped[str | None] = mapped_column(String(60))
    language: Mapped[str | None] = mapped_column(String(20))
    order_id: Mapped[str | None] = mapped_column(String(300), index=True)
    order_value: Mapped[float | None]
    tier: Mapped[str | None] = mapped_column(String(60))
    """The customer's tier at that time."""
    csat: Mapped[float | None]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    indexed_names: Mapped[list[Any]] = mapped_column(default=list)
    """The agents' names under which the search index holds it; all else in the index stands in rows."""
    message_count: Mapped[int]
    started_at: Mapped[datetime]
    """The first message's time; where messages have none, the time of arrival."""
    ended_at: Mapped[datetime]
    is_timed: Mapped[bool] = mapped_column(default=True)
    """Whether the messages have times."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    text_purged_at: Mapped[datetime | None]

    audit_id: Mapped[int | None] = mapped_column(BIG)
    """The newest audit. No foreign key: the two tables point at each other."""
    score: Mapped[float | None]
    scored_share: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(20))
    risk: Mapped[float | None]
    priority: Mapped[float | None]
    topic: Mapped[str | None] = mapped_column(String(60))
    """The first level of the tag tree."""
    failed_count: Mapped[int | None]
    """Criteria that failed."""
    review_id: Mapped[int | None] = mapped_column(BIG)
    """The review whose score and verdict stand here instead of the machine's; of this revision. No foreign key, as above."""
    risk_model_id: Mapped[int | None] = mapped_column(BIG)
    """The learned model that risk and priority here come from; ``None`` = the rules, as in the audit. No foreign key: models
    are never deleted."""


class MessageRow(Base):
    """A message as it was written; ``number`` counts from 0 in its conversation."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "number", "first_revision"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int]
    first_revision: Mapped[int] = mapped_column(default=1)
    last_revision: Mapped[int | None]
    source_id: Mapped[str | None] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10), default="text")
    auto: Mapped[bool] = mapped_column(default=False)
    account: Mapped[str | None] = mapped_column(String(200))
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"), index=True)
    sent_at: Mapped[str | None] = mapped_column(String(40))
    """ISO 8601 as the source wrote it, with its zone unless it had none: what the audit reads."""
    text: Mapped[str] = mapped_column(Text)
