"""Times as people and programs write them, read into one form.

Every reader gives ``sent_at`` in the same form: ``YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)``, a real
moment with its zone between the years 1990 and 2100, or ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

import numpy as np
import numpy.typing as npt

from qaplatform.formats.width import half_width

FIRST_YEAR, LAST_YEAR = 1990, 2100

_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_WRITTEN = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*[T,]?\s*(?:(?:周|星期|礼拜)[一二三四五六日天])?\s*"
    r"(?P<part>上午|下午|凌晨|清晨|早上|早晨|中午|傍晚|晚上|夜里|[AP]M)?\s*"
    r"(?P<hour>\d{1,2})\s*[:时点]\s*(?P<minute>\d{1,2})\s*(?:[:分]\s*(?:(?P<second>\d{1,2})\s*秒?)?)?"
    r"(?:[.,](?P<fraction>\d{1,9}))?\s*(?P<part_after>[AP]M)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\d{5,17}(?:\.\d+)?", re.ASCII)
_AFTERNOON = {"下午", "傍晚", "晚上", "pm"}
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones.


class BadTimeError(ValueError):
    """Not a time that can be."""


def read_time(value: object, zone: tzinfo, *, spreadsheet: bool = False) -> datetime | None:
    """One written time as an aware moment; ``None`` for an empty value.

    ``zone`` is taken where the value names none. Numbers are seconds, milliseconds or microseconds since
    1970 by their size; with ``spreadsheet`` also days since 1899-12-30 (Excel's serial dates).

    Raises:
        BadTimeError: saying what is wrong with it.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        return _checked(_from_text(text, zone, spreadsheet=spreadsheet), zone) if text else None
    if isinstance(value, bool):
        raise BadTimeError("a truth value is no time")
    if isinstance(value, int | float):
        return _checked(_from_number(float(value), zone, spreadsheet=spreadsheet), zone)
    if isinstance(value, datetime):
        return _checked(value, zone)
    if isinstance(value, date):
        raise BadTimeError("a date without a time of day")
    raise BadTimeError("neither a text nor a number")


def written(moment: datetime) -> str:
    """The one form that readers give."""
    return moment.isoformat()


def canonical(text: str) -> bool:
    """Whether a text is already in the one form and a moment that can be."""
    if _CANONICAL.fullmatch(text) is None:
        return False
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def _checked(moment: datetime, zone: tzinfo) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadTimeError(f"the year {moment.year} is outside {FIRST_YEAR}–{LAST_YEAR}")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _from_number(number: float, zone: tzinfo, *, spreadsheet: bool) -> datetime:
    if spreadsheet and 32874 <= number < 73416:  # 1990-01-01 to 2100-12-31 in Excel's days.
        return _EXCEL_DAY_ZERO + timedelta(seconds=round(number * 86_400))
    for least, scale in ((1e14, 1e6), (1e11, 1e3), (1e8, 1.0)):
        if least <= number < least * 1e3:
            micros = round(number / scale * 1e6)
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(zone)
    raise BadTimeError("a number that is no count of seconds or milliseconds since 1970")


def _from_text(text: str, zone: tzinfo, *, spreadsheet: bool) -> datetime:
    text = half_width(text)
    if len(text) >= 16 and text[4] == "-" and ":" in text:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    try:
        match = _WRITTEN.fullmatch(text)
        if match is not None:
            return _from_parts(match)
        compact = _COMPACT.fullmatch(text)
        if compact is not None:
            return datetime(*(int(part) for part in compact.groups(default="0")))  # type: ignore[arg-type]  # noqa: DTZ001 - read_time adds the zone.
    except ValueError as error:
        raise BadTimeError(f"no such time ({error})") from error
    if _NUMBER.fullmatch(text):
        return _from_number(float(text), zone, spreadsheet=spreadsheet)
    if len(text) < 64 and text.isascii() and ":" in text and any(char.isalpha() for char in text):
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    raise BadTimeError("not a time that is understood")


def _from_parts(match: re.Match[str]) -> datetime:
    if match["hour"] is None:
        raise BadTimeError("a date without a time of day")
    hour = int(match["hour"])
    part = (match["part"] or match["part_after"] or "").lower()
    if hour < 12 and (part in _AFTERNOON or (part == "中午" and hour < 11)):
        hour += 12
    elif part in {"am", "上午", "凌晨"} and hour == 12:
        hour = 0
    micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
    moment = datetime(  # noqa: DTZ001 - the zone is added below or by read_time.
        int(match["year"]),
        int(match["month"]),
        int(match["day"]),
        hour,
        int(match["minute"]),
        int(match["second"] or 0),
        micro,
    )
    return moment if match["zone"] is None else moment.replace(tzinfo=_offset(match["zone"]))


def _offset(text: str) -> tzinfo:
    signed = re.search(r"([+-])(\d\d?):?(\d\d)?$", text)
    if signed is None:
        return UTC
    minutes = int(signed[2]) * 60 + int(signed[3] or 0)
    parsed = datetime.fromisoformat(f"2000-01-01T00:00{signed[1]}{minutes // 60:02d}:{minutes % 60:02d}").tzinfo
    return parsed or UTC


def all_canonical(texts: Sequence[str | None]) -> bool:
    """Whether every time is ``None`` or already canonical; quick for long lists of one shape."""
    by_length: dict[int, list[str]] = {}
    first = next((text for text in texts if text), None)
    if first is None:
        return all(text is None for text in texts)
    width = len(first)
    try:
        joined = "\n".join(texts) + "\n"  # type: ignore[arg-type]
    except TypeError:  # Some times are None.
        joined = ""
    if len(joined) == len(texts) * (width + 1) and joined.isascii():
        return _columns_canonical(joined, width)
    for text in texts:
        if text is not None:
            by_length.setdefault(len(text), []).append(text)
    if len(by_length) > 16:
        return False
    for length, group in by_length.items():
        lines = "\n".join(group) + "\n"
        if not lines.isascii() or not _columns_canonical(lines, length):
            return False
    return True


def _columns_canonical(lines: str, width: int) -> bool:
    """Check equally long times column by column; ``lines`` has a line end after each."""
    shape = _SHAPES.get((width, lines[width - 1] == "Z"))
    if shape is None:
        return False
    lowest, most = shape
    table: npt.NDArray[np.uint8] = np.frombuffer(lines.encode("ascii"), np.uint8).reshape(-1, width + 1)
    above = table - lowest
    if (above > most).any():
        return False
    if lines[width - 1] != "Z" and (not _at_most(above, width - 5, 23) or (above[:, width - 6] == 1).any()):
        return False
    return _dates_canonical(above)


def _shape(width: int, *, zulu: bool) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """For every column the lowest character and how far above it a character may be."""
    fraction = width - (20 if zulu else 25)
    pattern = (
        "0000-00-00T00:00:00" + ("." + "0" * (fraction - 1) if fraction else "") + ("Z" if zulu else "+00:00") + "\n"
    )
    most = "2999-19-39T29:59:59" + ("." + "9" * (fraction - 1) if fraction else "") + ("Z" if zulu else "-29:59") + "\n"
    lowest = np.frombuffer(pattern.encode(), np.uint8)
    return lowest, np.frombuffer(most.encode(), np.uint8) - lowest


_SHAPES = {
    (base + fraction, zulu): _shape(base + fraction, zulu=zulu)
    for base, zulu in ((20, True), (25, False))
    for fraction in (0, 2, 3, 4, 5, 6, 7)
}
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.uint8)


def _at_most(above: npt.NDArray[np.uint8], column: int, most: int) -> bool:
    """Whether the two digits at ``column`` never make more than ``most``."""
    return int((above[:, column] * np.uint8(10) + above[:, column + 1]).max()) <= most


def _dates_canonical(above: npt.NDArray[np.uint8]) -> bool:
    """Whether the columns, now digits, are dates and hours that can be."""
    months = above[:, 5] * np.uint8(10) + above[:, 6]
    days = above[:, 8] * np.uint8(10) + above[:, 9]
    if not _at_most(above, 11, 23) or months.max() > 12 or not months.all() or not days.all():
        return False
    years = above[:, :4].astype(np.int32) @ np.array([1000, 100, 10, 1], np.int32)
    if years.min() < FIRST_YEAR or years.max() > LAST_YEAR:
        return False
    if days.max() <= 28:
        return True
    leap = (months == 2) & (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    return bool((days <= _MONTH_DAYS[months] + leap).all())
