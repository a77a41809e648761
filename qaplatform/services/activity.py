"""Reading the activity log, as far as somebody may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.store import activity
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
