"""Moments → local days and seconds, for whole columns and for zones that change their clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

NO_DAY = int(np.iinfo(np.int64).min)
"""The local day of an unknown time."""
_DAY = 86_400
_SHORT_SPAN_DAYS = 400
_FIRST, _LAST = -62_135_510_400.0, 253_402_214_400.0  # 0001-01-02 and 9999-12-31, so that no zone leaves the calendar


def _offset(second: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds())


@lru_cache(maxsize=4096)
def _offset_of_day(day: int, zone: ZoneInfo) -> int | None:
    """The zone's offset (s) through one UTC day, or ``None`` where the clocks change in it."""
    first, last = _offset(day * _DAY, zone), _offset((day + 1) * _DAY - 1, zone)
    return first if first == last else None


def distinct(days: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
    """The days of a column and, for each row, which of them it is; a short span is listed without gaps (no sorting)."""
    if not days.size:
        return [], days
    first, last = int(days.min()), int(days.max())
    if last - first < _SHORT_SPAN_DAYS:
        return list(range(first, last + 1)), days - first
    values, index = np.unique(days, return_inverse=True)
    return values.tolist(), index.astype(np.int64)


def local_days_and_seconds(
    epoch_seconds: NDArray[np.float64], zone: ZoneInfo
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local day (days since 1970) and second of the day (0–86399) of each moment (seconds since 1970 UTC).

    NaN and moments outside the years 1–9999 give :data:`NO_DAY` and 0. One offset is looked up a UTC day, so
    that a column costs a few array operations; only on days of a clock change is it one a moment.
    """
    moments = np.asarray(epoch_seconds, np.float64)
    known = (moments >= _FIRST) & (moments < _LAST)
    if not known.all():
        days, seconds = np.full(moments.shape, NO_DAY), np.zeros(moments.shape, np.int64)
        days[known], seconds[known] = local_days_and_seconds(moments[known], zone)
        return days, seconds
    whole = np.floor(moments).astype(np.int64)
    utc_days, index = distinct(whole // _DAY)
    found = [_offset_of_day(day, zone) for day in utc_days]
    offsets = np.asarray([offset or 0 for offset in found], np.int64)[index]
    for number in [number for number, offset in enumerate(found) if offset is None]:
        rows = np.flatnonzero(index == number)
        offsets[rows] = [_offset(second, zone) for second in whole[rows].tolist()]
    local = whole + offsets
    return local // _DAY, local % _DAY
