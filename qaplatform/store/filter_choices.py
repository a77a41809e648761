"""What the filters of the list can be set to, as far as a reader may know of it.

Words that everybody knows (topics, queues, criteria …) are those of the whole workplace, as its newest conversations have
them. Shops, teams, agents and tags are all there are for whoever sees everything; others are offered what they are
bound to and what stands in the newest conversations of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from qaplatform.store.conversation_filters import ConversationFilter, memberships
from qaplatform.store.listing import ORDERS
from qaplatform.store.listing_ways import Asked, way_of
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, ConversationMark, ConversationRow, Shop, Team

_RECENT = 2_000
_OWN_RECENT = 200
_MOST_MARKS = 200
_C = ConversationRow


class Choice(msgspec.Struct, frozen=True):
    """Something with an id and a name."""

    id: int
    name: str


class FilterChoices(msgspec.Struct, frozen=True):
    """Values for the filters, sorted."""

    shops: tuple[Choice, ...] = ()
    teams: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()
    channels: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    """Those that failed at least once."""
    tags: tuple[str, ...] = ()


def filter_choices(session: Session, scope: Scope) -> FilterChoices:
    """The choices of somebody who sees a scope."""
    if scope.is_empty:
        return FilterChoices()
    channels, queues, languages, topics = _words(session)
    everything = scope.everything
    recent = None if everything else _recent(session, scope)
    shop_ids, team_ids, agent_ids = ((), (), ()) if recent is None else _of_recent(session, recent)
    own_agents = AgentRow.id.in_({*agent_ids, scope.agent_id or 0}) | AgentRow.team_id.in_(sorted(scope.team_ids))
    marks: Sequence[Any] = session.execute(union_all(_leaps("failed"), _tags(recent))).all()
    return FilterChoices(
        shops=_named(session, Shop, None if everything else Shop.id.in_({*shop_ids, *scope.shop_ids})),
        teams=_named(session, Team, None if everything else Team.id.in_({*team_ids, *scope.team_ids})),
        agents=_named(session, AgentRow, None if everything else own_agents),
        channels=channels,
        queues=queues,
        languages=languages,
        topics=topics,
        criteria=tuple(sorted({mark for kind, mark in marks if kind == "failed"})),
        tags=tuple(sorted(mark for kind, mark in marks if kind == "tag")),
    )


def _words(session: Session) -> Iterator[tuple[str, ...]]:
    """Channels, queues, languages and topics of the newest conversations, out of the index alone."""
    columns = (_C.channel, _C.queue, _C.language, _C.topic)
    newest = (
        select(*columns)
        .with_hint(_C, "INDEXED BY ix_conversations_by_started_at", "sqlite")
        .order_by(_C.started_at.desc(), _C.id.desc())
        .limit(_RECENT)
        .subquery()
    )
    rows: Sequence[Any] = session.execute(select(newest).distinct()).all()
    return (_column(rows, place) for place in range(len(columns)))


def _of_recent(session: Session, recent: Select[int]) -> tuple[tuple[int, ...], ...]:
    """Shops, teams and first agents."""
    asked = select(_C.shop_id, _C.team_id, _C.agent_id).where(_C.id.in_(recent)).distinct()
    rows: Sequence[Any] = session.execute(asked).all()
    return tuple(_column(rows, place) for place in range(3))


def _column(rows: Sequence[Any], place: int) -> tuple[Any, ...]:
    return tuple(sorted({row[place] for row in rows} - {None}))


def _recent(session: Session, scope: Scope) -> Select[int]:
    nothing = ConversationFilter()
    way = way_of(session, Asked(nothing, scope, ORDERS["newest"], memberships(nothing, scope)))
    newest = way.statement.order_by(way.value.desc(), way.id.desc()).limit(_OWN_RECENT).subquery()
    return select(newest.c[0])


def _named(session: Session, model: type[Shop | Team | AgentRow], condition: Any) -> tuple[Choice, ...]:
    asked = select(model.id, model.name).order_by(model.name, model.id)
    rows: Iterable[Any] = session.execute(asked if condition is None else asked.where(condition))
    return tuple(Choice(*row) for row in rows)


def _tags(recent: Select[int] | None) -> Select[str, str]:
    if recent is None:
        return _leaps("tag")
    # All their marks: asked for one kind only, SQLite would go through all of that kind instead.
    mark = ConversationMark
    return select(mark.kind, mark.mark).where(mark.conversation_id.in_(recent)).distinct()


def _leaps(kind: str) -> Select[str, str]:
    """Every mark of a kind once, by leaps along the index: from each one to the next greater one."""
    mark, after = ConversationMark, aliased(ConversationMark)
    leap = select(func.min(mark.mark).label("mark")).where(mark.kind == kind).cte(f"{kind}_marks", recursive=True)
    next_one = select(func.min(after.mark)).where(after.kind == kind, after.mark > leap.c.mark).scalar_subquery()
    leap = leap.union_all(select(next_one).where(leap.c.mark.is_not(None)))
    found = select(literal(kind).label("kind"), leap.c.mark).where(leap.c.mark.is_not(None)).limit(_MOST_MARKS)
    return select(found.subquery())
