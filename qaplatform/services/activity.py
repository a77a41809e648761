"""Reading the activity log, as far as somebody may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.store import activity, activity_subjects
from qaplatform.store.activity import ActivityFilter, ActivityPage


def activity_page(
    session: Session,
    viewer: Viewer,
    wanted: ActivityFilter,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> ActivityPage:
    """Lines of the log, newest first: those of the viewer's shops, or all.

    Raises:
        AccessError: the viewer may not see the log.
    """
    viewer.demand("activity.see")
    return activity.activity_page(session, viewer.scope("activity.see"), wanted, before=before, limit=limit)


def actions(session: Session, viewer: Viewer) -> Sequence[str]:
    """The actions one can ask for.

    Raises:
        AccessError: the viewer may not see the log.
    """
    viewer.demand("activity.see")
    return activity.actions(session)


def subject_names(session: Session, viewer: Viewer, page: ActivityPage) -> Mapping[tuple[str, int], str]:
    """What the subjects of some lines are called today, and the agents and teams that their details name.

    Raises:
        AccessError: the viewer may not see the log.
    """
    viewer.demand("activity.see")
    return activity_subjects.names_of(session, set(_subjects(page)))


def _subjects(page: ActivityPage) -> Iterator[tuple[str, int]]:
    for line in page.lines:
        if line.subject_id is not None:
            yield line.subject_kind, line.subject_id
        details = line.details
        if isinstance(details.get("agent_id"), int):
            yield "agent", details["agent_id"]
        if line.action.startswith("training."):
            named = [("agent", "agent"), ("user", "user"), ("before", "user"), ("after", "user")]
            yield from ((kind, details[key]) for key, kind in named if isinstance(details.get(key), int))
        for key in ("before", "after"):
            value = details.get(key)
            if line.action == "agent.changed" and isinstance(value, int):
                yield "team", value
            for code in value if isinstance(value, list) else ():
                _role, _dot, place = str(code).partition(".")
                kind, _dot, number = place.partition(".")
                if number.isdigit():
                    yield kind, int(number)
