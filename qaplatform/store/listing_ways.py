"""Ways through the conversations for their list: none reads more than it must, whatever the planners guess.

- **walk**: along the index of the order, which holds every column that a filter looks at, until the page is full;
- **lane**: along the index of the one shop or team, newest first;
- **members**: along the table of the one agent, failed criterion or tag, in any order;
- **few**: where at most some thousand conversations can be meant, all of them, sorted.

SQLite is told which index to take, and so needs no statistics; PostgreSQL finds it by its own.

Counting looks at no more than 10,000 candidates, the newest ones: what it finds among them is a lower bound if there are
more. (For words it is what was found until the page was full.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Select, Table, and_, func, literal_column, select
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
    key_of,
    lane_of,
)
from qaplatform.store.rows import is_sqlite
from qaplatform.store.scopes import Scope

_C = CONVERSATIONS.c
_KEYS: Mapping[str | None, str] = {
    "order_id": "order_id",
    "case_id": "case_id_started_at_id",
    "customer_id": "customer_id_started_at_id",
}
"""The ends of the names of indexes."""
_Statement = TypeVar("_Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Bounds:
    """How far the list goes before it takes another way, or says that there is more."""

    most_counted: int = 10_000
    """So many candidates are looked at for a count, and no more."""
    most_read: int = 2_000
    """The same where an index alone does not tell enough and rows are read."""
    few: int = 2_000
    """So many candidates can be fetched at once and sorted."""
    windows: tuple[int, ...] = (250, 250, 500)
    """So many candidates are looked through for words, one window after the other, before the search index is asked."""
    most_hits: int = 1_000
    """So many answers of the search index are fetched at once."""


@dataclass(frozen=True)
class Ordered:
    """An order of the list; the id decides between equals."""

    column: str
    descending: bool
    has_gaps: bool
    """Whether some rows have no value; they come last."""
    is_backwards: bool = False
    """From the end to the beginning: what has no value comes first."""

    @property
    def backwards(self) -> Ordered:
        """The other way round."""
        return replace(self, descending=not self.descending, is_backwards=not self.is_backwards)


@dataclass(frozen=True)
class Asked:
    """What is asked for, taken apart."""

    wanted: ConversationFilter
    scope: Scope
    ordered: Ordered
    members: Sequence[Membership]
    bounds: Bounds = Bounds()

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

    @property
    def backwards(self) -> Way:
        """The same from the end to the beginning."""
        return replace(self, ordered=self.ordered.backwards)


def way_of(session: Session, asked: Asked) -> Way:
    """The way to take."""
    if key_of(asked.wanted) is not None:
        return _few(asked)
    member, is_few = _narrowest(session, asked)
    if member is not None and member.is_walked:
        return _along_members(asked, member)
    if is_few:
        return _few(asked, member)
    return _walk(asked)


def _narrowest(session: Session, asked: Asked) -> tuple[Membership | None, bool]:
    """The smallest set that all candidates belong to (``None``: a span of time), and whether it has few of them."""
    sets: list[tuple[Membership | None, Select[int]]] = [(one, one.ids()) for one in asked.members]
    in_time = begun(asked.wanted, _C.started_at)
    if in_time and asked.ordered.column != "started_at":
        sets.append((None, _hinted(select(_C.id).where(*in_time))))
    if not sets:
        return None, False
    if len(sets) == 1 and asked.members and asked.members[0].is_walked:
        return asked.members[0], False
    sizes = [_counted(ids.limit(asked.bounds.few + 1)).scalar_subquery() for _, ids in sets]
    found = zip((one for one, _ in sets), session.execute(select(*sizes)).one(), strict=True)
    member, size = min(found, key=lambda pair: (pair[1], pair[0] is None or not pair[0].is_walked))
    return member, size <= asked.bounds.few


def hit_way(session: Session, asked: Asked, way: Way) -> Way:
    """A way through all conversations that the search index has for the words; see ``search.hits`` on rough ones."""
    hits = search.hits(session, asked.wanted.text, rough=True)
    if is_sqlite(session):
        if session.execute(_counted(hits.limit(asked.bounds.few + 1))).scalar_one() <= asked.bounds.few:
            return replace(_few(asked, among=hits), ordered=way.ordered)
        return replace(way, statement=way.statement.where(way.id.in_(hits)))
    # Looked up once and first: the planner would rather try them one by one.
    found = hits.cte("hits").prefix_with("MATERIALIZED")
    return replace(way, statement=way.statement.where(way.id.in_(select(found.c.conversation_id))))


def _few(asked: Asked, member: Membership | None = None, *, among: Select[int] | None = None) -> Way:
    statement = select(_C.id, _C[asked.ordered.column])
    statement = statement.where(*asked.conditions(_C, member), *begun(asked.wanted, _C.started_at))
    ids = member.ids() if member is not None else among
    if ids is not None:
        statement = statement.where(_C.id.in_(ids)).with_hint(CONVERSATIONS, "NOT INDEXED", "sqlite")
    else:
        statement = _hinted(statement, _KEYS.get(key_of(asked.wanted), "started_at"))
    # Found all at once and then sorted: the planner would rather walk along the order until it meets them.
    few = statement.cte("few").prefix_with("MATERIALIZED")
    id, value = few.c.values()
    return Way(asked.ordered, select(id, value), id, value, _size(asked, select(id)), asked.bounds.most_counted)


def _along_members(asked: Asked, member: Membership) -> Way:
    m = member.table.c
    own = [*member.conditions, *begun(asked.wanted, m.started_at)]
    id, value = m.conversation_id, m[asked.ordered.column]
    statement = _hinted(select(id, value).where(*own), asked.ordered.column, member.table)
    pool = _hinted(select(id).where(*own), "started_at", member.table)
    others = asked.conditions(_C, member)
    if not others:
        return Way(asked.ordered, statement, id, value, _size(asked, pool), asked.bounds.most_counted)
    # For a count the candidates are fixed first and their rows read then; else all of them would be joined and sorted.
    first = pool.order_by(m.started_at.desc(), id.desc()).limit(asked.bounds.most_read + 1).subquery("first")
    read = _joined(select(*_used(others)).select_from(first), first.c.conversation_id)
    counted = _looked_at(asked, read, asked.bounds.most_read, member)
    statement = _joined(statement, id).where(*others)
    return Way(asked.ordered, statement, id, value, counted, asked.bounds.most_read)


def _joined(statement: _Statement, id: ColumnElement[int]) -> _Statement:
    return statement.join(CONVERSATIONS, _C.id == id).with_hint(CONVERSATIONS, "NOT INDEXED", "sqlite")


def _walk(asked: Asked) -> Way:
    id, value = _C.id, _C[asked.ordered.column]
    others, in_time = asked.conditions(_C), begun(asked.wanted, _C.started_at)
    lane = lane_of(asked.wanted, asked.scope)
    statement = select(id, value).where(*others, *in_time)
    if lane is not None and asked.ordered.column == "started_at":
        # Said once more: what is left of two sets may be one, and only an equality keeps the order.
        statement = statement.where(_C[lane.column] == lane.id)
        statement = _hinted(statement, f"{lane.column}_started_at_id")
    else:
        statement = _hinted(statement, asked.ordered.column)
    is_whole = lane is not None and lane.is_all and not asked.members
    if lane is not None and is_whole:
        pool = _hinted(select(id).where(_C[lane.column] == lane.id, *in_time), f"{lane.column}_started_at_id")
    else:
        pool = _hinted(select(*_used(others)).where(*in_time))
    if not others or is_whole:
        return Way(asked.ordered, statement, id, value, _size(asked, pool), asked.bounds.most_counted)
    most = asked.bounds.most_read if asked.members else asked.bounds.most_counted
    counted = _looked_at(asked, pool.order_by(_C.started_at.desc(), id.desc()), most)
    return Way(asked.ordered, statement, id, value, counted, most)


def _looked_at(asked: Asked, pool: Select[Any], most: int, but: Membership | None = None) -> Select[int, int]:
    """How many of the first candidates of a pool are meant; see ``Way.counted``."""
    candidates = pool.limit(most + 1).subquery("pool")
    meant = and_(*asked.conditions(candidates.c, but))
    return select(func.count(), func.count().filter(meant)).select_from(candidates)


def _size(asked: Asked, pool: Select[Any]) -> Select[int, int]:
    """The same for a pool of which all are meant."""
    counted: Select[Any] = pool.with_only_columns(literal_column("1").label("one"), maintain_column_froms=True)
    return select(func.count(), func.count()).select_from(counted.limit(asked.bounds.most_counted + 1).subquery("pool"))


def _counted(statement: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(statement.subquery())


def _used(conditions: Sequence[ColumnElement[bool]]) -> list[Column[Any]]:
    """The columns of conversations that conditions look at: SQLite reads all that are selected, looked at or not."""
    seen = {part for one in conditions for part in iterate(one)}
    return [column for column in _C if column in seen or column is _C.id]


def _hinted(statement: _Statement, order: str = "started_at", table: Table = CONVERSATIONS) -> _Statement:
    """With the index that SQLite is to take."""
    name = f"ix_{table.name}_{order}" if order.endswith("_id") else f"ix_{table.name}_by_{order}"
    return statement.with_hint(table, f"INDEXED BY {name}", "sqlite")
