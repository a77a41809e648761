"""What the filters of the list can be set to, as far as a reader may know of it.

Words that everybody knows (topics, queues, criteria …) are those of the whole workplace, as its newest conversations have
them. Shops, teams, agents and tags are all there are for whoever sees everything; others are offered what they are
bound to and what stands in the newest conversations of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
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
_Named = Shop | Team | AgentRow


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


class Recent(msgspec.Struct, frozen=True):
    """What the newest conversations hold, sorted; it changes slowly, and takes longer to find than all names."""

    channels: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    shop_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()


def filter_choices(session: Session, scope: Scope, recent: Recent | None = None) -> FilterChoices:
    """The choices of somebody who sees a scope; ``recent``, if it is known already, is that scope's."""
    if scope.is_empty:
        return FilterChoices()
    recent = recent or recent_of(session, scope)
    shops: ColumnElement[bool] = Shop.id.in_({*recent.shop_ids, *scope.shop_ids})
    teams: ColumnElement[bool] = Team.id.in_({*recent.team_ids, *scope.team_ids})
    agents: ColumnElement[bool] = AgentRow.id.in_({*recent.agent_ids, scope.agent_id or 0}) | AgentRow.team_id.in_(
        sorted(scope.team_ids)
    )
    if scope.everything:
        shops = teams = agents = true()
    names = _names(session, {Shop: shops, Team: teams, AgentRow: agents})
    return FilterChoices(
        shops=names[Shop],
        teams=names[Team],
        agents=names[AgentRow],
        channels=recent.channels,
        queues=recent.queues,
        languages=recent.languages,
        topics=recent.topics,
        criteria=recent.criteria,
        tags=recent.tags,
    )


def recent_of(session: Session, scope: Scope) -> Recent:
    """What the newest conversations hold, as far as somebody who sees a scope may know of it."""
    if scope.is_empty:
        return Recent()
    newest = None if scope.everything else _newest(session, scope)
    shop_ids, team_ids, agent_ids = ((), (), ()) if newest is None else _of_newest(session, newest)
    marks: Sequence[Any] = session.execute(union_all(_leaps("failed"), _tags(newest))).all()
    channels, queues, languages, topics = _words(session)
    return Recent(
        channels=channels,
        queues=queues,
        languages=languages,
        topics=topics,
        criteria=tuple(sorted({mark for kind, mark in marks if kind == "failed"})),
        tags=tuple(sorted(mark for kind, mark in marks if kind == "tag")),
        shop_ids=shop_ids,
        team_ids=team_ids,
        agent_ids=agent_ids,
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


def _of_newest(session: Session, newest: Select[int]) -> tuple[tuple[int, ...], ...]:
    """Shops, teams and first agents."""
    asked = select(_C.shop_id, _C.team_id, _C.agent_id).where(_C.id.in_(newest)).distinct()
    rows: Sequence[Any] = session.execute(asked).all()
    return tuple(_column(rows, place) for place in range(3))


def _column(rows: Sequence[Any], place: int) -> tuple[Any, ...]:
    return tuple(sorted({row[place] for row in rows} - {None}))


def _newest(session: Session, scope: Scope) -> Select[int]:
    nothing = ConversationFilter()
    way = way_of(session, Asked(nothing, scope, ORDERS["newest"], memberships(nothing, scope)))
    newest = way.statement.order_by(way.value.desc(), way.id.desc()).limit(_OWN_RECENT).subquery()
    return select(newest.c[0])


def _names(
    session: Session, wanted: Mapping[type[_Named], ColumnElement[bool]]
) -> Mapping[type[_Named], tuple[Choice, ...]]:
    """What of each kind is wanted, by name; in one statement."""
    kinds = list(wanted)
    parts = [
        select(literal(place).label("kind"), kind.id, kind.name).where(wanted[kind]) for place, kind in enumerate(kinds)
    ]
    found = sorted(session.execute(union_all(*parts)).all(), key=lambda row: (row.name, row.id))
    return {
        kind: tuple(Choice(row.id, row.name) for row in found if row.kind == place) for place, kind in enumerate(kinds)
    }


def _tags(newest: Select[int] | None) -> Select[str, str]:
    if newest is None:
        return _leaps("tag")
    # All their marks: asked for one kind only, SQLite would go through all of that kind instead.
    mark = ConversationMark
    return select(mark.kind, mark.mark).where(mark.conversation_id.in_(newest)).distinct()


def _leaps(kind: str) -> Select[str, str]:
    """Every mark of a kind once, by leaps along the index: from each one to the next greater one."""
    mark, after = ConversationMark, aliased(ConversationMark)
    leap = select(func.min(mark.mark).label("mark")).where(mark.kind == kind).cte(f"{kind}_marks", recursive=True)
    next_one = select(func.min(after.mark)).where(after.kind == kind, after.mark > leap.c.mark).scalar_subquery()
    leap = leap.union_all(select(next_one).where(leap.c.mark.is_not(None)))
    found = select(literal(kind).label("kind"), leap.c.mark).where(leap.c.mark.is_not(None)).limit(_MOST_MARKS)
    return select(found.subquery())
