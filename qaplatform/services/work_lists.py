"""What somebody has to review, with as much of each conversation as they may know before they have answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.reviewing import GIVE
from qaplatform.store import work_items
from qaplatform.store.work_items import ListedItem, Shelf, Shelves

MOST = 200


class WorkList(msgspec.Struct, frozen=True):
    """Items of a kind, and how much there is of every kind."""

    shelf: Shelf
    items: Sequence[ListedItem]
    shelves: Shelves
    now: datetime


def work_list(
    session: Session, viewer: Viewer, shelf: Shelf, *, now: datetime, zone: tzinfo, limit: int = MOST
) -> WorkList:
    """The viewer's work of a kind; a blind item tells nothing of the machine until it is done.

    Raises:
        AccessError: they review nothing.
    """
    viewer.demand(GIVE)
    day_began = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    shelves = work_items.shelves(session, viewer.user_id, now=now, day_began=day_began)
    waiting = work_items.unclaimed(session, viewer.user_id, viewer.scope(GIVE), viewer.agent_id)
    items = work_items.work_list(session, viewer.user_id, shelf, now=now, limit=limit)
    return WorkList(shelf, [_shown(one) for one in items], msgspec.structs.replace(shelves, unclaimed=waiting), now)


def waiting_of(session: Session, viewer: Viewer, *, now: datetime) -> Shelves | None:
    """How much waits for somebody; ``None`` for those who review nothing."""
    return work_items.shelves(session, viewer.user_id, now=now, day_began=now) if viewer.may(GIVE) else None


def _shown(one: ListedItem) -> ListedItem:
    if not one.is_blind or one.state == "done":
        return one
    return msgspec.structs.replace(one, verdict=None, score=None, priority=None, draw="chosen")
