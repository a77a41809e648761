"""What a plan can draw from: the newest conversations that its filter means, with the columns that methods look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, Double, Integer, Select, Table, extract, func, select, union_all
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from qaplatform.audit.sampling import Candidate
from qaplatform.store.conversation_filters import CONVERSATIONS, OPEN_STATES, ConversationFilter, memberships
from qaplatform.store.listing import ORDERS
from qaplatform.store.listing_ways import Asked, way_of
from qaplatform.store.rows import is_sqlite
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, ConversationAgent, ConversationRow, Review, Sample, WorkItem

MOST_IN_POOL = 10_000
"""So many of the newest are looked at, and no more: the page says so."""
_C = CONVERSATIONS.c
_AGENTS = cast("Table", ConversationAgent.__table__)


class Further(msgspec.Struct, frozen=True):
    """What plans are narrowed by that the list of conversations is not."""

    min_value: float | None = None
    """Of the order."""
    max_value: float | None = None
    hired_since: date | None = None
    """The first agent was hired on this day or later."""


class But(msgspec.Struct, frozen=True):
    """What is not drawn again, beside what waits for somebody."""

    plan_id: int | None = None
    """What this plan is done with: reviewed or replaced."""
    sample_id: int | None = None
    """All of this draw, even what was taken back."""


NOTHING = But()


class Pool(msgspec.Struct, frozen=True):
    """What can be drawn; ``is_cut``: there are more, and these are the newest."""

    candidates: list[Candidate]
    is_cut: bool


def pool(
    session: Session,
    wanted: ConversationFilter,
    scope: Scope,
    further: Further,
    *,
    today: date,
    but: But = NOTHING,
    with_times: bool = False,
    most: int = MOST_IN_POOL,
) -> Pool:
    """The candidates: audited, with their words, not waiting for anybody, and not yet reviewed or replaced in the same plan.

    Args:
        session: a transaction; nothing is written.
        wanted: the filter, without words to search for.
        scope: what whoever answers for the plan may see.
        further: what else narrows it.
        today: for the days since somebody was hired.
        but: what is left out.
        with_times: whether durations are needed.
        most: as :data:`MOST_IN_POOL`; tests make it small.
    """
    if scope.is_empty:
        return Pool([], is_cut=False)
    asked = Asked(wanted, scope, ORDERS["newest"], memberships(wanted, scope))
    way = way_of(session, asked)
    newest = way.statement.order_by(way.value.desc(), way.id.desc()).limit(most + 1).subquery("newest")
    id = newest.c[0]
    columns: list[Any] = [
        _C.id, _C.agent_id, _C.shop_id, _C.team_id, _C.topic, _C.score, _C.risk, _C.priority, _C.message_count,
        _C.audit_id, _C.text_purged_at.is_(None),
    ]  # fmt: skip
    if with_times:
        columns.append(_lasted(session))
    if further.min_value is not None or further.max_value is not None:
        columns.append(_C.order_value)
    statement: Select[Any] = select(*columns).select_from(newest.join(CONVERSATIONS, _C.id == id))
    rows = session.execute(statement.with_hint(CONVERSATIONS, "NOT INDEXED", "sqlite")).all()
    is_cut = len(rows) > most
    hired = _hired(session)
    taken = _taken(session, min((row[0] for row in rows), default=0), but)
    out = []
    for row in rows:
        hired_on = hired.get(row[1])
        if row[9] is None or not row[10] or row[0] in taken or not _holds(further, hired_on, row[-1]):
            continue
        out.append(
            Candidate(
                row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7],
                (today - hired_on).days if hired_on is not None else None,
                row[8],
                row[11] if with_times else None,
            )
        )  # fmt: skip
    return Pool(out, is_cut)


def _lasted(session: Session) -> ColumnElement[Any]:
    """Seconds from the first message to the last; reckoned by the database, which is quicker than ten thousand moments here."""
    if is_sqlite(session):
        return cast_to(func.strftime("%s", _C.ended_at), Integer) - cast_to(func.strftime("%s", _C.started_at), Integer)
    return cast_to(extract("epoch", _C.ended_at - _C.started_at), Double)


def _holds(further: Further, hired_on: date | None, value: Any) -> bool:
    if further.hired_since is not None and (hired_on is None or hired_on < further.hired_since):
        return False
    if further.min_value is not None and (value is None or value < further.min_value):
        return False
    return further.max_value is None or (value is not None and value <= further.max_value)


def _hired(session: Session) -> dict[int | None, date]:
    rows = session.execute(select(AgentRow.id, AgentRow.hired_on).where(AgentRow.hired_on.is_not(None)))
    return {id: hired_on for id, hired_on in rows if hired_on is not None}


def _taken(session: Session, from_id: int, but: But) -> set[int]:
    """Conversations that somebody has still to review, and those that the plan or the draw is done with."""
    c = WorkItem.conversation_id
    parts = [select(c).where(WorkItem.state.in_(OPEN_STATES), c >= from_id)]
    if but.plan_id is not None:
        of_plan = select(c).join(Sample, Sample.id == WorkItem.sample_id).where(Sample.plan_id == but.plan_id)
        parts.append(of_plan.where(WorkItem.state.in_(("done", "replaced")), c >= from_id))
    if but.sample_id is not None:
        parts.append(select(c).where(WorkItem.sample_id == but.sample_id))
    return set(session.scalars(union_all(*parts)))


def chats_of(session: Session, agent_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """By agent the conversations in which they wrote: nobody reviews their own."""
    if not agent_ids:
        return {}
    found: dict[int, set[int]] = {id: set() for id in agent_ids}
    c = _AGENTS.c
    for agent_id, id in session.execute(select(c.agent_id, c.conversation_id).where(c.agent_id.in_(sorted(agent_ids)))):
        found[agent_id].add(id)
    return {agent_id: frozenset(ids) for agent_id, ids in found.items()}


def writers_of(session: Session, conversation_id: int) -> frozenset[int]:
    """The agents who wrote in a conversation."""
    c = _AGENTS.c
    return frozenset(session.scalars(select(c.agent_id).where(c.conversation_id == conversation_id)))


def reviewed_since(session: Session, since: datetime) -> Mapping[int, int]:
    """By agent, how many of their conversations were reviewed since a moment."""
    rows = session.execute(
        select(Review.agent_id, func.count(Review.conversation_id.distinct()))
        .where(Review.created_at >= since, Review.agent_id.is_not(None))
        .group_by(Review.agent_id)
    )
    return {id: count for id, count in rows if id is not None}


class Pinned(msgspec.Struct, frozen=True):
    """What a work item is pinned to, and where its conversation belongs."""

    id: int
    revision: int
    audit_id: int
    shop_id: int
    team_id: int | None
    agent_id: int | None


def pinned(session: Session, ids: Iterable[int]) -> Mapping[int, Pinned]:
    """Conversations as they stand now, with their newest audit; those that have none are left out."""
    rows = session.execute(
        select(
            ConversationRow.id, ConversationRow.revision, ConversationRow.audit_id, ConversationRow.shop_id,
            ConversationRow.team_id, ConversationRow.agent_id,
        ).where(ConversationRow.id.in_(sorted(ids)), ConversationRow.audit_id.is_not(None))
    )  # fmt: skip
    return {row[0]: Pinned(row[0], row[1], cast("int", row[2]), row[3], row[4], row[5]) for row in rows}
