"""What somebody has still to review blind: until it is submitted, no list tells them what the machine said of it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.reviewing import GIVE
from qaplatform.store import work_items
from qaplatform.store.home import Line
from qaplatform.store.listed_rows import ListedConversation


def blind_for(session: Session, viewer: Viewer, conversation_ids: Collection[int]) -> frozenset[int]:
    """Which of these conversations the viewer has still to review blind; those who review nothing are not asked for."""
    if not viewer.may(GIVE):
        return frozenset()
    return work_items.blind_among(session, viewer.user_id, conversation_ids)


def without_figures(row: ListedConversation) -> ListedConversation:
    """A row as the desk tells it of blind work: nothing of the machine's, and no order."""
    return msgspec.structs.replace(
        row, score=None, scored_share=None, verdict=None, risk=None, priority=None, topic=None, failed_count=None,
        order_id=None, csat=None,
    )  # fmt: skip


def line_without_figures(line: Line) -> Line:
    """The same of a line in a short list."""
    return msgspec.structs.replace(line, verdict=None, score=None, priority=None, is_blind=True)
