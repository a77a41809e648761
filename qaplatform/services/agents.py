"""Managing the people who write to customers. Nobody is ever removed: conversations go on to say who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.typed_lines import line_of, line_or_none
from qaplatform.store import agents
from qaplatform.store.agents import AgentChoice, AgentFilter, AgentLine
from qaplatform.store.tables import AgentRow

LINES = ("first", "second", "third")
"""First; second, the technical one; third, for complaints, after-sale and callbacks."""
LEVELS = ("junior", "intermediate", "senior")
_MOST_CODE_CHARS = 100
_MOST_NAME_CHARS = 200
_MOST_GRADE_CHARS = 20


class UnknownAgentError(QAPlatformError):
    """There is no such agent; load the page again."""

    code: ClassVar[str] = "agents.unknown"


class AgentCodeFormError(QAPlatformError):
    """An agent's code is one line of 1 to 100 characters."""

    code: ClassVar[str] = "agents.code_form"


class AgentNameFormError(QAPlatformError):
    """An agent's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "agents.name_form"


class AgentGradeError(QAPlatformError):
    """A line or level is one line of at most 20 characters."""

    code: ClassVar[str] = "agents.grade"


class AgentDaysError(QAPlatformError):
    """Somebody leaves after the day they were hired on."""

    code: ClassVar[str] = "agents.days"


class AgentFields(msgspec.Struct, frozen=True):
    """All that can be said of an agent."""

    code: str
    name: str
    team_id: int | None = None
    line: str | None = None
    """One of :data:`LINES`, or what a context file called it."""
    level: str | None = None
    """One of :data:`LEVELS`, or what a context file called it."""
    hired_on: date | None = None
    left_on: date | None = None
    """The first day on which they are gone."""


def create_agent(session: Session, fields: AgentFields, *, by: Viewer, now: datetime) -> int:
    """Make an agent; the id.

    Raises:
        AccessError: ``by`` may not manage people.
        AgentCodeFormError, AgentNameFormError, AgentGradeError, AgentDaysError: it cannot be so.
        AgentCodeTakenError, UnknownPlaceError: it does not go with what is there.
    """
    by.demand("people.manage")
    agent_id = agents.add_agent(session, AgentRow(**_checked(fields), created_at=now))
    note(session, by, now, "agent.created", ("agent", agent_id))
    return agent_id


def change_agent(session: Session, agent_id: int, fields: AgentFields, *, by: Viewer, now: datetime) -> None:
    """Change an agent. Conversations that are there keep the team they came in with.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAgentError: there is none.
        AgentCodeFormError, AgentNameFormError, AgentGradeError, AgentDaysError: it cannot be so.
        AgentCodeTakenError, UnknownPlaceError: it does not go with what is there.
    """
    by.demand("people.manage")
    held = agents.locked_agent(session, agent_id)
    if held is None:
        raise UnknownAgentError
    changed = {name: value for name, value in _checked(fields).items() if value != getattr(held, name)}
    if not changed:
        return
    details: dict[str, object] = {"fields": sorted(changed)}
    if "team_id" in changed:
        # Whose chats somebody may see hangs on it.
        details |= {"before": held.team_id, "after": changed["team_id"]}
    agents.change_agent(session, held, changed)
    note(session, by, now, "agent.changed", ("agent", agent_id), shop_id=None, **details)


def agents_page(
    session: Session, viewer: Viewer, wanted: AgentFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[AgentLine], int]:
    """A page of agents by team and code, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage people.
    """
    viewer.demand("people.manage")
    return agents.agents_page(session, wanted, page=page, page_size=page_size)


def agent_line(session: Session, viewer: Viewer, agent_id: int) -> AgentLine:
    """One agent, as in the list.

    Raises:
        AccessError: the viewer may not manage people.
        UnknownAgentError: there is none.
    """
    found, _ = agents_page(session, viewer, AgentFilter(agent_id=agent_id))
    if not found:
        raise UnknownAgentError
    return found[0]


def agent_choices(session: Session, viewer: Viewer, permission: str) -> Sequence[AgentChoice]:
    """All agents, to choose from; those who have left come last.

    Raises:
        AccessError: the viewer may not do what the agents are to be chosen for.
    """
    viewer.demand(permission)
    return agents.agent_choices(session)


def _checked(fields: AgentFields) -> dict[str, Any]:
    if fields.hired_on and fields.left_on and fields.left_on <= fields.hired_on:
        raise AgentDaysError
    return {
        "code": line_of(fields.code, _MOST_CODE_CHARS, AgentCodeFormError),
        "name": line_of(fields.name, _MOST_NAME_CHARS, AgentNameFormError),
        "team_id": fields.team_id,
        "line": line_or_none(fields.line, _MOST_GRADE_CHARS, AgentGradeError),
        "level": line_or_none(fields.level, _MOST_GRADE_CHARS, AgentGradeError),
        "hired_on": fields.hired_on,
        "left_on": fields.left_on,
    }
