"""What the list of conversations can be narrowed by, as conditions that SQL understands.

Two kinds: conditions on columns that stand in the indexes of the list's orders, and memberships, where a conversation has
many values (who wrote in it, what failed): those can also be gone through themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import ColumnElement, Select, Table, and_, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from qaplatform.store.scopes import Scope
from qaplatform.store.standing import CRITICAL, PENDING, is_ruled
from qaplatform.store.tables import ConversationAgent, ConversationMark, ConversationRow, Review, WorkItem
from qaplatform.store.week_hours import WeekHours, begun_in, waited_in

_Statement = TypeVar("_Statement", bound=Select[*tuple[Any, ...]])
Columns = ReadOnlyColumnCollection[str, Any]
CONVERSATIONS = cast("Table", ConversationRow.__table__)
_AGENTS = cast("Table", ConversationAgent.__table__)
_MARKS = cast("Table", ConversationMark.__table__)
_ITEMS = cast("Table", WorkItem.__table__)
OPEN_STATES = ("draft", "open")
"""Of work that somebody has still to do."""


class ConversationFilter(msgspec.Struct, frozen=True):
    """Which conversations are asked for; what is left out narrows nothing.

    Of several values of one field any will do; all fields must hold. Bounds of figures are included.
    """

    text: str = ""
    """Words and numbers to be found, see ``store/search.py``."""
    shop_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    """The team of the first agent, on arrival."""
    agent_ids: frozenset[int] = frozenset()
    """Who wrote in it."""
    first_agent_id: int | None = None
    """Who wrote the first human message."""
    since: datetime | None = None
    """Begun at this moment or later."""
    until: datetime | None = None
    """Begun before this moment."""
    begun_in: WeekHours | None = None
    """The hours in which it began."""
    waited_in: WeekHours | None = None
    """The hours in which the customer began to wait for a reply."""
    channels: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    """First levels of the tag tree."""
    verdicts: frozenset[str] = frozenset()
    """As people see them: ``critical`` where a person said so, ``pending`` where only a machine did."""
    min_score: float | None = None
    max_score: float | None = None
    min_priority: float | None = None
    """0–1."""
    failed: str | None = None
    """A criterion that failed in the newest audit."""
    min_csat: float | None = None
    max_csat: float | None = None
    import_id: int | None = None
    """The import that brought what is stored of it now."""
    customer_id: int | None = None
    case_id: int | None = None
    order_id: str | None = None
    """As the source writes it."""
    tag: str | None = None
    open_work: bool | None = None
    """Whether somebody has still to review it."""
    reviewed: bool | None = None
    """Whether somebody has reviewed it, in whatever revision."""


@dataclass(frozen=True)
class Membership:
    """A set of conversations, as rows of a table that name them."""

    table: Table
    conditions: tuple[ColumnElement[bool], ...]
    is_walked: bool = False
    """Whether each stands in it once, and in any order of the list along one of the table's indexes."""

    def ids(self) -> Select[int]:
        """The conversations' ids, some perhaps more than once."""
        return select(self.table.c.conversation_id).where(*self.conditions)

    def holds(self, id: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether the conversation of an id belongs to it."""
        return (
            select(1).where(self.table.c.conversation_id == id, *self.conditions).correlate_except(self.table).exists()
        )


@dataclass(frozen=True)
class _Own(Membership):
    """What an import brought or an agent answered first, found by an index of the conversations themselves."""

    def ids(self) -> Select[int]:
        return select(self.table.c.id).where(*self.conditions)

    def holds(self, id: ColumnElement[int]) -> ColumnElement[bool]:
        return select(1).where(self.table.c.id == id, *self.conditions).correlate_except(self.table).exists()


_REVIEWED = Membership(cast("Table", Review.__table__), ())


def memberships(wanted: ConversationFilter, scope: Scope) -> list[Membership]:
    """The sets that all asked-for conversations belong to, but for the search index."""
    out = []
    if _only_agent(scope):
        out.append(_wrote(frozenset({cast("int", scope.agent_id)})))
    if wanted.agent_ids and not (_only_agent(scope) and scope.agent_id in wanted.agent_ids):
        out.append(_wrote(wanted.agent_ids))
    out += [
        Membership(_MARKS, (_MARKS.c.kind == kind, _MARKS.c.mark == mark), is_walked=True)
        for kind, mark in (("failed", wanted.failed), ("tag", wanted.tag))
        if mark is not None
    ]
    if wanted.open_work:
        out.append(_open_work())
    if wanted.reviewed:
        out.append(_REVIEWED)
    for name, value in (("import_id", wanted.import_id), ("agent_id", wanted.first_agent_id)):
        if value is not None:
            table = cast("Table", CONVERSATIONS.alias(f"by_{name}"))
            out.append(_Own(table, (table.c[name] == value,)))
    return out


def _wrote(agent_ids: frozenset[int]) -> Membership:
    return Membership(_AGENTS, (_one_of(_AGENTS.c.agent_id, agent_ids),), is_walked=len(agent_ids) == 1)


def _open_work() -> Membership:
    return Membership(_ITEMS, (_ITEMS.c.state.in_(OPEN_STATES),))


def _only_agent(scope: Scope) -> bool:
    return not (scope.everything or scope.shop_ids or scope.team_ids)


def conditions(wanted: ConversationFilter, scope: Scope, c: Columns) -> list[ColumnElement[bool]]:
    """What must hold of a row's columns, but for times and memberships."""
    out = [_one_of(c[name], some) for name, some in _choices(wanted) if some]
    out += [c[name] == value for name, value in _keys(wanted) if value is not None]
    out += [c[name] >= least for name, least, _ in _ranges(wanted) if least is not None]
    out += [c[name] <= most for name, _, most in _ranges(wanted) if most is not None]
    if wanted.begun_in is not None:
        out.append(begun_in(wanted.begun_in, c, wanted.since, wanted.until))
    if wanted.waited_in is not None:
        out.append(waited_in(wanted.waited_in, c, wanted.since, wanted.until))
    if wanted.open_work is False:
        out.append(~_open_work().holds(c.id))
    if wanted.reviewed is False:
        out.append(~_REVIEWED.holds(c.id))
    if wanted.verdicts:
        out.append(_standing(wanted.verdicts, c))
    reach = scope_condition(scope, c)
    return out if reach is None else [*out, reach]


def _standing(verdicts: frozenset[str], c: Columns) -> ColumnElement[bool]:
    """Whether the verdict that people see is one of some; ``store/standing.py``."""
    columns = verdicts - {PENDING} | ({CRITICAL} if PENDING in verdicts else set())
    stored = _one_of(c["verdict"], columns)
    if len(verdicts & {CRITICAL, PENDING}) != 1:
        return stored
    ruled = is_ruled(c.id)
    return and_(stored, or_(c["verdict"] != CRITICAL, ruled if CRITICAL in verdicts else ~ruled))


def scope_condition(scope: Scope, c: Columns) -> ColumnElement[bool] | None:
    """Whether a conversation lies in a scope; ``None`` where a membership or nothing says it."""
    if scope.everything or _only_agent(scope):
        return None
    ways = [_one_of(c[name], some) for name, some in (("shop_id", scope.shop_ids), ("team_id", scope.team_ids)) if some]
    if scope.agent_id is not None:
        ways.append(_wrote(frozenset({scope.agent_id})).holds(c.id))
    return or_(*ways)


def within_scope(statement: _Statement, scope: Scope) -> _Statement:
    """A select of conversations, narrowed to those that lie in a scope.

    An agent reaches the conversations in which they wrote, in whatever place.
    """
    if scope.everything:
        return statement
    c = CONVERSATIONS.c
    if _only_agent(scope):
        return statement.where(_wrote(frozenset({-1 if scope.agent_id is None else scope.agent_id})).holds(c.id))
    condition = scope_condition(scope, c)
    return statement if condition is None else statement.where(condition)


def _choices(wanted: ConversationFilter) -> Iterator[tuple[str, Collection[Any]]]:
    yield "shop_id", wanted.shop_ids
    yield "team_id", wanted.team_ids
    yield "channel", wanted.channels
    yield "queue", wanted.queues
    yield "language", wanted.languages
    yield "topic", wanted.topics


def _ranges(wanted: ConversationFilter) -> Iterator[tuple[str, float | None, float | None]]:
    yield "score", wanted.min_score, wanted.max_score
    yield "csat", wanted.min_csat, wanted.max_csat
    yield "priority", wanted.min_priority, None


def _keys(wanted: ConversationFilter) -> Iterator[tuple[str, Any]]:
    yield "order_id", wanted.order_id
    yield "case_id", wanted.case_id
    yield "customer_id", wanted.customer_id


def key_of(wanted: ConversationFilter) -> str | None:
    """The column of the order, case or customer that is asked for, of which there are few conversations; ``None`` = of none."""
    return next((name for name, value in _keys(wanted) if value is not None), None)


class Lane(msgspec.Struct, frozen=True):
    """The one shop or team that all asked-for conversations are of, and whether nothing else is asked for."""

    column: str
    id: int
    is_all: bool


def lane_of(wanted: ConversationFilter, scope: Scope) -> Lane | None:
    """The one team, or else the one shop; ``None`` if there are several, or none is named."""
    for column, field, seen, others in (
        ("team_id", "team_ids", scope.team_ids, scope.shop_ids),
        ("shop_id", "shop_ids", scope.shop_ids, scope.team_ids),
    ):
        asked: frozenset[int] = getattr(wanted, field)
        is_seen = bool(seen) and not (scope.everything or others or scope.agent_id is not None)
        reach = asked & seen if is_seen and asked else seen if is_seen else asked
        if len(reach) == 1:
            rest = msgspec.structs.replace(wanted, **{field: frozenset()})
            left = conditions(rest, Scope(everything=True) if is_seen else scope, CONVERSATIONS.c)
            return Lane(column, next(iter(reach)), is_all=not left)
    return None


def begun(wanted: ConversationFilter, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """The filter's times as conditions."""
    out = [moment >= wanted.since] if wanted.since is not None else []
    return [*out, moment < wanted.until] if wanted.until is not None else out


def _one_of(column: ColumnElement[Any], some: Collection[Any]) -> ColumnElement[bool]:
    # An equality lets an index on (column, time) give the rows in order; a list of one does not everywhere.
    return column == next(iter(some)) if len(some) == 1 else column.in_(sorted(some))
