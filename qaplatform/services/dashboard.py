"""The dashboard: quality, response, inflow, satisfaction, findings, people and whom to coach, out of the daily figures.

Who may see what is asked of every cell as of every conversation; comparisons with a team are within what the viewer sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from qaplatform.services import coaching
from qaplatform.services.access import Viewer
from qaplatform.services.coaching import Advice
from qaplatform.services.dashboard_people import Person, people
from qaplatform.services.figure_cells import NOBODY, Cells, Numbers
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.figure_sums import NOTHING, Sums, Tally, regrouped, summed, tally
from qaplatform.services.statistics import LEAST_MEAN, Share, share
from qaplatform.store import dashboard as store
from qaplatform.store import figure_days
from qaplatform.store.dashboard import Names, Sample, Span
from qaplatform.store.figure_days import Freshness
from qaplatform.store.scopes import Scope

SEE = "dashboard.see"
By = Literal["all", "shop", "team", "agent", "topic", "criterion"]
LENGTHS = (7, 30, 90)
MOST_DAYS = 400
MOST_SERIES = 6
_MOST_DAILY = 31
_SAMPLES = 2
_MOST_FINDINGS = 8


class Asked(msgspec.Struct, frozen=True):
    """What of it: days (both included) and what narrows them; without days, the last so many."""

    first: date | None = None
    last: date | None = None
    length: int = 30
    shop_id: int | None = None
    team_id: int | None = None
    agent_id: int | None = None
    topic: str | None = None
    queue: str | None = None
    by: By = "all"


class Period(msgspec.Struct, frozen=True):
    """A day or a week; both days included."""

    first: date
    last: date


class Series(msgspec.Struct, frozen=True):
    """A line of the chart: a shop, team, agent (``id``), or a topic or criterion (``code``), or all."""

    id: int | None
    code: str | None
    whole: Tally
    """Of all periods."""
    points: Sequence[Tally]
    """By period; of the largest lines only."""
    missed: Share | None = None
    """Of a criterion: the share of chats that missed it."""
    missed_points: Sequence[Share] = ()


class Hour(msgspec.Struct, frozen=True):
    """What happened in an hour of the day."""

    replies: Share
    begun: int


class Finding(msgspec.Struct, frozen=True):
    """A criterion with how often it was missed, and chats that show it."""

    criterion: str
    missed: Share
    samples: Sequence[Sample]


class Coached(msgspec.Struct, frozen=True):
    """Whom to coach in what, with chats."""

    advice: Advice
    samples: Sequence[Sample]


class Choices(msgspec.Struct, frozen=True):
    """What the filters can be set to: whatever there are figures of in the period."""

    shop_ids: Sequence[int]
    team_ids: Sequence[int]
    agent_ids: Sequence[int]
    topics: Sequence[str]
    queues: Sequence[str]


class Dashboard(msgspec.Struct, frozen=True):
    """All of it."""

    first: date
    last: date
    is_current: bool
    """Whether it is about the days that were asked for, not the newest there are."""
    freshness: Freshness
    names: Names
    choices: Choices
    whole: Tally
    is_weekly: bool
    periods: Sequence[Period]
    whole_points: Sequence[Tally]
    """All together, by period."""
    series: Sequence[Series]
    """The largest first; a chart shows the first :data:`MOST_SERIES`."""
    inflow: Sequence[tuple[Period, int]]
    """By day, or by week where there are many."""
    week: Sequence[Sequence[Hour]]
    """By weekday (0 = Monday) and hour."""
    topics: Mapping[str, Tally]
    findings: Sequence[Finding]
    people: Sequence[Person]
    coached: Sequence[Coached]


def dashboard_of(session: Session, viewer: Viewer, asked: Asked, *, now: datetime, zone: ZoneInfo) -> Dashboard:
    """The dashboard of whoever asks.

    Raises:
        AccessError: they may not see any.
    """
    viewer.demand(SEE)
    scope = viewer.scope(SEE)
    shop_ids = scope.shop_ids if scope.shop_ids and not (scope.everything or scope.team_ids) else None
    first, last, is_current = _days(session, asked, shop_ids, now.astimezone(zone).date())
    seen = within(cells_of_days(session, first, last, shop_ids), scope)
    around = seen.where(_mask(seen, asked))
    cells = around.where(around.agent == asked.agent_id) if asked.agent_id is not None else around
    by_person = summed(around, around.team, around.agent, around.topic, with_criteria=True)
    own = by_person if cells is around else summed(cells, cells.team, cells.agent, cells.topic, with_criteria=True)
    count = (last - first).days + 1
    # Days on which there is too little to say anything are put together.
    is_weekly = count > _MOST_DAILY or float(cells.of("scored").sum()) / count < LEAST_MEAN < count
    periods, period_of = _periods(first, last, is_weekly=is_weekly)
    arrivals, arrival_of = _periods(first, last, is_weekly=count > _MOST_DAILY)
    offset = cells.day - first.toordinal()
    span = _span(asked, first, last, zone)
    advised = [one for one in coaching.advice(by_person, around.criteria) if asked.agent_id in (None, one.agent_id)]
    series = _series(cells, own, asked.by, period_of[offset], len(periods))
    whole = regrouped(own)
    together = _series(cells, own, "all", period_of[offset], len(periods)) if asked.by != "all" else series
    inflow = np.bincount(arrival_of[offset], weights=cells.of("conversations"), minlength=len(arrivals))
    return Dashboard(
        first=first,
        last=last,
        is_current=is_current,
        freshness=figure_days.freshness(session),
        names=_names(session, seen),
        choices=_choices(seen),
        whole=tally(whole, 0) if len(whole) else NOTHING,
        is_weekly=is_weekly,
        periods=periods,
        whole_points=together[0].points if together else (),
        series=series,
        inflow=list(zip(arrivals, inflow.astype(np.int64).tolist(), strict=True)),
        week=_week(cells),
        topics=_topics(own, cells.topics),
        findings=_findings(session, scope, span, own, cells.criteria),
        people=people(by_person, around.topics, only=asked.agent_id, reviewed=store.reviewed(session, scope, span)),
        coached=_coached(session, scope, span, advised),
    )


def _days(session: Session, asked: Asked, shop_ids: frozenset[int] | None, today: date) -> tuple[date, date, bool]:
    if asked.first is not None or asked.last is not None:
        last = asked.last or today
        first = asked.first or last - timedelta(days=asked.length - 1)
        first, last = min(first, last), max(first, last)
        return max(first, last - timedelta(days=MOST_DAYS - 1)), last, True
    first = today - timedelta(days=asked.length - 1)
    newest = figure_days.newest_day(session, shop_ids, until=today)
    if newest is None or newest >= first:
        return first, today, True
    return newest - timedelta(days=asked.length - 1), newest, False


def within(cells: Cells, scope: Scope) -> Cells:
    """What somebody sees, cell by cell; ``store/scopes.py: within`` says the same of conversations."""
    if scope.everything:
        return cells
    mask = np.zeros(len(cells), np.bool_)
    for column, ids in ((cells.shop, scope.shop_ids), (cells.team, scope.team_ids)):
        if ids:
            mask |= np.isin(column, sorted(ids))
    if scope.agent_id is not None:
        mask |= cells.agent == scope.agent_id
    return cells.where(mask)


def _mask(cells: Cells, asked: Asked) -> NDArray[np.bool_]:
    """The cells that are asked for, of all agents."""
    mask = np.ones(len(cells), np.bool_)
    for column, id in ((cells.shop, asked.shop_id), (cells.team, asked.team_id)):
        if id is not None:
            mask &= column == id
    for column, names, name in ((cells.topic, cells.topics, asked.topic), (cells.queue, cells.queues, asked.queue)):
        if name is not None:
            mask &= column == (names.index(name) if name in names else -2)
    return mask


def _periods(first: date, last: date, *, is_weekly: bool) -> tuple[list[Period], Numbers]:
    """Days, or weeks from Monday; and the period of each day."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if not is_weekly:
        return [Period(day, day) for day in days], np.arange(len(days))
    periods: list[Period] = []
    places = []
    for day in days:
        if not periods or day.weekday() == 0:
            periods.append(Period(day, day))
        periods[-1] = Period(periods[-1].first, day)
        places.append(len(periods) - 1)
    return periods, np.array(places, np.int64)


def _series(cells: Cells, own: Sums, by: By, period: Numbers, count: int) -> list[Series]:
    if by == "criterion":
        return _criterion_series(cells, own, period, count)
    dimension = {"shop": cells.shop, "team": cells.team, "agent": cells.agent, "topic": cells.topic}.get(by)
    key = np.zeros(len(cells), np.int64) if dimension is None else dimension
    parts = summed(cells, key, period)
    wholes = regrouped(parts, 0)
    drawn = set(wholes.keys[0][np.argsort(-wholes.values["conversations"], kind="stable")[: 2 * MOST_SERIES]].tolist())
    points: dict[tuple[int, int], Tally] = {
        (name, place): tally(parts, row)
        for row, (name, place) in enumerate(zip(parts.keys[0].tolist(), parts.keys[1].tolist(), strict=True))
        if name in drawn
    }
    out = []
    for row, name in enumerate(wholes.keys[0].tolist()):
        # A cell may hold somebody's part in a chat that counts as somebody else's.
        whole = tally(wholes, row)
        if not whole.conversations or (by in ("team", "agent") and name == NOBODY) or (by == "topic" and name < 0):
            continue
        line = [points.get((name, place), NOTHING) for place in range(count)] if name in drawn else []
        code = cells.topics[name] if by == "topic" else None
        out.append(Series(name if by in ("shop", "team", "agent") else None, code, whole, line))
    return sorted(out, key=lambda one: (-one.whole.conversations, one.id or 0, one.code or ""))


def _criterion_series(cells: Cells, own: Sums, period: Numbers, count: int) -> list[Series]:
    judged, missed = own.judged.sum(axis=0), own.missed.sum(axis=0)
    out: list[Series] = []
    for number in np.argsort(-missed, kind="stable").tolist():
        if not judged[number]:
            continue
        points: list[Share] = []
        if len(out) < MOST_SERIES:
            of = np.bincount(period, weights=cells.judged[:, number], minlength=count)
            bad = np.bincount(period, weights=cells.missed[:, number], minlength=count)
            points = [share(a, b) for a, b in zip(bad.tolist(), of.tolist(), strict=True)]
        whole = share(int(missed[number]), int(judged[number]))
        out.append(Series(None, cells.criteria[number], NOTHING, (), whole, points))
    return out


def _week(cells: Cells) -> list[list[Hour]]:
    hours = cells.hours
    weekday = (cells.day[cells.hour_cell] + 6 + hours["hour"] // 24) % 7
    place = weekday * 24 + hours["hour"] % 24
    begun, replies, within = (
        np.bincount(place, weights=hours[name], minlength=168).astype(np.int64).tolist()
        for name in ("begun", "replies", "within")
    )
    flat = [Hour(share(good, of), count) for good, of, count in zip(within, replies, begun, strict=True)]
    return [flat[24 * day : 24 * day + 24] for day in range(7)]


def _topics(own: Sums, names: Sequence[str]) -> dict[str, Tally]:
    sums = regrouped(own, 2)
    found = {names[topic]: tally(sums, row) for row, topic in enumerate(sums.keys[0].tolist()) if topic >= 0}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].conversations, pair[0])))


def _findings(session: Session, scope: Scope, span: Span, own: Sums, criteria: Sequence[str]) -> list[Finding]:
    judged, missed = own.judged.sum(axis=0), own.missed.sum(axis=0)
    order = [n for n in np.argsort(-missed, kind="stable").tolist() if missed[n]][:_MOST_FINDINGS]
    samples = store.samples_of_criteria(session, scope, span, [criteria[n] for n in order], each=_SAMPLES)
    return [Finding(criteria[n], share(int(missed[n]), int(judged[n])), samples.get(criteria[n], ())) for n in order]


def _coached(session: Session, scope: Scope, span: Span, advised: Sequence[Advice]) -> list[Coached]:
    wanted = [(one.agent_id, one.criterion) for one in advised]
    everybody = msgspec.structs.replace(span, agent_id=None)
    samples = store.samples_of_agents(session, scope, everybody, wanted, each=_SAMPLES)
    return [Coached(one, samples.get((one.agent_id, one.criterion), ())) for one in advised]


def _span(asked: Asked, first: date, last: date, zone: ZoneInfo) -> Span:
    return Span(
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone),
        asked.shop_id,
        asked.team_id,
        asked.agent_id,
        asked.topic,
        asked.queue,
    )


def _ids(column: Numbers) -> list[int]:
    return [] if not len(column) else [id for id in np.flatnonzero(np.bincount(column)).tolist() if id != NOBODY]


def _names(session: Session, seen: Cells) -> Names:
    return store.names_of(session, _ids(seen.shop), _ids(seen.team), _ids(seen.agent))


def _choices(seen: Cells) -> Choices:
    return Choices(_ids(seen.shop), _ids(seen.team), _ids(seen.agent), seen.topics, seen.queues)
