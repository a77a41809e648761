"""Findings of chats that may become problem points, those that were put aside, and the words they stand in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, literal, select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import (
    AddedFinding,
    AgentRow,
    ConversationRow,
    CriterionResult,
    Customer,
    DailyLog,
    DismissedSuggestion,
    FindingRow,
    FindingRuling,
    MessageRow,
    ProblemPoint,
)


class FoundHere(msgspec.Struct, frozen=True):
    """A finding of a chat's newest audit, or one that its official review added."""

    conversation_id: int
    criterion: str
    message: int
    start: int
    end: int
    code: str
    """Empty where a person found it."""
    facts: dict[str, Any]
    comment: str
    """What the inspector wrote to it; empty where the machine found it."""
    agent_id: int | None
    """Who wrote the message; else whom the criterion is held to."""


class ChatMessage(msgspec.Struct, frozen=True):
    """A message as it was written; to be masked with all others of its chat."""

    conversation_id: int
    number: int
    role: str
    kind: str
    auto: bool
    agent: str | None
    text: str
    customer_key: str | None
    """What the source calls the customer: a name to be masked wherever it stands."""


def findings_of(session: Session, conversation_ids: Collection[int]) -> list[FoundHere]:
    """The findings of some chats, as their official reviews leave them; those of criteria that people let pass among them."""
    ids = sorted(conversation_ids)
    if not ids:
        return []
    c, f, r, m, a = ConversationRow, FindingRow, CriterionResult, MessageRow, AddedFinding
    wrong = (
        select(FindingRuling.finding_id)
        .where(FindingRuling.review_id == c.review_id, FindingRuling.finding_id == f.id, ~FindingRuling.is_right)
        .correlate(c, f)
        .exists()
    )
    by_machine = (
        select(
            c.id, f.criterion, f.message_number, f.start, f.end, f.code, f.facts, literal(""),
            m.agent_id.label("writer"), r.agent_id.label("held"), c.agent_id.label("first"),
        )
        .join(f, f.audit_id == c.audit_id)
        .outerjoin(r, and_(r.audit_id == f.audit_id, r.criterion == f.criterion))
        .outerjoin(m, and_(m.conversation_id == c.id, m.number == f.message_number, m.last_revision.is_(None)))
        .where(c.id.in_(ids), ~wrong)
    )  # fmt: skip
    by_people = (
        select(
            c.id, a.criterion, a.message_number, a.start, a.end, literal(""), literal(None), a.comment,
            m.agent_id.label("writer"), literal(None), c.agent_id.label("first"),
        )
        .join(a, a.review_id == c.review_id)
        .outerjoin(m, and_(m.conversation_id == c.id, m.number == a.message_number, m.last_revision.is_(None)))
        .where(c.id.in_(ids))
    )  # fmt: skip
    found = []
    for asked in (by_machine, by_people):
        rows: Iterable[Any] = session.execute(asked)
        for id, criterion, message, start, end, code, facts, comment, writer, held, first in rows:
            agent_id = writer or held or first
            found.append(FoundHere(id, criterion, message, start, end, code, facts or {}, comment, agent_id))
    return sorted(found, key=lambda one: (one.conversation_id, one.message, one.start, one.criterion, one.end))


def settled(session: Session, agent_id: int, conversation_ids: Collection[int]) -> set[tuple[int, str]]:
    """Findings (chat and key) that are dismissed, or have become a standing point of somebody."""
    ids = sorted(conversation_ids)
    put_aside = select(DismissedSuggestion.conversation_id, DismissedSuggestion.finding_key).where(
        DismissedSuggestion.conversation_id.in_(ids)
    )
    accepted = (
        select(ProblemPoint.conversation_id, ProblemPoint.finding_key)
        .join(DailyLog, DailyLog.id == ProblemPoint.log_id)
        .where(
            ProblemPoint.conversation_id.in_(ids), ProblemPoint.finding_key.is_not(None),
            ProblemPoint.withdrawn_at.is_(None), DailyLog.agent_id == agent_id,
        )
    )  # fmt: skip
    return {(id, key) for id, key in session.execute(put_aside.union(accepted))}


def dismiss(session: Session, conversation_id: int, finding_key: str, *, user_id: int, now: datetime) -> None:
    """Put a finding aside; twice is the same as once."""
    row = {"conversation_id": conversation_id, "finding_key": finding_key, "user_id": user_id, "created_at": now}
    insert_new(session, DismissedSuggestion, [row])


def messages_of(session: Session, conversation_ids: Collection[int]) -> dict[int, list[ChatMessage]]:
    """All messages of the newest revisions of some chats, in order."""
    m = MessageRow
    asked = (
        select(m.conversation_id, m.number, m.role, m.kind, m.auto, AgentRow.name, m.text, Customer.source_key)
        .join(ConversationRow, ConversationRow.id == m.conversation_id)
        .outerjoin(Customer, Customer.id == ConversationRow.customer_id)
        .outerjoin(AgentRow, AgentRow.id == m.agent_id)
        .where(m.conversation_id.in_(sorted(conversation_ids)), m.last_revision.is_(None))
        .order_by(m.conversation_id, m.number)
    )
    out: dict[int, list[ChatMessage]] = {id: [] for id in conversation_ids}
    rows: Iterable[Any] = session.execute(asked)
    for row in rows:
        out[row[0]].append(ChatMessage(*row))
    return out
