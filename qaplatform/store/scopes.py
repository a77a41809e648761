"""Who reaches what, as the store knows it: roles as they are granted, and the narrowing of lists to somebody's reach.

What a role may do is no matter of the store: see ``services/access.py``, which makes a :class:`Scope` out of grants.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeVar, cast, get_args

import msgspec
from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy.orm import InstrumentedAttribute

Role = Literal["inspector", "qa_lead", "team_lead", "store_manager", "mentor", "agent", "new_hire", "admin"]


class Grant(msgspec.Struct, frozen=True):
    """A role somebody has: in one shop, in one team, or without either."""

    role: Role
    shop_id: int | None = None
    team_id: int | None = None


def known_grants(rows: Iterable[tuple[str | None, int | None, int | None]]) -> tuple[Grant, ...]:
    """Rows of role, shop and team as grants; a role that this release does not know gives nothing."""
    known = get_args(Role)
    return tuple(Grant(cast("Role", role), shop_id, team_id) for role, shop_id, team_id in rows if role in known)


class Scope(msgspec.Struct, frozen=True):
    """A part of all things: everything, or the sum of some shops, some teams and what belongs to one agent.

    A thing without a shop, team or agent is reached through none of them.
    """

    everything: bool = False
    shop_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    agent_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it reaches nothing at all."""
        return not (self.everything or self.shop_ids or self.team_ids or self.agent_id is not None)

    @property
    def is_one_agents(self) -> bool:
        """Whether it is what belongs to one agent, and nothing else."""
        return self.agent_id is not None and not (self.everything or self.shop_ids or self.team_ids)

    def holds(self, *, shop_id: int | None, team_id: int | None = None, agent_id: int | None = None) -> bool:
        """Whether a thing of this shop, team and agent lies in it; :func:`within` says the same of rows."""
        return (
            self.everything
            or shop_id in self.shop_ids
            or team_id in self.team_ids
            or (agent_id is not None and agent_id == self.agent_id)
        )

    def plus(self, other: Scope) -> Scope:
        """Both together. Of two agents the first is kept: nobody is more than one."""
        return Scope(
            everything=self.everything or other.everything,
            shop_ids=self.shop_ids | other.shop_ids,
            team_ids=self.team_ids | other.team_ids,
            agent_id=self.agent_id if self.agent_id is not None else other.agent_id,
        )


_Column = ColumnElement[Any] | InstrumentedAttribute[Any]
_Narrowed = TypeVar("_Narrowed", bound=Select[*tuple[Any, ...]])


def within(
    statement: _Narrowed,
    scope: Scope,
    *,
    shop: _Column | None,
    team: _Column | None = None,
    agent: _Column | None = None,
) -> _Narrowed:
    """A select, narrowed to the rows that lie in a scope.

    The columns say which shop, team and agent a row belongs to; what has no such column is not reached that way:

        within(select(ConversationRow), scope, shop=ConversationRow.shop_id, team=ConversationRow.team_id,
               agent=ConversationRow.agent_id)
    """
    if scope.everything:
        return statement
    ways: list[ColumnElement[bool]] = []
    if shop is not None and scope.shop_ids:
        ways.append(_one_of(shop, scope.shop_ids))
    if team is not None and scope.team_ids:
        ways.append(_one_of(team, scope.team_ids))
    if agent is not None and scope.agent_id is not None:
        ways.append(agent == scope.agent_id)
    return statement.where(or_(*ways) if ways else false())


def _one_of(column: _Column, ids: frozenset[int]) -> ColumnElement[bool]:
    # An equality lets an index on (column, time) give the rows in order; a list of one does not everywhere.
    if len(ids) == 1:
        return column == next(iter(ids))
    return column.in_(sorted(ids))
