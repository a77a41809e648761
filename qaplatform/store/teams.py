"""Teams of agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import FOREIGN_KEY, plain_conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.tables import AgentRow, Team, User, UserRole


class TeamNameTakenError(QAPlatformError):
    """Another team has this name; choose another one."""

    code: ClassVar[str] = "teams.name_taken"


class TeamInUseError(QAPlatformError):
    """Agents, roles or conversations still belong to this team; it can be renamed, but not removed."""

    code: ClassVar[str] = "teams.in_use"


class TeamLine(msgspec.Struct, frozen=True):
    """A team in a list."""

    id: int
    name: str
    agent_count: int
    """Without those who have left."""
    leads: tuple[str, ...]
    """Names of the users who lead it."""


class TeamChoice(msgspec.Struct, frozen=True):
    """A team to choose from."""

    id: int
    name: str


_NAME_TAKEN = {"teams_name": TeamNameTakenError}


def teams_page(session: Session, *, today: date, page: int = 1, page_size: int = 50) -> tuple[Sequence[TeamLine], int]:
    """A page of teams by name, and how many there are on all pages."""
    rows = session.execute(page_of(_lines(today).order_by(Team.name), page, page_size)).all()
    return _with_leads(session, rows), count_of(session, select(Team.id))


def team_line(session: Session, team_id: int, *, today: date) -> TeamLine | None:
    """One team."""
    lines = _with_leads(session, session.execute(_lines(today).where(Team.id == team_id)).all())
    return lines[0] if lines else None


def _lines(today: date) -> Any:
    is_here = or_(AgentRow.left_on.is_(None), AgentRow.left_on > today)
    members = select(func.count()).where(AgentRow.team_id == Team.id, is_here)
    return select(Team.id, Team.name, members.scalar_subquery())


def _with_leads(session: Session, rows: Sequence[Any]) -> list[TeamLine]:
    found = session.execute(
        select(UserRole.team_id, User.name)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role == "team_lead", UserRole.team_id.in_([row[0] for row in rows]), User.active.is_(True))
        .order_by(UserRole.id)
    )
    leads: dict[int | None, tuple[str, ...]] = {}
    for team_id, name in found:
        leads[team_id] = (*leads.get(team_id, ()), name)
    return [TeamLine(id, name, count, leads.get(id, ())) for id, name, count in rows]


def team_choices(session: Session) -> Sequence[TeamChoice]:
    """All teams by name."""
    return [TeamChoice(*row) for row in session.execute(select(Team.id, Team.name).order_by(Team.name))]


def add_team(session: Session, team: Team) -> int:
    """Add a team; its id.

    Raises:
        TeamNameTakenError: another one has the name.
    """
    with plain_conflicts(session, _NAME_TAKEN):
        session.add(team)
    return team.id


def locked_team(session: Session, team_id: int) -> Team | None:
    """A team as it stands now, held until the transaction ends."""
    held = select(Team).where(Team.id == team_id).with_for_update()
    return session.scalar(held.execution_options(populate_existing=True))


def rename_team(session: Session, team: Team, name: str) -> None:
    """Give a team that is held another name.

    Raises:
        TeamNameTakenError: another one has the name.
    """
    with plain_conflicts(session, _NAME_TAKEN):
        team.name = name


def remove_team(session: Session, team: Team) -> None:
    """Remove a team that is held.

    Raises:
        TeamInUseError: something refers to it.
    """
    with plain_conflicts(session, {FOREIGN_KEY: TeamInUseError}):
        session.delete(team)
