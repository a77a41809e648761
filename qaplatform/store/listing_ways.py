"""Ways through the conversations for their list: none reads more than it must, whatever the planners guess.

- **walk**: along the index of the order, which holds every column that a filter looks at, until the page is full;
- **lane**: along the index of the one shop or team, newest first;
- **members**: along the table of the one agent, failed criterion or tag, newest first;
- **few**: where at most some thousand conversations can be meant, all of them, sorted.

SQLite is told which index to take, and so needs no statistics; PostgreSQL finds it by its own.

Counting looks at no more than 10,000 candidates, the newest ones: what it finds among them is a lower bound if there
are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, func, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import iterate

from qaplatform.store import search
from qaplatform.store.conversation_filters import (
    CONVERSATIONS,
    Columns,
    ConversationFilter,
    Membership,
    begun,
    conditions,
    is_keyed,
    lane_of,
)
from qaplatform.store.scopes import Scope
from qaplatform.store.tables.conversations import WALK_BY_START

MOST_COUNTED = 10_000
"""So many candidates are looked at for a count, and no more."""
_MOST_READ = 2_000
"""The same where an index alone does not tell enough and rows are read."""
_FEW = 2_000
_C = CONVERSATIONS.c


@dataclass(frozen=True)
class Ordered:
    """An order of the list; the id decides between equals."""

    column: str
    walk: str
    """The index that holds it."""
    descending: bool
    has_gaps: bool
    """Whether some rows have no value; they come last."""


@dataclass(frozen=True)
class Asked:
    """What is asked for, taken apart."""

    wanted: ConversationFilter
    scope: Scope
    ordered: Ordered
    members: Sequence[Membership]

    def conditions(self, c: Columns, but: Membership | None = None) -> list[ColumnElement[bool]]:
        """What must hold of a row, but for times and words; ``but`` is known to hold."""
        held = [one.holds(c.id) for one in self.members if one is not but]
        return [*conditions(self.wanted, self.scope, c), *held]


@dataclass(frozen=True)
class Way:
    """A way through the candidates: all that is asked for but the words."""

    ordered: Ordered
    statement: Select[int, Any]
    """Ids and values in the order, not sorted."""
    id: ColumnElement[int]
    value: ColumnElement[Any]
    counted: Select[int, int]
    """How many candidates were looked at (one more than ``most_counted`` if there are more), and how many are meant."""
    most_counted: int


def way_of(session: Session, asked: Asked) -> Way:
    """The way to take."""
    if is_keyed(asked.wanted):
        return _few(asked, None)
    narrowest = _narrowest(session, asked)
    if narrowest is not None:
        member, size = narrowest
        if member is not None and member.walk is not None and asked.ordered.column == "started_at":
            return _along_members(asked, member)
        if size <= _FEW:
            return _in_time(asked) if member is None else _few(asked, member)
    return _walk(asked)


def _narrowest(session: Session, asked: Asked) -> tuple[Membership | None, int] | None:
    """The smallest set that all candidates belong to, counted as far as it matters; ``None`` for the set: the times."""
    sets: list[tuple[Membership | None, Select[Any]]] = [(one, one.ids()) for one in asked.members]
    if asked.ordered.column != "started_at" and begun(asked.wanted, _C.started_at):
        sets.append((None, _hinted(select(_C.id), WALK_BY_START).where(*begun(asked.wanted, _C.started_at))))
    if not sets:
        return None
    sizes = [_counted(ids.limit(_FEW + 1)).scalar_subquery() for _, ids in sets]
    found = zip((one for one, _ in sets), session.execute(select(*sizes)).one(), strict=True)
    return min(found, key=lambda pair: (pair[1], pair[0] is None or pair[0].walk is None))


def hit_way(session: Session, asked: Asked, way: Way) -> Way:
    """A way through all conversations that the search index has for the words; see ``search.hits`` on rough ones."""
    hits = search.hits(session, asked.wanted.text, rough=True)
    if session.get_bind().dialect.name == "sqlite":
        if session.execute(_counted(hits.limit(_FEW + 1))).scalar_one() <= _FEW:
            return _few(asked, None, among=hits)
        return replace(way, statement=way.statement.where(way.id.in_(hits)))
    # Looked up once and first: the planner would rather try them one by one.
    found = hits.cte("hits").prefix_with("MATERIALIZED")
    return replace(way, statement=way.statement.where(way.id.in_(select(found.c.conversation_id))))


def _few(asked: Asked, member: Membership | None, among: Select[int] | None = None) -> Way:
    statement = select(_C.id, _value(asked)).where(*asked.conditions(_C, member), *begun(asked.wanted, _C.started_at))
    ids = member.ids() if member is not None else among
    if ids is not None:
        statement = statement.where(_C.id.in_(ids)).with_hint(CONVERSATIONS, "NOT INDEXED", "sqlite")
    return _small(asked, statement)


def _in_time(asked: Asked) -> Way:
    statement = _hinted(select(_C.id, _value(asked)), WALK_BY_START)
    return _small(asked, statement.where(*asked.conditions(_C), *begun(asked.wanted, _C.started_at)))


def _small(asked: Asked, statement: Select[int, Any]) -> Way:
    # Found all at once and then sorted: the planner would rather walk along the order until it meets them.
    few = statement.cte("few").prefix_with("MATERIALIZED")
    id, value = few.c.values()
    pool = select(few.c.id).limit(MOST_COUNTED + 1).subquery()
    counted = select(func.count(), func.count()).select_from(pool)
    return Way(asked.ordered, select(id, value), id, value, counted, MOST_COUNTED)


def _along_members(asked: Asked, member: Membership) -> Way:
    m = member.table.c
    statement = _hinted(select(m.conversation_id, m.started_at), str(member.walk), member.table)
    statement = statement.where(*member.conditions, *begun(asked.wanted, m.started_at))
    others = asked.conditions(_C, member)
    most = MOST_COUNTED
    pool: Select[Any] = statement
    if others:
        statement = statement.join(CONVERSATIONS, _C.id == m.conversation_id)
        statement = statement.with_hint(CONVERSATIONS, "NOT INDEXED", "sqlite")
        most = _MOST_READ
        pool = statement.with_only_columns(*_used(others), maintain_column_froms=True)
    pool = pool.order_by(m.started_at.desc(), m.conversation_id.desc())
    counted = _looked_at(asked, pool, most, member)
    return Way(asked.ordered, statement.where(*others), m.conversation_id, m.started_at, counted, most)


def _walk(asked: Asked) -> Way:
    in_time = begun(asked.wanted, _C.started_at)
    lane = lane_of(asked.wanted, asked.scope)
    others = asked.conditions(_C)
    index, pool = asked.ordered.walk, _hinted(select(*_used(others)), WALK_BY_START)
    if lane is not None:
        along = f"ix_conversations_{lane.column}_started_at_id"
        index = along if asked.ordered.column == "started_at" else index
        if lane.is_all:
            only = _C[lane.column] == lane.id
            pool = _hinted(select(_C.id, _C[lane.column]), along).where(only)
    pool = pool.where(*in_time).order_by(_C.started_at.desc(), _C.id.desc())
    statement = _hinted(select(_C.id, _value(asked)), index).where(*others, *in_time)
    most = _MOST_READ if asked.members else MOST_COUNTED
    counted = _looked_at(asked, pool, most, None)
    return Way(asked.ordered, statement, _C.id, _value(asked), counted, most)


def _looked_at(asked: Asked, pool: Select[Any], most: int, but: Membership | None) -> Select[int, int]:
    candidates = pool.limit(most + 1).subquery("pool")
    meant = asked.conditions(candidates.c, but)
    return select(func.count(), func.count().filter(and_(true(), *meant))).select_from(candidates)


def _used(conditions: Sequence[ColumnElement[bool]]) -> list[Column[Any]]:
    """The columns of conversations that conditions look at: SQLite reads all that are selected, looked at or not."""
    seen = {part for one in conditions for part in iterate(one)}
    return [column for column in _C if column in seen or column is _C.id]


def _value(asked: Asked) -> ColumnElement[Any]:
    return _C[asked.ordered.column]


def _counted(statement: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(statement.subquery())


def _hinted(statement: Select[Any], index: str, table: Table = CONVERSATIONS) -> Select[Any]:
    return statement.with_hint(table, f"INDEXED BY {index}", "sqlite")
