"""Noting down what somebody changed, in the words of the services."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.store.activity import note_down


def note(
    session: Session,
    by: Viewer | None,
    now: datetime,
    action: str,
    subject: tuple[str, int | None],
    *,
    shop_id: int | None = None,
    **details: object,
) -> None:
    """Add a line to the activity log: ``by`` (``None`` = the system) did ``action`` to ``subject`` (kind, id).

    Details are numbers and short codes, never text (``store/activity.py`` refuses it).
    """
    note_down(
        session,
        now=now,
        user_id=by.user_id if by else None,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        shop_id=shop_id,
        details=details,
    )
