"""Words that say by when → the moment they mean, in Chinese and English.

:func:`deadlines` reads one message's text in the plain view (see ``normalise``). A range means its far end
(1-3天 → 3天), a day means its last second, 早上 / 中午 / 下午 mean their end, working days skip weekends and the
context's holidays, an hour without a part of the day is the next one that comes, and a masked number
([数字x]小时内) names a time whose moment cannot be known. Words such as 尽快, 稍后, 过两天, ``soon`` or
``in a few days`` name no time at all and are not found.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isnan, nan

import msgspec
import numpy as np

from qaplatform.audit.context import Context
from qaplatform.audit.deadline_english import (
    ENGLISH_NUMBERS,
    ENGLISH_WEEKDAYS,
    MONTHS,
    day_offset,
    hour_of,
    is_hour,
    is_span,
)
from qaplatform.audit.deadline_words import DAY_OFFSETS, HINT, PART_ENDS, SCAN, UNIT_SECONDS, WEEKDAYS
from qaplatform.audit.numerals import DIGITS, with_places


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """Characters ``start:end`` that name a time, and that time in seconds since 1970 (NaN: it cannot be known)."""

    start: int
    end: int
    due: float


class _UnknownMomentError(Exception):
    """A time is named, but which moment it is cannot be told."""


def _number(text: str) -> float:
    """An Arabic, Chinese or English number; masked ones raise :class:`_UnknownMomentError`."""
    if text in ENGLISH_NUMBERS:
        return ENGLISH_NUMBERS[text]
    if text[0].isascii():
        if not text[0].isdigit():
            raise _UnknownMomentError
        return float(text)
    if text == "半":
        return 0.5
    return float(with_places(text))


def _far_end(low: str, high: str | None) -> float:
    """The larger number of a range; 两三 and 三五 are ranges as well."""
    if high:
        return _number(high)
    if len(low) == 2 and all(char in DIGITS for char in low):
        return float(DIGITS[low[1]])
    return _number(low)


@lru_cache(maxsize=64)
def _calendar(holidays: frozenset[date]) -> np.busdaycalendar:
    """Monday to Friday without some days."""
    return np.busdaycalendar(holidays=sorted(holidays))


class _Reader:
    """Reads one message's matches; neighbouring day and clock words make one time."""

    def __init__(self, now: datetime, context: Context) -> None:
        self.now = now
        self.context = context

    def day_end(self, day: date) -> datetime:
        return datetime.combine(day, time(23, 59, 59), self.context.zone)

    def at(self, day: date, hour: float) -> datetime:
        """A local day's hour (0–24)."""
        return datetime.combine(day, time(), self.context.zone) + timedelta(hours=hour)

    def working_days(self, count: float) -> datetime:
        ahead = min(int(count + 0.999), 400)
        # From a day off one counts as from the last working day before it.
        day = np.busday_offset(self.now.date(), ahead, "backward", busdaycal=_calendar(self.context.holidays))
        return self.day_end(date.fromisoformat(str(day)))

    def span(self, count: float, unit: str) -> datetime:
        """``count`` units from now; days and longer end with the local day."""
        if unit.startswith(("工作", "bus", "work", "wk")) and unit not in ("wk", "wks"):
            return self.working_days(count)
        days = (
            1
            if unit[0] in "天日d"
            else 7
            if unit[0] in "星礼周w"
            else 30
            if "月" in unit or unit.startswith("mo")
            else 14
            if unit[0] == "f"
            else 0
        )
        if days:
            return self.day_end(self.now.date() + timedelta(int(count * days + 0.999)))
        if unit[0] == "小" or unit.startswith(("h", "钟", "时")):
            return self.now + timedelta(hours=count)
        return self.now + timedelta(seconds=count * (60 if unit.startswith("mi") else UNIT_SECONDS[unit[0]]))

    def dated(self, month: int, day: int) -> date:
        """The next such date; one of the last days is taken as this year's."""
        try:
            found = date(self.now.year, month, day)
            if found < self.now.date() - timedelta(1):
                found = date(self.now.year + 1, month, day)
        except ValueError:
            raise _UnknownMomentError from None
        return found

    def day_of_month(self, day: int, *, following: bool) -> date:
        year, month = self.now.year, self.now.month
        if following or day < self.now.day:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        try:
            return date(year, month, day)
        except ValueError:
            raise _UnknownMomentError from None

    def weekday(self, number: int, weeks: int) -> date:
        """The coming such weekday (today counts); ``weeks`` ahead of the current calendar week where said."""
        today = self.now.date()
        if weeks:
            return today + timedelta(7 * weeks + number - today.weekday())
        return today + timedelta((number - today.weekday()) % 7)

    def month_end(self, part: str, *, following: bool) -> date:
        first = self.now.date().replace(day=1)
        if following or (part == "初" and self.now.day > 10):
            first = (first + timedelta(32)).replace(day=1)
        if part in "初中":
            return first + timedelta(9 if part == "初" else 19)
        return (first + timedelta(32)).replace(day=1) - timedelta(1)

    def hour(self, part: str | None, hour: float, day: date | None) -> datetime:
        """A clock time; without a part of the day or a day it is the next one that comes."""
        if hour > 24:
            raise _UnknownMomentError
        if part in ("下午", "傍晚", "晚上", "晚间", "夜里", "晚", "午后", "p") and hour <= 12:
            hour = 24 if hour >= 12 and part in ("晚上", "晚间", "夜里", "晚") else hour % 12 + 12
        elif part in ("凌晨", "a"):
            hour %= 12
        elif part == "中午" and hour < 6:
            hour += 12
        elif part is None:
            return self._plain_hour(hour, day)
        moment = self.at(day or self.now.date(), hour)
        return moment + timedelta(1) if day is None and moment < self.now else moment

    def part_of_day(self, ends: float, day: date | None) -> datetime:
        """The hour a part of the day ends at, on ``day`` or the next time that it comes."""
        moment = self.at(day or self.now.date(), ends)
        return moment if moment >= self.now or day is not None else moment + timedelta(1)

    def _plain_hour(self, hour: float, day: date | None) -> datetime:
        if day is not None and day != self.now.date():
            return self.at(day, hour + 12 if 1 <= hour < 7 else hour)
        moments = [self.at(self.now.date(), hour)] + ([self.at(self.now.date(), hour + 12)] if hour <= 12 else [])
        later = [moment for moment in moments if moment >= self.now]
        return later[0] if later else moments[0] + timedelta(0 if day else 1)


_SPANS = frozenset(("span", "espan", "ehourly"))
_ENGLISH_CLOCKS = frozenset(("eclock", "ebare", "epart", "efirst", "eeod"))
_CLOCKS = _ENGLISH_CLOCKS | {"clock", "partonly"}
_NO_DAY = _SPANS | _CLOCKS | {"masked"}
"""Alternatives of the scan that name no day."""
_ENGLISH_DAYS = frozenset(("eday", "eweek", "edate", "emonthday"))


def _weeks(which: str | None) -> int:
    return 0 if which is None or which[0] not in "下n" else 2 if which == "下下" else 1


def _day(match: re.Match[str], read: _Reader) -> date | None:
    """The day a match names, ``None`` where it names none."""
    if match.lastgroup in _NO_DAY:
        return None
    group = match.groupdict()
    today = read.now.date()
    if group["day"] or group["eday"]:
        return today + timedelta(DAY_OFFSETS[group["off"]] if group["day"] else day_offset(group["eday"]))
    if group["date"]:
        return read.dated(int(_number(group["month"])), int(_number(group["mday"])))
    if group["edate"]:
        return read.dated(
            MONTHS.index((group["emon"] or group["emon2"])[:3]) + 1, int(group["emday"] or group["emday2"])
        )
    if group["emonthday"]:
        return read.day_of_month(int(group["emday3"]), following=False)
    if group["mdate"]:
        return read.day_of_month(int(_number(group["only"])), following=match[0].startswith("下"))
    return today + timedelta(1) if group["two"] else _week_or_month(group, read)


def _week_or_month(group: dict[str, str | None], read: _Reader) -> date | None:
    today = read.now.date()
    if group["week"]:
        return read.weekday(WEEKDAYS[group["wday"] or ""], _weeks(group["which"]))
    if group["eweek"]:
        return read.weekday(ENGLISH_WEEKDAYS.index((group["ewday"] or "")[:3]), 1 if group["enext"] == "next " else 0)
    if group["thisweek"]:
        return today + timedelta(6 - today.weekday() + 7 * _weeks(group["weekly"]))
    if group["monthly"]:
        return read.month_end((group["mpart"] or "底")[0], following=(group["whichm"] or "")[:1] == "下")
    return _english_end(group, read)


def _english_end(group: dict[str, str | None], read: _Reader) -> date | None:
    if not group["ethis"]:
        return None
    today, what = read.now.date(), group["eend"] or group["ewhat"]
    later = group["ewhen"] == "next"
    return read.month_end("底", following=later) if what == "month" else today + timedelta(6 - today.weekday() + 7 * later)


def _moment(match: re.Match[str], day: date | None, read: _Reader, *, tonight: bool = False) -> datetime:
    """The moment a match without a day of its own names, on ``day`` where a day word stands before it."""
    if match.lastgroup == "span":
        count = _far_end(match["low"], match["high"]) + (0.5 if match["plus"] or match["half"] else 0.0)
        return read.span(count, match["unit"])
    group = match.groupdict()
    if group["espan"]:
        return read.span(_number(group["eor"] or group["ehigh"] or group["elow"]), group["eunit"])
    if group["ehourly"]:
        return read.span(1, "h")
    if match.lastgroup in _ENGLISH_CLOCKS:
        return _english_hour(match, group, day, read, tonight=tonight)
    if group["clock"] and group["hour"]:
        last = group["hour2"]
        part = {"半": 0.5, "一刻": 0.25, "三刻": 0.75}
        minute = (group["minute2"] if last else group["minute"]) or "0"
        fraction = part[minute] if minute in part else int(minute) / 60
        return read.hour(group["part"], _number(last or group["hour"]) + fraction, day)
    return read.part_of_day(PART_ENDS[group["partonly"] or ""], day)


def _english_hour(
    match: re.Match[str], group: dict[str, str | None], day: date | None, read: _Reader, *, tonight: bool
) -> datetime:
    """The moment of an English clock time or part of the day, on ``day`` where one belongs to it."""
    if group["eeod"]:
        return read.day_end(day or read.now.date())
    if group["efirst"] or group["epart"]:
        return read.part_of_day(PART_ENDS[group["epartname"] or "morning"], day)
    if group["enoon"]:
        return read.hour("noon", 12, day)
    if group["ehour"]:
        return read.hour(group["eap"], int(group["ehour"]) + int(group["eminute"] or 0) / 60, day)
    if group["eclock"]:
        return read.at(day or read.now.date(), 24)
    part = "a" if group["bpart"] == "morning" else "p" if group["bpart"] or tonight else None
    return read.hour(part, hour_of(match), day)


def deadlines(text: str, seconds: float, context: Context) -> list[Deadline]:
    """The times a folded text names, in order, for a message written at ``seconds`` since 1970 (NaN: unknown)."""
    if not HINT.search(text):
        return []
    now = None if isnan(seconds) else datetime.fromtimestamp(seconds, context.zone)
    read = None if now is None else _Reader(now, context)
    out: list[Deadline] = []
    day: date | None = None
    day_match: re.Match[str] | None = None
    hour_match: re.Match[str] | None = None
    for match in SCAN.finditer(text):
        kind = match.lastgroup  # the outermost group closes last
        if match["ago"] or not match[0] or (kind == "espan" and not is_span(text[: match.start()], match[0])):
            continue
        joins = day_match is not None and _joins(text[day_match.end() : match.start()])
        clock = kind in _CLOCKS
        if clock and not joins and not _is_clock(match, text):
            continue
        if kind == "ebare" and joins and not (_is_english(day_match) and is_hour(match, text, joins=True)):
            continue
        before = hour_match if hour_match is not None and kind in _ENGLISH_DAYS else None
        if before is not None and text[before.end() : match.start()].strip() not in ("", "on", "of", ",", "on the", "the"):
            before = None
        start = day_match.start() if clock and joins and day_match is not None else match.start()
        due = nan
        if read is not None:
            try:
                if clock:
                    tonight = joins and day_match is not None and _is_tonight(day_match)
                    due = _moment(match, day if joins else None, read, tonight=tonight).timestamp()
                else:
                    day = _day(match, read)
                    due = _due(match, day, read)
                    if before is not None:
                        due = _moment(before, day, read, tonight=_is_tonight(match)).timestamp()
            except (_UnknownMomentError, OverflowError, ValueError):
                day = None
        if before is not None:
            start = before.start()
        if (clock and joins) or before is not None:
            out.pop()
        out.append(Deadline(start, match.end(), due))
        hour_match = match if kind in _ENGLISH_CLOCKS and not joins else None
        if not clock:
            day_match = None if kind in _SPANS else match
    return out


def _is_english(day: re.Match[str] | None) -> bool:
    return day is not None and day.lastgroup in _ENGLISH_DAYS


def _is_tonight(day: re.Match[str]) -> bool:
    return day.lastgroup == "eday" and day[0].startswith(("toni", "2ni"))


def _due(match: re.Match[str], day: date | None, read: _Reader) -> float:
    """The moment of a match that is no clock time: a day's end or a span from now; masked ones are unknown."""
    if match.lastgroup == "masked":
        raise _UnknownMomentError
    return (_moment(match, None, read) if day is None else read.day_end(day)).timestamp()


def _joins(between: str) -> bool:
    """Whether a clock time belongs to the day word before it."""
    return between.strip() in ("", "的", "(", "at", "by", "before", "in the", ",", "中", "around", "about", "until", "till", "-", "latest by", "the")


def _is_clock(match: re.Match[str], text: str) -> bool:
    """一点 and 早上 alone are rarely times: a Chinese numeral needs a part of the day, 前 or the like."""
    if match["partonly"]:
        return match["partonly"] in ("下班", "下午", "晚上", "傍晚", "中午") and text[
            match.end() : match.end() + 2
        ].startswith(("前", "之前", "以前", "给", "发", "联", "回", "寄", "会", "能", "送", "到", "就", "再"))
    if match["clock"]:
        after = text[match.end() : match.end() + 2]
        chinese = not (match["hour"] or "")[:1].isdigit() and not (match["hour"] or "").startswith("[")
        chinese = chinese and text[max(0, match.start() - 2) : match.start()] not in ("最迟", "最晚", "不过")
        return (
            not chinese
            or bool(match["part"])
            or match[0].endswith(("钟", "半", "整"))
            or after[:1] in ("前", "左", "之", "以")
        )
    if match.lastgroup == "ebare":
        return is_hour(match, text, joins=False)
    return not match["epart"] or bool(match["epre"])
