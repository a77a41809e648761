"""ISO times of a whole block → seconds since 1970, without a loop where their form allows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_ZONED, _UTC = 25, 20
_ZERO = ord("0")
_MONTH_DAYS = np.asarray([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""A leap day takes the slow way."""


Columns = NDArray[np.uint8]
"""ASCII characters of equally long texts: one row a place in the text, one column a text."""


def _number(columns: Columns) -> NDArray[np.int64]:
    value: NDArray[np.int32] = columns[0].astype(np.int32) - _ZERO
    for column in columns[1:]:
        value *= 10
        value += column
        value -= _ZERO
    return value.astype(np.int64)


def _all_digits(columns: Columns) -> NDArray[np.bool_]:
    good = np.ones(columns.shape[1], np.bool_)
    for column in columns:
        good &= (column - np.uint8(_ZERO)) <= 9
    return good


def _days(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days since 1970-01-01 of the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    return np.asarray(era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468, np.int64)


def _dates(text: Columns) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970 of ``YYYY-MM-DD``, and which texts are a date."""
    good = _all_digits(text[[0, 1, 2, 3, 5, 6, 8, 9]]) & (text[4] == ord("-")) & (text[7] == ord("-"))
    year, month, day = _number(text[0:4]), _number(text[5:7]), _number(text[8:10])
    good &= (year >= 1) & (month >= 1) & (month <= 12)
    good &= (day >= 1) & (day <= _MONTH_DAYS[np.clip(month, 0, 12)])
    return _days(year, month, day), good


def _fixed_width(text: Columns) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds of ``YYYY-MM-DDTHH:MM:SS`` + (``Z`` or ``±HH:MM``), and which texts really have that form."""
    # Neighbours mostly share their date: it is read once a run.
    new = np.ones(text.shape[1], np.bool_)
    new[1:] = False
    for column in text[:10]:
        new[1:] |= column[1:] != column[:-1]
    days, dated = _dates(text[:10, new])
    run = np.cumsum(new) - 1
    good = dated[run] & _all_digits(text[[11, 12, 14, 15, 17, 18]]) & (text[13] == ord(":")) & (text[16] == ord(":"))
    good &= (text[10] == ord("T")) | (text[10] == ord(" "))
    hour, minute, second = _number(text[11:13]), _number(text[14:16]), _number(text[17:19])
    good &= (hour < 24) & (minute < 60) & (second < 60)
    seconds = days[run] * 86400 + hour * 3600 + minute * 60 + second
    if len(text) == _UTC:
        return seconds.astype(np.float64), good & (text[19] == ord("Z"))
    sign = text[19]
    good &= _all_digits(text[[20, 21, 23, 24]]) & ((sign == ord("+")) | (sign == ord("-"))) & (text[22] == ord(":"))
    hours, minutes = _number(text[20:22]), _number(text[23:25])
    good &= (hours < 24) & (minutes < 60)
    offset = hours * 3600 + minutes * 60
    return (seconds - np.where(sign == ord("-"), -offset, offset)).astype(np.float64), good


def seconds_of(text: str, zone: ZoneInfo) -> float:
    """One ISO time in seconds since 1970; NaN where it is none. No zone means ``zone``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _columns(times: Sequence[str | None], size: int) -> Columns | None:
    """Times of ``size`` characters each as columns; ``None`` where one is missing, longer or shorter, or not ASCII."""
    try:
        raw = ("\n".join(times) + "\n").encode("ascii")  # type: ignore[arg-type]
    except (TypeError, UnicodeEncodeError):
        return None
    if len(raw) != len(times) * (size + 1):
        return None
    columns = np.ascontiguousarray(np.frombuffer(raw, np.uint8).reshape(-1, size + 1).T)
    return columns[:size] if (columns[size] == ord("\n")).all() else None


def _by_shape(times: Sequence[str | None]) -> Iterator[tuple[NDArray[np.int64], Columns | None]]:
    """The times there are, by rows of one shape; ``None`` for those that must be read one by one."""
    width = len(times[0] or "") if times else 0
    alike = _columns(times, width) if width in (_ZONED, _UTC) else None
    if alike is not None:
        yield np.arange(len(times)), alike
        return
    sizes = np.fromiter([len(time) if time else 0 for time in times], np.int64, len(times))
    for size in np.unique(sizes[sizes > 0]).tolist():
        rows = np.flatnonzero(sizes == size)
        yield rows, _columns([times[row] for row in rows.tolist()], size) if size in (_ZONED, _UTC) else None


def block_seconds(times: Sequence[str | None], zone: ZoneInfo) -> NDArray[np.float64]:
    """Seconds since 1970 of each time (NaN where there is none or it cannot be read)."""
    out = np.full(len(times), np.nan)
    for rows, columns in _by_shape(times):
        left = rows
        if columns is not None:
            seconds, good = _fixed_width(columns)
            out[rows[good]] = seconds[good]
            left = rows[~good]
        for row in left.tolist():
            out[row] = seconds_of(times[row] or "", zone)
    return out
