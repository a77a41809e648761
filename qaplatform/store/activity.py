"""The activity log: who did what to which thing. Ids only, and only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from qaplatform.store.tables.users import Activity


def note_down(
    session: Session,
    *,
    now: datetime,
    user_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    shop_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write a line into the log; ``details`` hold ids, codes and figures, never what somebody wrote."""
    session.add(
        Activity(
            at=now, user_id=user_id, action=action, subject_kind=subject_kind, subject_id=subject_id, shop_id=shop_id,
            details=details or {},
        )
    )  # fmt: skip
