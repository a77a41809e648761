"""ISO times of a whole block → seconds since 1970, without a loop where their form allows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_ZONED, _UTC = 25, 20
_ZERO = ord("0")
_MONTH_DAYS = np.asarray([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""A leap day takes the slow way."""


def _number(block: NDArray[np.uint8], first: int, digits: int) -> NDArray[np.int64]:
    value = np.zeros(len(block), np.int64)
    for column in range(first, first + digits):
        value = value * 10 + (block[:, column].astype(np.int64) - _ZERO)
    return value


def _days(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days since 1970-01-01 of the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    return np.asarray(era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468, np.int64)


def _fixed_width(block: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds of ``YYYY-MM-DDTHH:MM:SS`` + (``Z`` or ``±HH:MM``), and which rows really have that form."""
    digits = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
    zoned = block.shape[1] == _ZONED
    if zoned:
        digits += [20, 21, 23, 24]
    numbers = block[:, digits]
    good = ((numbers >= _ZERO) & (numbers <= _ZERO + 9)).all(axis=1)
    for column, mark in ((4, "-"), (7, "-"), (13, ":"), (16, ":")):
        good &= block[:, column] == ord(mark)
    good &= (block[:, 10] == ord("T")) | (block[:, 10] == ord(" "))
    year, month, day = _number(block, 0, 4), _number(block, 5, 2), _number(block, 8, 2)
    hour, minute, second = _number(block, 11, 2), _number(block, 14, 2), _number(block, 17, 2)
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    good &= (day >= 1) & (day <= _MONTH_DAYS[np.clip(month, 0, 12)])
    seconds = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    if zoned:
        sign = block[:, 19]
        good &= (sign == ord("+")) | (sign == ord("-"))
        hours, minutes = _number(block, 20, 2), _number(block, 23, 2)
        good &= (hours < 24) & (minutes < 60)
        offset = hours * 3600 + minutes * 60
        seconds = seconds - np.where(sign == ord("-"), -offset, offset)
    else:
        good &= block[:, 19] == ord("Z")
    return seconds.astype(np.float64), good


def seconds_of(text: str, zone: ZoneInfo) -> float:
    """One ISO time in seconds since 1970; NaN where it is none. No zone means ``zone``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def block_seconds(times: Sequence[str | None], zone: ZoneInfo) -> NDArray[np.float64]:
    """Seconds since 1970 of each time (NaN where there is none or it cannot be read)."""
    count = len(times)
    out = np.full(count, np.nan)
    sizes = np.fromiter([len(time) if time else 0 for time in times], np.int64, count)
    left = sizes > 0
    for size in (_ZONED, _UTC):
        rows = np.flatnonzero(sizes == size)
        if not rows.size:
            continue
        chosen = times if rows.size == count else [times[row] for row in rows.tolist()]
        raw = "".join(chosen).encode("ascii", "replace")  # type: ignore[arg-type]
        if len(raw) != rows.size * size:
            continue
        seconds, good = _fixed_width(np.frombuffer(raw, np.uint8).reshape(-1, size))
        out[rows[good]] = seconds[good]
        left[rows[good]] = False
    for row in np.flatnonzero(left).tolist():
        out[row] = seconds_of(times[row] or "", zone)
    return out
