"""Agents as admins see and change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Literal

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import FOREIGN_KEY, plain_conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.tables import AccountHolder, AgentRow, Team, User
from qaplatform.store.typed_text import stands_in
from qaplatform.store.users import UnknownPlaceError

NO_TEAM: Literal["none"] = "none"


class AgentCodeTakenError(QAPlatformError):
    """Another agent has this code; choose another one."""

    code: ClassVar[str] = "agents.code_taken"


class AgentLine(msgspec.Struct, frozen=True):
    """An agent in a list."""

    id: int
    code: str
    name: str
    team_id: int | None
    team_name: str | None
    line: str | None
    level: str | None
    hired_on: date | None
    left_on: date | None
    account_count: int
    """Accounts they ever held."""
    user_id: int | None
    user_login: str | None
    """The user who is this agent."""


class AgentFilter(msgspec.Struct, frozen=True):
    """Which agents to list; what is ``None`` narrows nothing."""

    text: str | None = None
    """In the code or the name, small or capital."""
    team: int | Literal["none"] | None = None
    here_on: date | None = None
    """Only those who have not left by this day."""
    gone_on: date | None = None
    """Only those who have."""
    agent_id: int | None = None


class AgentChoice(msgspec.Struct, frozen=True):
    """An agent to choose from."""

    id: int
    code: str
    name: str
    team_name: str | None
    left_on: date | None


_MEANINGS: dict[str, type[QAPlatformError]] = {"agents_code": AgentCodeTakenError, FOREIGN_KEY: UnknownPlaceError}


def agents_page(
    session: Session, wanted: AgentFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[AgentLine], int]:
    """A page of agents by team and code (those without a team last), and how many there are on all pages."""
    held = select(func.count(AccountHolder.account_id.distinct())).where(AccountHolder.agent_id == AgentRow.id)
    found: Any = (
        select(
            AgentRow.id,
            AgentRow.code,
            AgentRow.name,
            AgentRow.team_id,
            Team.name,
            AgentRow.line,
            AgentRow.level,
            AgentRow.hired_on,
            AgentRow.left_on,
            held.scalar_subquery(),
            User.id,
            User.login,
        )
        .outerjoin(Team, Team.id == AgentRow.team_id)
        .outerjoin(User, User.agent_id == AgentRow.id)
        .where(*_conditions(wanted))
        .order_by(Team.name.is_(None), Team.name, AgentRow.code)
    )
    rows = session.execute(page_of(found, page, page_size))
    return [AgentLine(*row) for row in rows], count_of(session, select(AgentRow.id).where(*_conditions(wanted)))


def _conditions(wanted: AgentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(stands_in(wanted.text, AgentRow.code, AgentRow.name))
    if wanted.team == NO_TEAM:
        conditions.append(AgentRow.team_id.is_(None))
    elif wanted.team is not None:
        conditions.append(AgentRow.team_id == wanted.team)
    if wanted.here_on is not None:
        conditions.append(or_(AgentRow.left_on.is_(None), AgentRow.left_on > wanted.here_on))
    if wanted.gone_on is not None:
        conditions.append(AgentRow.left_on <= wanted.gone_on)
    if wanted.agent_id is not None:
        conditions.append(AgentRow.id == wanted.agent_id)
    return conditions


def agent_choices(session: Session) -> Sequence[AgentChoice]:
    """All agents, those who have left last, by team and name."""
    found = (
        select(AgentRow.id, AgentRow.code, AgentRow.name, Team.name, AgentRow.left_on)
        .outerjoin(Team, Team.id == AgentRow.team_id)
        .order_by(AgentRow.left_on.is_not(None), Team.name.is_(None), Team.name, AgentRow.name, AgentRow.id)
    )
    return [AgentChoice(*row) for row in session.execute(found)]


def add_agent(session: Session, agent: AgentRow) -> int:
    """Add an agent; the id.

    Raises:
        AgentCodeTakenError: another one has the code.
        UnknownPlaceError: there is no such team.
    """
    with plain_conflicts(session, _MEANINGS):
        session.add(agent)
    return agent.id


def locked_agent(session: Session, agent_id: int) -> AgentRow | None:
    """An agent as it stands now, held until the transaction ends."""
    held = select(AgentRow).where(AgentRow.id == agent_id).with_for_update(key_share=True)
    return session.scalar(held.execution_options(populate_existing=True))


def change_agent(session: Session, agent: AgentRow, values: dict[str, Any]) -> None:
    """Set columns of an agent that is held.

    Raises:
        AgentCodeTakenError: another one has the code.
        UnknownPlaceError: there is no such team.
    """
    with plain_conflicts(session, _MEANINGS):
        for name, value in values.items():
            setattr(agent, name, value)
