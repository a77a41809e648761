"""When plans draw: once, every day or every week, at an hour of their time zone; and what that time is called."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal

Cycle = Literal["once", "daily", "weekly"]


def cycle_key(cycle: Cycle, at: datetime, zone: tzinfo) -> str:
    """The time that a moment belongs to: ``once``, the local day, or the local week; no plan draws twice for one."""
    if cycle == "once":
        return "once"
    day = at.astimezone(zone).date()
    if cycle == "daily":
        return day.isoformat()
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02d}"


def next_after(cycle: Cycle, now: datetime, zone: tzinfo, *, hour: int, weekday: int) -> datetime | None:
    """The first of its times after a moment; ``None``: it draws once, and by hand."""
    if cycle == "once":
        return None
    day = now.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if at > now and (cycle == "daily" or day.weekday() == weekday):
            return at
        day += timedelta(days=1)


def due_at(now: datetime, zone: tzinfo, days: int) -> datetime:
    """The last minute of the day on which something is due that is given out now."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(23, 59), zone).astimezone(UTC)
