"""What stands of a conversation for people: a machine-only critical is ``pending`` until somebody has confirmed it (D14).

The column ``verdict`` holds ``critical`` for both; the newest review of the revision, if there is one, tells them apart.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, select

from qaplatform.store.tables import ConversationRow

CRITICAL, PENDING = "critical", "pending"
_RULED = ConversationRow.__table__.alias("ruled")


def standing_verdict() -> ColumnElement[Any]:
    """The verdict as lists show it."""
    row = ConversationRow
    return case((and_(row.verdict == CRITICAL, row.review_id.is_(None)), PENDING), else_=row.verdict)


def is_ruled(id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a person's verdict stands for the conversation of an id; asked by its key, so that indexes without it serve."""
    return select(1).where(_RULED.c.id == id, _RULED.c.review_id.is_not(None)).correlate_except(_RULED).exists()
