"""Managing promotion days and holidays, of one shop or of all, many at a time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, get_args

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.shops import UnknownShopError
from qaplatform.services.typed_lines import line_or_none
from qaplatform.store import calendar_days
from qaplatform.store.calendar_days import DayLine, Kind
from qaplatform.store.calendars import hold_calendar

MOST_DAYS_AT_ONCE = 400
FIRST_YEAR, LAST_YEAR = 2000, 2100
_MOST_NOTE_CHARS = 200

_BETWEEN = re.compile(r"[\n\r,\uff0c\u3001;\uff1b]+")
_RANGE = re.compile(r"\s*(?:~|～|至|到|—+|–|\.{2,3}|…)\s*|\s+(?:to|-)\s+")
_LONG = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


class DaysFormError(QAPlatformError):
    """Some of this is no date; write one a line, as in 2026-11-11, or a range, as in 2026-11-09 ~ 2026-11-12."""

    code: ClassVar[str] = "days.form"

    def __init__(self, pieces: Sequence[str]) -> None:
        super().__init__()
        self.pieces = tuple(pieces)
        """What could not be read, as it was written."""


class NoDaysError(QAPlatformError):
    """Write at least one date."""

    code: ClassVar[str] = "days.none"


class TooManyDaysError(QAPlatformError):
    """At most 400 days can be added at once."""

    code: ClassVar[str] = "days.too_many"


class DayKindError(QAPlatformError):
    """There are promotion days and holidays."""

    code: ClassVar[str] = "days.kind"


class DayNoteError(QAPlatformError):
    """A note is one line of at most 200 characters."""

    code: ClassVar[str] = "days.note"


def read_days(text: str, *, year: int) -> Sequence[date]:
    """The days somebody wrote: dates and ranges (both ends count), on lines or with commas between, sorted, each once.

    ``2026-11-11``, ``2026/11/11``, ``2026年11月11日``, ``20261111``; of ``year`` also ``11-11`` and ``11月11日``; the end
    of a range without a year is the first such day after its beginning.

    Raises:
        DaysFormError: some of it is no date, or a range runs backwards.
        NoDaysError: nothing is there.
        TooManyDaysError: more than can be meant.
    """
    days: set[date] = set()
    unread = []
    for piece in filter(None, (piece.strip() for piece in _BETWEEN.split(text))):
        found = _span(piece, year)
        if found is None:
            unread.append(piece)
            continue
        first, last = found
        if (last - first).days >= MOST_DAYS_AT_ONCE:
            raise TooManyDaysError
        days.update(first + timedelta(days=number) for number in range((last - first).days + 1))
    if unread:
        raise DaysFormError(unread)
    if not days:
        raise NoDaysError
    if len(days) > MOST_DAYS_AT_ONCE:
        raise TooManyDaysError
    return sorted(days)


def _span(piece: str, year: int) -> tuple[date, date] | None:
    ends = _RANGE.split(piece)
    if len(ends) > 2:
        return None
    first = _day(ends[0], year)
    if first is None or len(ends) == 1:
        return None if first is None else (first, first)
    last = _day(ends[1], first.year)
    if last is not None and last < first and _SHORT.fullmatch(ends[1].strip()):
        last = _day(ends[1], first.year + 1)
    return None if last is None or last < first else (first, last)


def _day(text: str, year: int) -> date | None:
    text = text.strip()
    long = _LONG.fullmatch(text) or _COMPACT.fullmatch(text)
    short = None if long else _SHORT.fullmatch(text)
    numbers = tuple(map(int, long.groups())) if long else (year, *map(int, short.groups())) if short else None
    if numbers is None or not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        return None
    try:
        return date(*numbers)
    except ValueError:
        return None


def add_days(
    session: Session, shop_id: int | None, days: Sequence[date], kind: str, text: str, *, by: Viewer, now: datetime
) -> int:
    """Add days of a kind with a note; how many of them were not there yet.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
        DayKindError, DayNoteError, TooManyDaysError: it cannot be so.
    """
    by.demand("shops.manage")
    if len(days) > MOST_DAYS_AT_ONCE:
        raise TooManyDaysError
    written = line_or_none(text, _MOST_NOTE_CHARS, DayNoteError) or ""
    known = _checked_kind(kind)
    if not hold_calendar(session, shop_id):
        raise UnknownShopError
    count = calendar_days.add_days(session, shop_id, days, known, written)
    if count:
        span = {"first": min(days).isoformat(), "last": max(days).isoformat()}
        # A code begins with a letter: d2026-11-11.
        details = {name: f"d{day}" for name, day in span.items()}
        note(
            session, by, now, "shop.days_added", ("shop", shop_id), shop_id=shop_id, kind=known, count=count, **details
        )
    return count


def remove_days(session: Session, shop_id: int | None, ids: Collection[int], *, by: Viewer, now: datetime) -> int:
    """Remove days by their ids; how many there were.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
    """
    by.demand("shops.manage")
    if not hold_calendar(session, shop_id):
        raise UnknownShopError
    count = calendar_days.remove_days(session, shop_id, ids)
    if count:
        note(session, by, now, "shop.days_removed", ("shop", shop_id), shop_id=shop_id, count=count)
    return count


def month_of_days(session: Session, viewer: Viewer, shop_id: int | None, month: date) -> Sequence[DayLine]:
    """What holds for a shop in a month (given by any of its days), in order.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    first = month.replace(day=1)
    until = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
    return calendar_days.days_between(session, shop_id, first, until)


def months_around(session: Session, viewer: Viewer, shop_id: int | None, month: date) -> Mapping[date, int]:
    """How many days apart there are in each month of the year around a month, by its first day; months without are left out.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    return calendar_days.months_with_days(session, shop_id, date(month.year, 1, 1), date(month.year + 1, 1, 1))


def _checked_kind(kind: str) -> Kind:
    for known in get_args(Kind):
        if kind == known:
            return known  # type: ignore[no-any-return]
    raise DayKindError
