"""Conversations as a list shows them: one row each, with the names of what it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.conversation_filters import within_scope
from qaplatform.store.scopes import Scope
from qaplatform.store.standing import standing_verdict
from qaplatform.store.tables import AgentRow, ConversationRow, Customer, Shop, Team


class ListedConversation(msgspec.Struct, frozen=True):
    """A conversation in a list; the figures are those of its newest audit, ``None`` before the first one."""

    id: int
    source: str
    source_id: str
    revision: int
    shop_id: int
    shop: str
    timezone: str
    """The shop's."""
    team_id: int | None
    team: str | None
    agent_id: int | None
    """Who wrote the first human message."""
    agent: str | None
    account: str | None
    customer_id: int | None
    customer: str | None
    """The pseudonym."""
    tier: str | None
    case_id: int | None
    order_id: str | None
    channel: str
    queue: str | None
    language: str | None
    csat: float | None
    tags: list[Any]
    message_count: int
    started_at: datetime
    ended_at: datetime
    is_timed: bool
    text_purged_at: datetime | None
    audit_id: int | None
    score: float | None
    scored_share: float | None
    verdict: str | None
    """``pending``: a machine says critical, and no person has confirmed it."""
    risk: float | None
    priority: float | None
    topic: str | None
    failed_count: int | None


_C = ConversationRow
LISTED = (
    select(
        _C.id, _C.source, _C.source_id, _C.revision, _C.shop_id, Shop.name, Shop.timezone, _C.team_id, Team.name,
        _C.agent_id, AgentRow.name, _C.account, _C.customer_id, Customer.pseudonym, Customer.tier, _C.case_id,
        _C.order_id, _C.channel, _C.queue, _C.language, _C.csat, _C.tags, _C.message_count, _C.started_at,
        _C.ended_at, _C.is_timed, _C.text_purged_at, _C.audit_id, _C.score, _C.scored_share, standing_verdict(), _C.risk,
        _C.priority, _C.topic, _C.failed_count,
    )
    .join(Shop, Shop.id == _C.shop_id)
    .outerjoin(Team, Team.id == _C.team_id)
    .outerjoin(AgentRow, AgentRow.id == _C.agent_id)
    .outerjoin(Customer, Customer.id == _C.customer_id)
)  # fmt: skip
"""To be narrowed to some conversations."""


def listed(session: Session, ids: Sequence[int]) -> tuple[ListedConversation, ...]:
    """The conversations of these ids, in their order."""
    if not ids:
        return ()
    rows: Iterable[Any] = session.execute(LISTED.where(_C.id.in_(ids)))
    by_id = {row[0]: ListedConversation(*row) for row in rows}
    return tuple(by_id[id] for id in ids if id in by_id)


def listed_within(session: Session, id: int, scope: Scope) -> ListedConversation | None:
    """The conversation of an id if it lies in a scope."""
    if scope.is_empty:
        return None
    row: Any = session.execute(within_scope(LISTED.where(_C.id == id), scope)).one_or_none()
    return None if row is None else ListedConversation(*row)


def within(session: Session, ids: Collection[int], scope: Scope) -> frozenset[int]:
    """Which of these conversations lie in a scope."""
    if not ids or scope.is_empty:
        return frozenset()
    return frozenset(session.scalars(within_scope(select(_C.id).where(_C.id.in_(sorted(ids))), scope)))
