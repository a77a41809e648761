"""What somebody finds on their home page: figures of two weeks, what waits for them, and what to look at first.

The two weeks end today; where the last seven days brought nothing, as after the import of an old file, they end with
the newest conversation instead.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.blind import blind_for, line_without_figures
from qaplatform.services.first_steps import Step, steps_of
from qaplatform.services.jobs import BY_ITSELF
from qaplatform.store import home as store
from qaplatform.store.first_steps import reached
from qaplatform.store.home import Line, Tally
from qaplatform.store.scopes import Scope
from qaplatform.store.standing import CRITICAL, PENDING

DAYS = 14
_WEEK = 7
_LINES = 7


class Day(msgspec.Struct, frozen=True):
    """Conversations of one local day by verdict; those not audited yet count as ``unscored``."""

    day: date
    verdicts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.verdicts.values())


class Week(msgspec.Struct, frozen=True):
    """Seven days summed up; a figure that nothing is known of is ``None``."""

    count: int = 0
    score: float | None = None
    pass_ratio: float | None = None
    """Of those with a verdict."""
    critical_count: int = 0
    """Confirmed by a person."""
    pending_count: int = 0
    """A machine says critical; until a person confirms it, it counts in no other figure."""


class Home(msgspec.Struct, frozen=True):
    """All of it; a part the viewer may not see, or that does not concern them, is ``None``."""

    days: Sequence[Day] | None
    until: date
    """The last of the days."""
    is_current: bool
    """Whether that is today."""
    this_week: Week
    week_before: Week
    lines: Sequence[Line]
    lines_are_own: bool
    """Whether they are somebody's own newest chats, not those that a reviewer should see first."""
    imports: Mapping[str, int] | None
    jobs: Mapping[str, int] | None
    house: Mapping[str, int] | None
    is_empty: bool
    """Nothing was taken in yet."""
    steps: Sequence[Step]
    """The way to the first findings and on, until it is done."""


def home_of(session: Session, viewer: Viewer, *, now: datetime, zone: ZoneInfo) -> Home:
    """The home page of whoever asks; days are local days of ``zone``, today included."""
    today = now.astimezone(zone).date()
    scope = viewer.scope("conversations.see")
    until, bounds = today, _bounds(today, zone)
    week_start = bounds[DAYS - _WEEK]
    tallies = [] if scope.is_empty else _tallies(session, scope, bounds)
    if not scope.is_empty and not any(one.span >= DAYS - _WEEK for one in tallies):
        latest = store.latest(session, scope, before=bounds[-1])
        if latest is not None:
            until = latest.astimezone(zone).date()
            bounds = _bounds(until, zone)
            tallies = _tallies(session, scope, bounds)
    lines: Sequence[Line] = ()
    if scope.is_one_agents:
        lines = store.newest(session, scope, _LINES)
    elif not scope.is_empty:
        lines = store.pressing(session, scope, bounds[DAYS - _WEEK], _LINES)
        blind = blind_for(session, viewer, [one.id for one in lines])
        lines = [line_without_figures(one) if one.id in blind else one for one in lines]
    imports = viewer.scope("imports.see")
    so_far = reached(session)
    return Home(
        days=None if scope.is_empty else _days(tallies, until - timedelta(days=DAYS - 1)),
        until=until,
        is_current=until == today,
        this_week=_week(one for one in tallies if one.span >= DAYS - _WEEK),
        week_before=_week(one for one in tallies if one.span < DAYS - _WEEK),
        lines=lines,
        lines_are_own=scope.is_one_agents,
        imports=None if imports.is_empty else store.imports_by_state(session, imports, week_start),
        jobs=store.jobs_by_state(session, week_start, quiet_kinds=BY_ITSELF) if viewer.may("jobs.see") else None,
        house=store.house(session) if viewer.may("users.manage") else None,
        is_empty=not so_far.has_conversation,
        steps=steps_of(so_far, viewer),
    )


def _bounds(until: date, zone: ZoneInfo) -> Sequence[datetime]:
    """Where the days up to that one begin, and where the last ends."""
    first = until - timedelta(days=DAYS - 1)
    return [datetime.combine(first + timedelta(days=n), time(), zone) for n in range(DAYS + 1)]


def _tallies(session: Session, scope: Scope, bounds: Sequence[datetime]) -> list[Tally]:
    """By span and verdict; a critical that no person has confirmed is ``pending``."""
    by_span: dict[int, list[float | None]] = {}
    out: list[Tally] = []
    found = store.tallies(session, scope, bounds)
    if any(one.verdict == CRITICAL for one in found):
        for moment, score in store.confirmed(session, scope, bounds[0], bounds[-1]):
            by_span.setdefault(bisect_right(bounds, moment) - 1, []).append(score)
    for one in found:
        if one.verdict != CRITICAL:
            out.append(one)
            continue
        scores = [score for score in by_span.get(one.span, ()) if score is not None]
        count = len(by_span.get(one.span, ()))
        if count:
            out.append(Tally(one.span, CRITICAL, count, len(scores), sum(scores)))
        if one.count > count:
            out.append(Tally(one.span, PENDING, one.count - count, 0, 0.0))
    return out


def _days(tallies: Sequence[Tally], first: date) -> Sequence[Day]:
    by_day: list[dict[str, int]] = [{} for _ in range(DAYS)]
    for one in tallies:
        verdicts, verdict = by_day[one.span], one.verdict or "unscored"
        verdicts[verdict] = verdicts.get(verdict, 0) + one.count
    return [Day(first + timedelta(days=n), verdicts) for n, verdicts in enumerate(by_day)]


def _week(tallies: Iterable[Tally]) -> Week:
    some = list(tallies)
    scored = sum(one.scored_count for one in some)
    judged = sum(one.count for one in some if one.verdict in {"pass", "fail", "critical"})
    passed = sum(one.count for one in some if one.verdict == "pass")
    return Week(
        count=sum(one.count for one in some),
        score=sum(one.score_sum for one in some) / scored if scored else None,
        pass_ratio=passed / judged if judged else None,
        critical_count=sum(one.count for one in some if one.verdict == CRITICAL),
        pending_count=sum(one.count for one in some if one.verdict == PENDING),
    )
