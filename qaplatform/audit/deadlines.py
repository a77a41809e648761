"""Words that say by when → the moment they mean, in Chinese and English.

:func:`deadlines` reads one message's text in the plain view (see ``normalise``). A range means its far end
(1-3天 → 3天), a day means its last second, 早上 / 中午 / 下午 mean their end, working days skip weekends and the
context's holidays, an hour without a part of the day is the next one that comes, and a masked number
([数字x]小时内) names a time whose moment cannot be known. Words such as 尽快, 稍后, 过两天, ``soon`` or
``in a few days`` name no time at all and are not found.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from math import isnan, nan

import msgspec

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
from qaplatform.audit.deadline_moments import Reader, UnknownMomentError
from qaplatform.audit.deadline_words import DAY_OFFSETS, HINT, PART_ENDS, SCAN, WEEKDAYS
from qaplatform.audit.numerals import DIGITS, with_places


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """Characters ``start:end`` that name a time, and that time in seconds since 1970 (NaN: it cannot be known)."""

    start: int
    end: int
    due: float


def _number(text: str) -> float:
    """An Arabic, Chinese or English number; masked ones raise :class:`UnknownMomentError`."""
    if text in ENGLISH_NUMBERS:
        return ENGLISH_NUMBERS[text]
    if text[0].isascii():
        if not text[0].isdigit():
            raise UnknownMomentError
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


_SPANS = frozenset(("span", "espan", "ehourly", "eminutes"))
_ENGLISH_CLOCKS = frozenset(("eclock", "ebare", "epart", "efirst", "eeod"))
_CLOCKS = _ENGLISH_CLOCKS | {"clock", "partonly"}
_NO_DAY = _SPANS | _CLOCKS | {"masked"}
"""Alternatives of the scan that name no day."""
_ENGLISH_DAYS = frozenset(("eday", "eweek", "edate", "emonthday"))
_ON = ("", "on", "of", ",", "on the", "the")
"""What may stand between an hour and the day behind it."""


def _weeks(which: str | None) -> int:
    return 0 if which is None or which[0] not in "下n" else 2 if which == "下下" else 1


def _day(match: re.Match[str], read: Reader) -> date | None:
    """The day a match names, ``None`` where it names none."""
    if match.lastgroup in _NO_DAY:
        return None
    group = match.groupdict()
    today = read.now.date()
    if group["day"] or group["eday"]:
        return today + timedelta(DAY_OFFSETS[group["off"]] if group["day"] else day_offset(group["eday"]))
    if group["date"]:
        return read.dated(int(_number(group["month"])), int(_number(group["mday"])))
    if group["mdate"]:
        return read.day_of_month(int(_number(group["only"])), following=match[0].startswith("下"))
    return today + timedelta(1) if group["two"] else _week_or_month(group, read)


def _week_or_month(group: dict[str, str | None], read: Reader) -> date | None:
    today = read.now.date()
    if group["week"]:
        return read.weekday(WEEKDAYS[group["wday"] or ""], _weeks(group["which"]))
    if group["eweek"]:
        return read.weekday(ENGLISH_WEEKDAYS.index((group["ewday"] or "")[:3]), 1 if group["enext"] == "next " else 0)
    if group["edate"]:
        month = (group["emon"] or group["emon2"] or "")[:3]
        return read.dated(MONTHS.index(month) + 1, int(group["emday"] or group["emday2"] or 0))
    if group["thisweek"]:
        return today + timedelta(6 - today.weekday() + 7 * _weeks(group["weekly"]))
    if group["monthly"]:
        return read.month_end((group["mpart"] or "底")[0], following=(group["whichm"] or "")[:1] == "下")
    return _english_end(group, read)


def _english_end(group: dict[str, str | None], read: Reader) -> date | None:
    if group["emonthday"]:
        return read.day_of_month(int(group["emday3"] or 0), following=False)
    if not group["ethis"]:
        return None
    today, what = read.now.date(), group["eend"] or group["ewhat"]
    later = group["ewhen"] == "next"
    return (
        read.month_end("底", following=later) if what == "month" else today + timedelta(6 - today.weekday() + 7 * later)
    )


def _moment(match: re.Match[str], day: date | None, read: Reader, *, tonight: bool = False) -> datetime:
    """The moment a match without a day of its own names, on ``day`` where a day word stands before it."""
    if match.lastgroup == "span":
        count = _far_end(match["low"], match["high"]) + (0.5 if match["plus"] or match["half"] else 0.0)
        return read.span(count, match["unit"])
    group = match.groupdict()
    if group["espan"]:
        return read.span(_number(group["eor"] or group["ehigh"] or group["elow"]), group["eunit"])
    if group["ehourly"] or group["eminutes"]:
        return read.span(_number(group["emins"]), "minutes") if group["emins"] else read.span(1, "h")
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
    match: re.Match[str], group: dict[str, str | None], day: date | None, read: Reader, *, tonight: bool
) -> datetime:
    """The moment of an English clock time or part of the day, on ``day`` where one belongs to it."""
    if group["eeod"]:
        return read.day_end(day or read.now.date())
    if group["efirst"] or group["epart"]:
        return read.part_of_day(PART_ENDS[group["epartname"] or "morning"], day)
    if group["ehour"]:
        return read.hour(group["eap"], int(group["ehour"]) + int(group["eminute"] or 0) / 60, day)
    if group["eclock"]:
        return read.hour("noon", 12, day) if group["enoon"] else read.at(day or read.now.date(), 24)
    part = "a" if group["bpart"] == "morning" else "p" if group["bpart"] or tonight else None
    return read.hour(part, hour_of(match), day)


def deadlines(text: str, seconds: float, context: Context) -> list[Deadline]:
    """The times a folded text names, in order, for a message written at ``seconds`` since 1970 (NaN: unknown)."""
    if not HINT.search(text):
        return []
    now = None if isnan(seconds) else datetime.fromtimestamp(seconds, context.zone)
    times = _Times(text, None if now is None else Reader(now, context))
    for match in SCAN.finditer(text):
        # One or the other group of a match says which alternative it is: the outermost closes last.
        past = match["ago"] or not match[0]
        if not past and not (match.lastgroup == "espan" and not is_span(match, text)):
            times.add(match)
    return times.found


class _Times:
    """The times of one text so far; neighbouring day and clock words make one: 明天 5点, by 5 pm on Tuesday."""

    def __init__(self, text: str, read: Reader | None) -> None:
        self.text, self.read = text, read
        self.found: list[Deadline] = []
        self._day: date | None = None
        self._day_match: re.Match[str] | None = None
        self._hour_match: re.Match[str] | None = None

    def add(self, match: re.Match[str]) -> None:
        """One more match of the scan, unless it is no time after all."""
        if match.lastgroup in _CLOCKS:
            self._add_hour(match)
        else:
            self._add_day(match)

    def _add_hour(self, match: re.Match[str]) -> None:
        day = self._day_match
        if day is not None and not _joins(self.text[day.end() : match.start()]):
            day = None
        if match.lastgroup == "ebare":
            day = day if day is not None and day.lastgroup in _ENGLISH_DAYS else None
            if not is_hour(match, self.text, joins=day is not None):
                return
        elif day is None and not _is_clock(match, self.text):
            return
        due = nan
        if self.read is not None:
            try:
                tonight = day is not None and _is_tonight(day)
                due = _moment(match, self._day if day else None, self.read, tonight=tonight).timestamp()
            except (UnknownMomentError, OverflowError, ValueError):
                self._day = None
        if day is not None:
            self.found.pop()
        self.found.append(Deadline((day or match).start(), match.end(), due))
        self._hour_match = match if match.lastgroup in _ENGLISH_CLOCKS and day is None else None

    def _add_day(self, match: re.Match[str]) -> None:
        hour = self._hour_match if match.lastgroup in _ENGLISH_DAYS else None
        if hour is not None and self.text[hour.end() : match.start()].strip() not in _ON:
            hour = None
        due = nan
        if self.read is not None:
            try:
                self._day = _day(match, self.read)
                due = _due(match, self._day, self.read)
                if hour is not None:
                    due = _moment(hour, self._day, self.read, tonight=_is_tonight(match)).timestamp()
            except (UnknownMomentError, OverflowError, ValueError):
                self._day = None
        if hour is not None:
            self.found.pop()
        self.found.append(Deadline((hour or match).start(), match.end(), due))
        self._hour_match = None
        self._day_match = None if match.lastgroup in _SPANS else match


def _is_tonight(day: re.Match[str]) -> bool:
    return day.lastgroup == "eday" and day[0].startswith(("toni", "2ni"))


def _due(match: re.Match[str], day: date | None, read: Reader) -> float:
    """The moment of a match that is no clock time: a day's end or a span from now; masked ones are unknown."""
    if match.lastgroup == "masked":
        raise UnknownMomentError
    return (_moment(match, None, read) if day is None else read.day_end(day)).timestamp()


def _joins(between: str) -> bool:
    """Whether a clock time belongs to the day word before it."""
    return between.strip() in (
        "",
        "的",
        "(",
        "at",
        "by",
        "before",
        "in the",
        ",",
        "中",
        "around",
        "about",
        "until",
        "till",
        "-",
        "latest by",
        "the",
    )


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
    return not match["epart"] or bool(match["epre"])
