"""Managing teams of agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.typed_lines import line_of
from qaplatform.store import teams
from qaplatform.store.tables import Team
from qaplatform.store.teams import TeamChoice, TeamLine

_MOST_NAME_CHARS = 200


class UnknownTeamError(QAPlatformError):
    """There is no such team; load the page again."""

    code: ClassVar[str] = "teams.unknown"


class TeamNameFormError(QAPlatformError):
    """A team's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "teams.name_form"


def create_team(session: Session, name: str, *, by: Viewer, now: datetime) -> int:
    """Make a team; its id.

    Raises:
        AccessError: ``by`` may not manage people.
        TeamNameFormError: the name cannot be one.
        TeamNameTakenError: another team has it.
    """
    by.demand("people.manage")
    team = Team(name=line_of(name, _MOST_NAME_CHARS, TeamNameFormError), created_at=now)
    team_id = teams.add_team(session, team)
    note(session, by, now, "team.created", ("team", team_id))
    return team_id


def rename_team(session: Session, team_id: int, name: str, *, by: Viewer, now: datetime) -> None:
    """Give a team another name.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownTeamError: there is none.
        TeamNameFormError: the name cannot be one.
        TeamNameTakenError: another team has it.
    """
    held = _held(session, team_id, by)
    checked = line_of(name, _MOST_NAME_CHARS, TeamNameFormError)
    if checked != held.name:
        teams.rename_team(session, held, checked)
        note(session, by, now, "team.renamed", ("team", team_id))


def remove_team(session: Session, team_id: int, *, by: Viewer, now: datetime) -> None:
    """Remove a team that nothing belongs to.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownTeamError: there is none.
        TeamInUseError: agents, roles or conversations belong to it.
    """
    teams.remove_team(session, _held(session, team_id, by))
    note(session, by, now, "team.removed", ("team", team_id))


def teams_page(
    session: Session, viewer: Viewer, *, today: date, page: int = 1, page_size: int = 50
) -> tuple[Sequence[TeamLine], int]:
    """A page of teams by name, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage people.
    """
    viewer.demand("people.manage")
    return teams.teams_page(session, today=today, page=page, page_size=page_size)


def team_line(session: Session, viewer: Viewer, team_id: int, *, today: date) -> TeamLine:
    """One team.

    Raises:
        AccessError: the viewer may not manage people.
        UnknownTeamError: there is none.
    """
    viewer.demand("people.manage")
    found = teams.team_line(session, team_id, today=today)
    if found is None:
        raise UnknownTeamError
    return found


def team_choices(session: Session, viewer: Viewer, permission: str) -> Sequence[TeamChoice]:
    """All teams, to choose from.

    Raises:
        AccessError: the viewer may not do what the teams are to be chosen for.
    """
    viewer.demand(permission)
    return teams.team_choices(session)


def _held(session: Session, team_id: int, by: Viewer) -> Team:
    by.demand("people.manage")
    held = teams.locked_team(session, team_id)
    if held is None:
        raise UnknownTeamError
    return held
