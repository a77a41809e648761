"""What audits found: an audit of one revision by one rubric, context and engine; its criteria; its findings.

Quotes are not kept: they are cut out of the message where they are shown, and so are masked and erased with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Hash, Key


class RubricVersion(Base):
    """A rubric as it was when it first judged anything; ``files`` hold its YAML by path."""

    __tablename__ = "rubric_versions"

    id: Mapped[Key]
    code: Mapped[Code]
    content_hash: Mapped[Hash] = mapped_column(unique=True)
    files: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ContextVersion(Base):
    """What an audit knew beside the conversations."""

    __tablename__ = "context_versions"

    id: Mapped[Key]
    content_hash: Mapped[Hash] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class AuditRow(Base):
    """One audit; ``observations`` and ``reasons`` as in the audit form, without quotes."""

    __tablename__ = "audits"
    __table_args__ = (
        UniqueConstraint("conversation_id", "revision", "rubric_version_id", "context_version_id", "engine_version"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    rubric_version_id: Mapped[int] = mapped_column(BIG, ForeignKey("rubric_versions.id"), index=True)
    context_version_id: Mapped[int] = mapped_column(BIG, ForeignKey("context_versions.id"), index=True)
    engine_version: Mapped[str] = mapped_column(String(40))
    score: Mapped[float | None]
    scored_share: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(20))
    risk: Mapped[float]
    priority: Mapped[float]
    reasons: Mapped[list[Any]]
    observations: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class CriterionResult(Base):
    """What an audit says of one criterion; those that do not apply are left out.

    ``conversation_id`` is the audit's, for lists by criterion. It has neither foreign key nor index of its own: the
    audit's foreign key holds the rows together, and this is the table with the most rows after the messages.
    """

    __tablename__ = "criterion_results"
    __table_args__ = (Index(None, "criterion", "outcome", "conversation_id"),)

    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(100), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BIG)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(100))
    points: Mapped[float]
    max_points: Mapped[float]
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"), index=True)


class FindingRow(Base):
    """Characters ``start:end`` of one message under one criterion; ``facts`` go with an erasure."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("audit_id", "criterion", "place"),)

    id: Mapped[Key]
    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id", ondelete="CASCADE"))
    criterion: Mapped[str] = mapped_column(String(100))
    place: Mapped[int]
    """Its place among the findings of its criterion, from 0."""
    message_number: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    code: Mapped[str] = mapped_column(String(100))
    facts: Mapped[dict[str, Any]]
