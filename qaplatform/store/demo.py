"""What the demo's filling looks up and names, by the codes of the samples, and what its inspectors look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import (
    AgentRow,
    AuditRow,
    ConversationRow,
    CriterionResult,
    FindingRow,
    MessageRow,
    Review,
    Shop,
    Team,
    WorkItem,
)


class DrawnItem(NamedTuple):
    """A conversation that is somebody's to review, with what the machine says of it."""

    id: int
    conversation_id: int
    audit_id: int
    user_id: int
    version: int
    verdict: str
    latest_review_id: int | None


class FoundWords(NamedTuple):
    """A finding and its words."""

    audit_id: int
    criterion: str
    place: int
    words: str


class Said(NamedTuple):
    """What an agent wrote."""

    number: int
    text: str


def name_shops(session: Session, names: Mapping[str, str]) -> None:
    """Give shops, by code, their names."""
    for code, name in names.items():
        session.execute(update(Shop).where(Shop.code == code).values(name=name))


def shop_id_of(session: Session, code: str) -> int:
    """The shop of a code."""
    return session.scalars(select(Shop.id).where(Shop.code == code)).one()


def team_id_of(session: Session, name: str) -> int:
    """The team of a name."""
    return session.scalars(select(Team.id).where(Team.name == name)).one()


def agent_id_of(session: Session, code: str) -> int:
    """The agent of a code."""
    return session.scalars(select(AgentRow.id).where(AgentRow.code == code)).one()


def newest_start(session: Session) -> datetime | None:
    """When the newest conversation began."""
    return session.scalar(select(func.max(ConversationRow.started_at)))


def drawn_items(session: Session, sample_ids: Collection[int]) -> list[DrawnItem]:
    """The open items of some draws, in the order of their draws."""
    item = WorkItem
    latest = select(func.max(Review.id)).where(Review.conversation_id == item.conversation_id).correlate(item)
    asked = (
        select(
            item.id, item.conversation_id, item.audit_id, item.user_id, item.version, AuditRow.verdict,
            latest.scalar_subquery(),
        )
        .join(AuditRow, AuditRow.id == item.audit_id)
        .where(item.sample_id.in_(sorted(sample_ids)), item.state == "open", item.user_id.is_not(None))
        .order_by(item.id)
    )  # fmt: skip
    return [DrawnItem(*one) for one in session.execute(asked)]


def failed_criteria(session: Session, audit_ids: Collection[int]) -> Sequence[tuple[int, str]]:
    """Audits and the criteria that fail in them."""
    row = CriterionResult
    asked = select(row.audit_id, row.criterion).where(row.audit_id.in_(sorted(audit_ids)), row.outcome == "fail")
    return [(audit_id, criterion) for audit_id, criterion in session.execute(asked)]


def found_words(session: Session, audit_ids: Collection[int]) -> list[FoundWords]:
    """The findings of some audits of newest revisions."""
    found, message = FindingRow, MessageRow
    asked = (
        select(found.audit_id, found.criterion, found.place, message.text, found.start, found.end)
        .join(AuditRow, AuditRow.id == found.audit_id)
        .join(message, (message.conversation_id == AuditRow.conversation_id) & (message.number == found.message_number))
        .where(found.audit_id.in_(sorted(audit_ids)), message.last_revision.is_(None))
        .order_by(found.audit_id, found.criterion, found.place)
    )
    return [FoundWords(*one[:3], one[3][one[4] : one[5]]) for one in session.execute(asked)]


def said_by_agents(session: Session, conversation_ids: Collection[int]) -> dict[int, list[Said]]:
    """What agents wrote in some conversations."""
    row = MessageRow
    asked = (
        select(row.conversation_id, row.number, row.text)
        .where(row.conversation_id.in_(sorted(conversation_ids)), row.role == "agent", row.last_revision.is_(None))
        .order_by(row.conversation_id, row.number)
    )
    out: dict[int, list[Said]] = {}
    for id, number, text in session.execute(asked):
        out.setdefault(id, []).append(Said(number, text))
    return out


def reviews_of_agent(session: Session, agent_id: int) -> list[tuple[int, int, datetime]]:
    """An agent's official reviews, the oldest first: their ids, conversations and moments."""
    asked = (
        select(Review.id, Review.conversation_id, Review.created_at)
        .join(ConversationRow, ConversationRow.review_id == Review.id)
        .where(Review.agent_id == agent_id)
        .order_by(Review.id)
    )
    return [(id, conversation_id, at) for id, conversation_id, at in session.execute(asked)]


def chats_of_agent(session: Session, agent_id: int, since: datetime, until: datetime) -> list[int]:
    """The conversations of an agent that began in a time, the oldest first."""
    row = ConversationRow
    asked = select(row.id).where(row.agent_id == agent_id, row.started_at >= since, row.started_at < until)
    return list(session.scalars(asked.order_by(row.started_at, row.id)))


def hired(session: Session, agent_id: int, day: date) -> None:
    """Say since when an agent has been there."""
    session.get_one(AgentRow, agent_id).hired_on = day
