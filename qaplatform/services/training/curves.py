"""How the gap between a new hire and experienced colleagues closes, week by week since hiring (D23).

Compared are the same weeks, shops and topics: the colleagues' figures are put together with the new hire's own mix of
topics. Colleagues are those hired half a year before, at least :data:`LEAST_COLLEAGUES` of them, and never one alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from qaplatform.services.figure_cells import Cells
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.statistics import (
    LEAST_COVERAGE,
    LEAST_MEAN,
    LEAST_OTHERS,
    LEAST_SHARE,
    Mean,
    Share,
    Stratum,
    mean,
    share,
    standardised,
)
from qaplatform.services.training.learners import Learner
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import curves as store

Metric = Literal["handling", "replies", "score", "csat"]
METRICS: tuple[Metric, ...] = ("handling", "replies", "score", "csat")
MOST_WEEKS = 13
EXPERIENCED_DAYS = 183
LEAST_COLLEAGUES = 3
_MOST_TOGETHER = 4
LONGEST_HANDLING_SECONDS = 4 * 3600.0
_WITH_SQUARES: Mapping[Metric, tuple[str, str, str]] = {
    "score": ("scored", "score_sum", "score_squares"),
    "csat": ("csat_count", "csat_sum", "csat_squares"),
}


class Figure(msgspec.Struct, frozen=True):
    """A figure with its interval; ``None`` where too little is known. Shares are 0–1, times seconds."""

    count: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


NOTHING = Figure(0)


Pair = tuple[Figure, Figure]
"""One's own and the colleagues'."""


class Curve(msgspec.Struct, frozen=True):
    """One figure over the weeks."""

    metric: str
    """A :data:`Metric`, or the id of a criterion (the share that held)."""
    weeks: tuple[Pair, ...]
    first: Pair
    """Of the first weeks together, at most four."""
    last: Pair
    """Of the last weeks together; the same weeks as ``first`` where there is but one."""

    @property
    def is_known(self) -> bool:
        """Whether any week says anything."""
        return any(own.value is not None for own, _ in self.weeks)


class Curves(msgspec.Struct, frozen=True):
    """All of one person."""

    hired_on: date
    weeks: tuple[tuple[date, date], ...]
    """First and last day of each week since hiring."""
    together: int
    """So many weeks are put together for the first and the last."""
    colleagues: int
    curves: tuple[Curve, ...]
    criteria: tuple[Curve, ...]
    """By criterion, those first that were missed most."""


def curves_of(session: Session, learner: Learner, *, now: datetime) -> Curves | None:
    """The curves of an agent; ``None`` for who is none, or whose day of hiring is not known or yet to come.

    Whether they may be seen, the caller has asked.
    """
    settings = training_settings(session)
    today = settings.day_of(now)
    if learner.agent_id is None or learner.hired_on is None or learner.hired_on > today:
        return None
    start = learner.hired_on
    count = min(MOST_WEEKS, (today - start).days // 7 + 1)
    weeks = tuple((start + timedelta(weeks=n), start + timedelta(weeks=n, days=6)) for n in range(count))
    cells = cells_of_days(session, start, min(today, weeks[-1][1]), None)
    own = cells.where(cells.agent == learner.agent_id)
    shops = np.unique(own.shop)
    known = [one for one in store.experienced(session, _before(start), today=today) if one != learner.agent_id]
    others = cells.where(np.isin(cells.agent, known) & np.isin(cells.shop, shops))
    colleagues = len(np.unique(others.agent))
    if colleagues < LEAST_COLLEAGUES:
        others = others.where(np.zeros(len(others), np.bool_))
        known = []
    sides = (_Side(own, start, count), _Side(others, start, count))
    borders = [datetime.combine(start + timedelta(weeks=n), time(), settings.zone) for n in range(count + 1)]
    times = store.handled(session, learner.agent_id, known, shops.tolist(), borders, LONGEST_HANDLING_SECONDS)
    curves = (
        _of_times(times, count),
        _of_shares("replies", *(one.sums("within", "replies") for one in sides)),
        *(_of_means(metric, sides) for metric in ("score", "csat")),
    )
    order = np.argsort(-own.missed.sum(axis=0, dtype=np.int64), kind="stable").tolist() if len(own) else []
    criteria = tuple(
        _of_shares(own.criteria[number], *(one.held(number) for one in sides))
        for number in order
        if own.judged[:, number].any()
    )
    return Curves(start, weeks, _together(count), colleagues, curves, criteria)


def _before(day: date) -> date:
    return day - timedelta(days=EXPERIENCED_DAYS)


Table = NDArray[np.float64]
"""A row a week, a column a topic."""


class _Side:
    """The figures of one side by week and topic."""

    def __init__(self, cells: Cells, start: date, weeks: int) -> None:
        self._cells, self._weeks = cells, weeks
        self._topics = len(cells.topics) + 1  # the first one for what has no topic
        self._place = (cells.day - start.toordinal()) // 7 * self._topics + cells.topic + 1

    def table(self, column: NDArray[np.float64]) -> Table:
        """A column of the cells, summed up."""
        size = self._weeks * self._topics
        summed = np.bincount(self._place, weights=column, minlength=size)
        return summed.reshape(self._weeks, self._topics).astype(np.float64)

    def of(self, name: str) -> Table:
        """One of the counts or sums."""
        return self.table(self._cells.of(name))

    def sums(self, good: str, of: str) -> tuple[Table, Table]:
        """Two of them."""
        return self.of(good), self.of(of)

    def held(self, criterion: int) -> tuple[Table, Table]:
        """Chats in which a criterion held, and all that were judged by it."""
        judged = self._cells.judged[:, criterion].astype(np.float64)
        return self.table(judged - self._cells.missed[:, criterion]), self.table(judged)


def _together(weeks: int) -> int:
    return max(1, min(_MOST_TOGETHER, weeks // 2))


def _spans(weeks: int) -> list[slice]:
    """Every week, then the first ones and the last ones together."""
    some = _together(weeks)
    return [*(slice(n, n + 1) for n in range(weeks)), slice(0, some), slice(weeks - some, weeks)]


def _curve(metric: str, pairs: Sequence[Pair]) -> Curve:
    return Curve(metric, tuple(pairs[:-2]), pairs[-2], pairs[-1])


def _of_means(metric: Metric, sides: Sequence[_Side]) -> Curve:
    names = _WITH_SQUARES[metric]
    own, others = ([one.of(name) for name in names] for one in sides)
    pairs = []
    for span in _spans(len(own[0])):
        rows = [[table[span].sum(axis=0) for table in tables] for tables in (own, others)]
        point = _mean(mean(*(float(row.sum()) for row in rows[0])))
        pairs.append((point, _beside(*map(_strata, rows))))
    return _curve(metric, pairs)


def _strata(rows: Sequence[NDArray[np.float64]]) -> dict[int, Stratum]:
    return {n: Stratum(int(count), total, squares) for n, (count, total, squares) in enumerate(zip(*rows, strict=True))}


def _beside(own: Mapping[int, Stratum], others: Mapping[int, Stratum]) -> Figure:
    """The others' mean with one's own mix of topics."""
    mix = {topic: float(one.count) for topic, one in own.items() if one.count}
    found = standardised(others, mix) if mix else None
    return NOTHING if found is None else _mean(found)


def _mean(one: Mean) -> Figure:
    return Figure(one.count, one.mean, one.low, one.high) if one.count >= LEAST_MEAN else Figure(one.count)


def _of_times(found: Sequence[store.Handled], weeks: int) -> Curve:
    topics = {topic: n for n, topic in enumerate(dict.fromkeys(one.topic for one in found))}
    sides = np.zeros((2, 3, weeks, max(1, len(topics))))
    for one in found:
        if 0 <= one.week < weeks:
            sums = (one.chats, one.total, one.squares)
            sides[0 if one.is_own else 1, :, one.week, topics[one.topic]] = sums
    pairs = []
    for span in _spans(weeks):
        own, others = sides[:, :, span].sum(axis=2)
        point = _mean(mean(*(float(row.sum()) for row in own)))
        pairs.append((point, _beside(_strata(list(own)), _strata(list(others)))))
    return _curve("handling", pairs)


def _of_shares(metric: str, own: tuple[Table, Table], others: tuple[Table, Table]) -> Curve:
    pairs = []
    for span in _spans(len(own[0])):
        good, of, their_good, their_of = (table[span].sum(axis=0) for table in (*own, *others))
        pairs.append((_share(share(float(good.sum()), float(of.sum()))), _their_share(of, their_good, their_of)))
    return _curve(metric, pairs)


def _share(one: Share) -> Figure:
    return Figure(one.of, one.ratio, one.low, one.high) if one.of >= LEAST_SHARE else Figure(one.of)


def _their_share(own: NDArray[np.float64], good: NDArray[np.float64], of: NDArray[np.float64]) -> Figure:
    """The others' share with one's own mix of topics, where they have enough of most of it."""
    used = (own > 0) & (of >= LEAST_OTHERS)
    whole, covered = float(own.sum()), float(own[used].sum())
    if not whole or covered / whole < LEAST_COVERAGE:
        return NOTHING
    weights, ratios = own[used] / covered, good[used] / of[used]
    middle = float((weights * ratios).sum())
    # As wide as that of a plain share of so many chats, which holds for shares of 0 and 1, too.
    alike = 1 / float((weights**2 / of[used]).sum())
    around = share(middle * alike, alike)
    return Figure(int(of[used].sum()), middle, around.low, around.high)
