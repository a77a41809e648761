"""What a dashboard asks for beside the daily figures: names, and chats that show what a figure is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import (
    AgentRow,
    ConversationAgent,
    ConversationMark,
    ConversationRow,
    CriterionResult,
    Review,
    Shop,
    Team,
)


class Names(NamedTuple):
    """Names by id."""

    shops: dict[int, str]
    teams: dict[int, str]
    agents: dict[int, str]


class Span(msgspec.Struct, frozen=True):
    """Which conversations samples are taken from: moments are half-open, ``None`` narrows nothing."""

    since: datetime
    until: datetime
    shop_id: int | None = None
    team_id: int | None = None
    agent_id: int | None = None
    topic: str | None = None
    queue: str | None = None


class Sample(NamedTuple):
    """A chat that shows what a figure is made of."""

    conversation_id: int
    started_at: datetime


class Reviewed(NamedTuple):
    """How many of an agent's chats people have reviewed, by how they were drawn."""

    agent_id: int
    draw: str
    chats: int


def names_of(
    session: Session, shop_ids: Collection[int], team_ids: Collection[int], agent_ids: Collection[int]
) -> Names:
    """The names of shops, teams and agents; in one statement."""
    wanted: Sequence[tuple[Any, Collection[int]]] = ((Shop, shop_ids), (Team, team_ids), (AgentRow, agent_ids))
    parts = [
        select(literal(place).label("kind"), table.id, table.name).where(table.id.in_(sorted(ids)))
        for place, (table, ids) in enumerate(wanted)
    ]
    out: tuple[dict[int, str], ...] = ({}, {}, {})
    for kind, id, name in session.execute(union_all(*parts)):
        out[kind][id] = name
    return Names(*out)


def samples_of_criteria(
    session: Session, scope: Scope, span: Span, criteria: Sequence[str], *, each: int
) -> dict[str, list[Sample]]:
    """The newest chats that failed each of some criteria."""
    mark, row = ConversationMark, ConversationRow
    parts: list[Select[Any]] = []
    for criterion in criteria:
        asked = (
            select(literal(criterion).label("criterion"), row.id, row.started_at)
            .join(mark, mark.conversation_id == row.id)
            .where(mark.kind == "failed", mark.mark == criterion, mark.started_at >= span.since, mark.started_at < span.until)
            .where(*_narrowed(span))
        )  # fmt: skip
        parts.append(_newest(_seen(asked, scope), (mark.started_at.desc(), mark.conversation_id.desc()), each))
    found: dict[str, list[Sample]] = {}
    for criterion, id, started_at in session.execute(union_all(*parts)) if parts else ():
        found.setdefault(criterion, []).append(Sample(id, started_at))
    return found


def samples_of_agents(
    session: Session, scope: Scope, span: Span, wanted: Sequence[tuple[int, str]], *, each: int
) -> dict[tuple[int, str], list[Sample]]:
    """The newest chats in which an agent's own part failed a criterion, for each of some agents and criteria."""
    wrote, row, result = ConversationAgent, ConversationRow, CriterionResult
    parts: list[Select[Any]] = []
    for agent_id, criterion in wanted:
        asked = (
            select(literal(agent_id).label("agent"), literal(criterion).label("criterion"), row.id, row.started_at)
            .join(wrote, wrote.conversation_id == row.id)
            .join(result, (result.audit_id == row.audit_id) & (result.criterion == criterion))
            .where(wrote.agent_id == agent_id, wrote.started_at >= span.since, wrote.started_at < span.until)
            .where(result.outcome == "fail", or_(result.agent_id == agent_id, result.agent_id.is_(None)))
            .where(*_narrowed(span))
        )
        parts.append(_newest(_seen(asked, scope), (wrote.started_at.desc(), wrote.conversation_id.desc()), each))
    found: dict[tuple[int, str], list[Sample]] = {}
    for agent_id, criterion, id, started_at in session.execute(union_all(*parts)) if parts else ():
        found.setdefault((agent_id, criterion), []).append(Sample(id, started_at))
    return found


def reviewed(session: Session, scope: Scope, span: Span) -> list[Reviewed]:
    """How many chats that began in a span were reviewed, by their first agent and how they were drawn; each chat once."""
    row = ConversationRow
    # Every later review of a chat has a greater number.
    newest = select(func.max(Review.id)).group_by(Review.conversation_id)
    asked = (
        select(row.agent_id, Review.draw, func.count())
        .join(Review, Review.conversation_id == row.id)
        .where(
            Review.id.in_(newest), row.agent_id.is_not(None), row.started_at >= span.since, row.started_at < span.until,
            *_narrowed(span),
        )
        .group_by(row.agent_id, Review.draw)
    )  # fmt: skip
    return [Reviewed(*found) for found in session.execute(_seen(asked, scope))]


def _narrowed(span: Span) -> list[ColumnElement[bool]]:
    row = ConversationRow
    pairs: Sequence[tuple[Any, Any]] = (
        (row.shop_id, span.shop_id),
        (row.team_id, span.team_id),
        (row.agent_id, span.agent_id),
        (row.topic, span.topic),
        (row.queue, span.queue),
    )
    return [column == value for column, value in pairs if value is not None]


def _seen(asked: Any, scope: Scope) -> Select[Any]:
    row = ConversationRow
    narrowed: Select[Any] = within(asked, scope, shop=row.shop_id, team=row.team_id, agent=row.agent_id)
    return narrowed


def _newest(asked: Select[Any], order: Sequence[Any], most: int) -> Select[Any]:
    return select(asked.order_by(*order).limit(most).subquery())
