"""Figures for home pages: few queries over indexed ranges, narrowed to what the reader may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from qaplatform.store.scopes import Scope, within
from qaplatform.store.standing import CRITICAL, standing_verdict
from qaplatform.store.tables import AgentRow, ConversationRow, Import, Job, Shop, User

_Narrowed = TypeVar("_Narrowed", bound=Select[*tuple[Any, ...]])


class Tally(msgspec.Struct, frozen=True):
    """Conversations of one span and one verdict."""

    span: int
    verdict: str | None
    """``None`` = not audited yet."""
    count: int
    scored_count: int
    score_sum: float


class Line(msgspec.Struct, frozen=True):
    """A conversation in a short list."""

    id: int
    started_at: datetime
    shop: str
    agent: str | None
    account: str | None
    verdict: str | None
    score: float | None
    priority: float | None
    is_blind: bool = False
    """Whether the reader has still to review it blind; then the figures are left out."""


def tallies(session: Session, scope: Scope, bounds: Sequence[datetime]) -> list[Tally]:
    """Conversations by verdict in the spans between neighbouring moments (half-open; the first span is 0)."""
    parts = [_tally(scope, span, start, end) for span, (start, end) in enumerate(pairwise(bounds))]
    return [Tally(*row) for row in session.execute(union_all(*parts))]


def _tally(scope: Scope, span: int, start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    # A range for each span, read from an index that holds all it asks for; sorting rows into spans costs three times that.
    query = select(
        literal(span),
        ConversationRow.verdict,
        func.count(),
        func.count(ConversationRow.score),
        func.coalesce(func.sum(ConversationRow.score), 0.0),
    ).where(ConversationRow.started_at >= start, ConversationRow.started_at < end)
    return _seen(query, scope).group_by(ConversationRow.verdict)


def confirmed(session: Session, scope: Scope, since: datetime, until: datetime) -> list[tuple[datetime, float | None]]:
    """When the conversations of a span began whose critical failure a person has confirmed, and their scores."""
    row = ConversationRow
    query = select(row.started_at, row.score).where(
        row.started_at >= since, row.started_at < until, row.verdict == CRITICAL, row.review_id.is_not(None)
    )
    return [(moment, score) for moment, score in session.execute(_seen(query, scope))]


def newest(session: Session, scope: Scope, limit: int) -> list[Line]:
    """The newest conversations."""
    return _lines(session, scope, limit, order=(ConversationRow.started_at.desc(), ConversationRow.id.desc()))


def latest(session: Session, scope: Scope, *, before: datetime) -> datetime | None:
    """When the newest conversation that began before then began."""
    query = _seen(select(ConversationRow.started_at).where(ConversationRow.started_at < before), scope)
    return session.scalar(query.order_by(ConversationRow.started_at.desc()).limit(1))


def pressing(session: Session, scope: Scope, since: datetime, limit: int) -> list[Line]:
    """The conversations since then that a person should see first, by priority."""
    order = (ConversationRow.priority.desc(), ConversationRow.id.desc())
    return _lines(session, scope, limit, since=since, order=order)


def imports_by_state(session: Session, scope: Scope, failed_since: datetime) -> dict[str, int]:
    """Imports that wait, run, or failed since then."""
    query = select(Import.state, func.count()).where(
        Import.state.in_(("waiting", "running")) | ((Import.state == "failed") & (Import.created_at >= failed_since))
    )
    return _by_state(session, within(query, scope, shop=Import.shop_id).group_by(Import.state))


def jobs_by_state(session: Session, failed_since: datetime, *, quiet_kinds: Collection[str]) -> dict[str, int]:
    """Jobs that wait, run, or failed since then; those of quiet kinds only if they failed."""
    query = select(Job.state, func.count()).where(
        (Job.state.in_(("waiting", "running")) & Job.kind.not_in(quiet_kinds))
        | ((Job.state == "failed") & (Job.created_at >= failed_since))
    )
    return _by_state(session, query.group_by(Job.state))


def _by_state(session: Session, query: Select[str, int]) -> dict[str, int]:
    """Counts of all the states a page asks for, also of those nothing is in."""
    return {"waiting": 0, "running": 0, "failed": 0, **dict(session.execute(query).all())}


def house(session: Session) -> dict[str, int]:
    """How many active users, shops and agents there are: what an admin has set up."""
    return {
        "users": session.scalar(select(func.count()).where(User.active)) or 0,
        "shops": session.scalar(select(func.count()).where(Shop.active)) or 0,
        "agents": session.scalar(select(func.count()).where(AgentRow.left_on.is_(None))) or 0,
    }


def _seen(query: _Narrowed, scope: Scope) -> _Narrowed:
    return within(
        query,
        scope,
        shop=ConversationRow.shop_id,
        team=ConversationRow.team_id,
        agent=ConversationRow.agent_id,
    )


def _lines(
    session: Session, scope: Scope, limit: int, *, order: Sequence[ColumnElement[Any]], since: datetime | None = None
) -> list[Line]:
    query = _seen(
        select(
            ConversationRow.id,
            ConversationRow.started_at,
            Shop.name,
            AgentRow.name,
            ConversationRow.account,
            standing_verdict(),
            ConversationRow.score,
            ConversationRow.priority,
        )
        .join(Shop, Shop.id == ConversationRow.shop_id)
        .outerjoin(AgentRow, AgentRow.id == ConversationRow.agent_id),
        scope,
    )
    if since is not None:
        query = query.where(ConversationRow.started_at >= since, ConversationRow.priority.is_not(None))
    return [Line(*row) for row in session.execute(query.order_by(*order).limit(limit))]
