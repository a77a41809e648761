"""Parts of the local day and the reply limit in them, of one shop or of all that have none of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qaplatform.store.calendars import is_of
from qaplatform.store.tables import ClockBandRow


class Band(msgspec.Struct, frozen=True):
    """Minutes ``start_minute`` ≤ minute < ``end_minute`` of the local day, and the limit for a reply in them."""

    start_minute: int
    end_minute: int
    on_duty: bool
    limit_seconds: float
    promotion_limit_seconds: float | None
    """On promotion days; ``None`` = the ordinary limit."""


def bands_of(session: Session, shop_id: int | None) -> Sequence[Band]:
    """A shop's own bands (``None``: those for all shops) in the order of the day; none if there are none."""
    columns = (
        ClockBandRow.start_minute,
        ClockBandRow.end_minute,
        ClockBandRow.on_duty,
        ClockBandRow.limit_seconds,
        ClockBandRow.promotion_limit_seconds,
    )
    asked = select(*columns).where(is_of(ClockBandRow.shop_id, shop_id)).order_by(ClockBandRow.start_minute)
    return [Band(*row) for row in session.execute(asked)]


def set_bands(session: Session, shop_id: int | None, bands: Iterable[Band]) -> None:
    """Give a shop these bands and no others. Hold the calendar first (``store/calendars.py``)."""
    session.execute(delete(ClockBandRow).where(is_of(ClockBandRow.shop_id, shop_id)))
    session.add_all(ClockBandRow(shop_id=shop_id, **msgspec.structs.asdict(band)) for band in bands)
    session.flush()
