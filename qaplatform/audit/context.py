"""What a chat alone does not know: calendar, clock bands, roster, people, addresses, and the moment of judging.

The defaults are the service standard for response times: nobody on duty from 00:00 to 09:00, then 60 s, and
30 s from 20:00 to 24:00 on promotion days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.local_time import NO_DAY, distinct, local_days_and_seconds

DAY_MINUTES = 1440
DEFAULT_LIMIT_SECONDS = 60.0
Floats = NDArray[np.float64]


class ClockBand(msgspec.Struct, frozen=True, gc=False):
    """Minutes ``start_minute`` ≤ minute < ``end_minute`` of the local day (0–1440) and the reply limit in them."""

    start_minute: int
    end_minute: int
    on_duty: bool = True
    limit_seconds: float = DEFAULT_LIMIT_SECONDS
    promotion_limit_seconds: float | None = None
    """On promotion days; ``None`` = the ordinary limit."""


class RosterEntry(msgspec.Struct, frozen=True):
    """Who works when: on one ``day``, or on every such ``weekday`` (0 = Monday) that has no entries of its own.

    ``end_minute`` may pass 1440: a night shift runs into the next day.
    """

    start_minute: int
    end_minute: int
    agents: tuple[str, ...] = ()
    day: date | None = None
    weekday: int | None = None
    shift: str | None = None


class Agent(msgspec.Struct, frozen=True):
    """A customer-service agent; ``accounts`` are the other names this agent writes under."""

    id: str
    name: str | None = None
    team: str | None = None
    line: str | None = None
    level: str | None = None
    hired_on: date | None = None
    accounts: tuple[str, ...] = ()


class Department(msgspec.Struct, frozen=True, gc=False):
    """A department and the person there who is named as its contact."""

    id: str
    name: str | None = None
    contact: str | None = None


DEFAULT_BANDS = (
    ClockBand(0, 540, on_duty=False),
    ClockBand(540, 1080),
    ClockBand(1080, 1200),
    ClockBand(1200, 1440, promotion_limit_seconds=30.0),
)


class Context(msgspec.Struct, frozen=True, dict=True):
    """Everything an audit may know beside the conversations; without a file, the defaults hold."""

    timezone: str = "Asia/Shanghai"
    as_of: datetime | None = None
    """The moment of judging, aware; ``None`` = unknown."""
    clock_bands: tuple[ClockBand, ...] = DEFAULT_BANDS
    """Ordered and contiguous from minute 0 to minute 1440."""
    promotion_days: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    roster: tuple[RosterEntry, ...] = ()
    agents: Mapping[str, Agent] = {}
    return_addresses: Mapping[str, tuple[str, ...]] = {}
    departments: Mapping[str, Department] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of ``timezone``."""
        return ZoneInfo(self.timezone)

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {name: agent.id for agent in self.agents.values() for name in (agent.name, *agent.accounts) if name}
        return names | {id: id for id in self.agents}

    def agent_of(self, name: str | None) -> Agent | None:
        """The agent with this id, account or name, or ``None``."""
        return self.agents.get(self._names.get(name, "")) if name else None

    @cached_property
    def _bands_by_minute(self) -> Floats:
        """Limits by (promotion day?, minute); NaN where the bands have nobody on duty."""
        table = np.full((2, DAY_MINUTES), np.nan)
        for band in self.clock_bands:
            if band.on_duty:
                promotion = band.limit_seconds if band.promotion_limit_seconds is None else band.promotion_limit_seconds
                table[0, band.start_minute : band.end_minute] = band.limit_seconds
                table[1, band.start_minute : band.end_minute] = promotion
        return table

    @cached_property
    def _dated(self) -> dict[int, list[RosterEntry]]:
        by_day: dict[int, list[RosterEntry]] = {}
        for entry in self.roster:
            if entry.day is not None:
                by_day.setdefault(_day_number(entry.day), []).append(entry)
        return by_day

    def _entries(self, day: int) -> list[RosterEntry] | None:
        """Roster entries that begin on a day (days since 1970), or ``None`` where the roster does not speak of it."""
        if day in self._dated:
            return self._dated[day]
        weekly = [entry for entry in self.roster if entry.weekday is not None]
        if weekly:
            return [entry for entry in weekly if entry.weekday == (day + 3) % 7]
        return [] if self._dated and min(self._dated) <= day <= max(self._dated) else None

    @cached_property
    def _days(self) -> dict[int, Floats]:
        return {}

    def _limits_of_day(self, day: int) -> Floats:
        """Limits by minute of one local day (days since 1970): the bands, where the roster speaks cut to who works."""
        known = self._days.get(day)
        if known is not None:
            return known
        promotion = day in self._promotion_numbers
        limits: Floats = self._bands_by_minute[int(promotion)]
        today, yesterday = self._entries(day), self._entries(day - 1)
        if today is not None:
            worked = np.zeros(2 * DAY_MINUTES, np.bool_)
            for entry in today:
                worked[entry.start_minute : entry.end_minute] = True
            for entry in yesterday or ():
                worked[: max(0, entry.end_minute - DAY_MINUTES)] = True
            limits = np.nan_to_num(limits, nan=DEFAULT_LIMIT_SECONDS)
            limits = np.where(worked[:DAY_MINUTES], limits, np.nan).astype(np.float64)
        self._days[day] = limits
        return limits

    @cached_property
    def _promotion_numbers(self) -> frozenset[int]:
        return frozenset(map(_day_number, self.promotion_days))

    def limits(self, epoch_seconds: Floats) -> Floats:
        """Reply limit in seconds at each moment (seconds since 1970 UTC).

        NaN where nobody is on duty and where the moment itself is NaN.
        Who is on duty follows the roster on the days it speaks of (those between its first and last dated entry,
        or all days once it has weekly entries), else the clock bands. A rostered minute in a band without
        duty has the default limit of 60 s.
        """
        days, seconds = local_days_and_seconds(epoch_seconds, self.zone)
        out = np.full(days.shape, np.nan)
        rows = np.flatnonzero(days != NO_DAY)
        if rows.size:
            there, index = distinct(days[rows])
            table = np.stack([self._limits_of_day(day) for day in there])
            out[rows] = table[index, seconds[rows] // 60]
        return out

    def limit_seconds(self, local: datetime) -> float | None:
        """The reply limit at one local moment (a zone it carries is converted), or ``None`` where nobody is on duty."""
        if local.tzinfo is not None:
            local = local.astimezone(self.zone)
        limit = float(self._limits_of_day(_day_number(local.date()))[local.hour * 60 + local.minute])
        return None if np.isnan(limit) else limit

    def on_duty(self, local: datetime) -> bool:
        """Whether anybody is on duty at a local moment."""
        return self.limit_seconds(local) is not None

    def agents_on_duty(self, local: datetime) -> tuple[str, ...] | None:
        """Ids of the agents rostered at a local moment, in roster order; ``None`` where the roster is silent."""
        if local.tzinfo is not None:
            local = local.astimezone(self.zone)
        day, minute = _day_number(local.date()), local.hour * 60 + local.minute
        today = self._entries(day)
        if today is None:
            return None
        working = [entry for entry in today if entry.start_minute <= minute < entry.end_minute]
        working += [entry for entry in self._entries(day - 1) or () if minute < entry.end_minute - DAY_MINUTES]
        return tuple(dict.fromkeys(agent for entry in working for agent in entry.agents))

    def is_workday(self, day: date) -> bool:
        """Monday to Friday and no holiday."""
        return day.weekday() < 5 and day not in self.holidays


def _day_number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
