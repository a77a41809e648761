"""The moments that words of time mean, counted from when they were written; see :mod:`qaplatform.audit.deadlines`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from qaplatform.audit.context import Context
from qaplatform.audit.deadline_words import UNIT_SECONDS


class UnknownMomentError(Exception):
    """A time is named, but which moment it is cannot be told."""


@lru_cache(maxsize=64)
def _calendar(holidays: frozenset[date]) -> np.busdaycalendar:
    """Monday to Friday without some days."""
    return np.busdaycalendar(holidays=sorted(holidays))


class Reader:
    """The moments that words of time mean, for a message written ``now``."""

    def __init__(self, now: datetime, context: Context) -> None:
        self.now = now
        self.context = context

    def day_end(self, day: date) -> datetime:
        """A local day's last second."""
        return datetime.combine(day, time(23, 59, 59), self.context.zone)

    def at(self, day: date, hour: float) -> datetime:
        """A local day's hour (0–24)."""
        return datetime.combine(day, time(), self.context.zone) + timedelta(hours=hour)

    def working_days(self, count: float) -> datetime:
        """The end of the last of so many working days."""
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
            raise UnknownMomentError from None
        return found

    def day_of_month(self, day: int, *, following: bool) -> date:
        """The next day of that number, or that of the ``following`` month."""
        year, month = self.now.year, self.now.month
        if following or day < self.now.day:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        try:
            return date(year, month, day)
        except ValueError:
            raise UnknownMomentError from None

    def weekday(self, number: int, weeks: int) -> date:
        """The coming such weekday (today counts); ``weeks`` ahead of the current calendar week where said."""
        today = self.now.date()
        if weeks:
            return today + timedelta(7 * weeks + number - today.weekday())
        return today + timedelta((number - today.weekday()) % 7)

    def month_end(self, part: str, *, following: bool) -> date:
        """The end of a part of a month: 初, 中 or else the whole."""
        first = self.now.date().replace(day=1)
        if following or (part == "初" and self.now.day > 10):
            first = (first + timedelta(32)).replace(day=1)
        if part in "初中":
            return first + timedelta(9 if part == "初" else 19)
        return (first + timedelta(32)).replace(day=1) - timedelta(1)

    def hour(self, part: str | None, hour: float, day: date | None) -> datetime:
        """A clock time; without a part of the day or a day it is the next one that comes."""
        if hour > 24:
            raise UnknownMomentError
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
