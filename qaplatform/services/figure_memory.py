"""Figures of days as they were read last, for as long as they are the newest.

A lead looks at the same months again and again, and so do all agents of a business; what is remembered are the columns of
few askings. Whether they still hold is asked of the database every time, by the days' stamps alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from threading import Lock

from cachetools import LRUCache
from sqlalchemy.orm import Session

from qaplatform.services.figure_cells import Cells, side_by_side
from qaplatform.store import figure_days as store
from qaplatform.store.figure_days import Stamp

_MOST_ASKINGS = 4
"""Three months of 2,000 conversations a day are some 20 MB."""
_remembered: LRUCache[tuple[Stamp, ...], Cells] = LRUCache(_MOST_ASKINGS)
_lock = Lock()


def cells_of_days(session: Session, first: date, last: date, shop_ids: Collection[int] | None) -> Cells:
    """The figures of days (both included), of some shops or of all; nobody may write into them."""
    stamps = store.stamps_of_days(session, first, last, shop_ids)
    with _lock:
        found = _remembered.get(stamps)
    if found is not None:
        return found
    days = store.kept_days(session, first, last, shop_ids)
    made = side_by_side([(one.stamp.day, one.stamp.shop_id, one.body) for one in days])
    with _lock:
        # By what was read with the bodies: a worker may have counted a day since the stamps were.
        _remembered[tuple(one.stamp for one in days)] = made
    return made
