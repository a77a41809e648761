"""Managing clock bands: the parts of the local day, whether somebody is on duty in them, and the limit for a reply.

A shop has bands of its own, or takes those of all shops, or the defaults of the audit. Bands cover the day
from 00:00 to 24:00 without gap or overlap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import DAY_MINUTES, DEFAULT_BANDS, DEFAULT_LIMIT_SECONDS
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.shops import UnknownShopError
from qaplatform.store import clock_bands
from qaplatform.store.calendars import hold_calendar
from qaplatform.store.clock_bands import Band

MOST_BANDS = 48
MOST_LIMIT_SECONDS = 86_400
Origin = Literal["own", "shared", "default"]


class BandProblem(msgspec.Struct, frozen=True):
    """What is wrong with bands: minutes of the day, and the place of the band among those given (``None``: the end)."""

    code: Literal["empty", "gap", "overlap", "limit", "promotion_limit"]
    place: int | None
    start_minute: int = 0
    end_minute: int = 0


class BandsError(QAPlatformError):
    """The bands must cover the day from 00:00 to 24:00 without gap or overlap."""

    code: ClassVar[str] = "bands.form"

    def __init__(self, problems: Sequence[BandProblem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class TooManyBandsError(QAPlatformError):
    """A day has at most 48 bands."""

    code: ClassVar[str] = "bands.too_many"


class BandsSeen(msgspec.Struct, frozen=True):
    """The bands that hold for a shop, and whose they are."""

    bands: tuple[Band, ...]
    origin: Origin


def bands_for(session: Session, viewer: Viewer, shop_id: int | None) -> BandsSeen:
    """What holds for a shop, or (``None``) for all that have nothing of their own.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    own = tuple(clock_bands.bands_of(session, shop_id))
    if own:
        return BandsSeen(own, "own")
    shared = tuple(clock_bands.bands_of(session, None)) if shop_id is not None else ()
    if shared:
        return BandsSeen(shared, "shared")
    return BandsSeen(
        tuple(
            Band(one.start_minute, one.end_minute, one.on_duty, one.limit_seconds, one.promotion_limit_seconds)
            for one in DEFAULT_BANDS
        ),
        "default",
    )


def problems_of(bands: Sequence[Band]) -> list[BandProblem]:
    """What keeps bands, given in any order, from covering a day."""
    found = []
    reached = 0
    for place in sorted(range(len(bands)), key=lambda place: (bands[place].start_minute, bands[place].end_minute)):
        band = bands[place]
        start, end = band.start_minute, band.end_minute
        if not 0 <= start < end <= DAY_MINUTES:
            found.append(BandProblem("empty", place, start, end))
            continue
        if start > reached:
            found.append(BandProblem("gap", place, reached, start))
        elif start < reached:
            found.append(BandProblem("overlap", place, start, min(reached, end)))
        reached = max(reached, end)
    if reached < DAY_MINUTES:
        found.append(BandProblem("gap", None, reached, DAY_MINUTES))
    for place, band in enumerate(bands):
        if band.on_duty and not _is_limit(band.limit_seconds):
            found.append(BandProblem("limit", place))
        if band.on_duty and band.promotion_limit_seconds is not None and not _is_limit(band.promotion_limit_seconds):
            found.append(BandProblem("promotion_limit", place))
    return found


def _is_limit(seconds: float) -> bool:
    return math.isfinite(seconds) and 1 <= seconds <= MOST_LIMIT_SECONDS


def set_bands(session: Session, shop_id: int | None, bands: Sequence[Band], *, by: Viewer, now: datetime) -> None:
    """Give a shop (``None``: all that have none of their own) these bands and no others.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
        TooManyBandsError: they are too many.
        BandsError: they leave a gap, overlap, or have a limit that is none.
    """
    by.demand("shops.manage")
    if len(bands) > MOST_BANDS:
        raise TooManyBandsError
    problems = problems_of(bands)
    if problems:
        raise BandsError(problems)
    if not hold_calendar(session, shop_id):
        raise UnknownShopError
    wanted = tuple(sorted(map(_tidied, bands), key=lambda band: band.start_minute))
    if wanted == tuple(clock_bands.bands_of(session, shop_id)):
        return
    clock_bands.set_bands(session, shop_id, wanted)
    note(session, by, now, "shop.bands_set", ("shop", shop_id), shop_id=shop_id, count=len(wanted))


def _tidied(band: Band) -> Band:
    """Where nobody is on duty a limit means nothing."""
    if band.on_duty:
        return band
    return msgspec.structs.replace(band, limit_seconds=DEFAULT_LIMIT_SECONDS, promotion_limit_seconds=None)


def drop_bands(session: Session, shop_id: int | None, *, by: Viewer, now: datetime) -> None:
    """Let a shop take the bands of all shops again, or (``None``) all shops the defaults.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
    """
    by.demand("shops.manage")
    if not hold_calendar(session, shop_id):
        raise UnknownShopError
    if clock_bands.bands_of(session, shop_id):
        clock_bands.set_bands(session, shop_id, ())
        note(session, by, now, "shop.bands_dropped", ("shop", shop_id), shop_id=shop_id)
