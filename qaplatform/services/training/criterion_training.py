"""A criterion as something to be trained: what there is to train it with, and how findings developed after training.

The comparison shows what happened, not what caused it: people are trained because they had a bad month, and bad months
pass by themselves. That is why colleagues who were not trained stand beside them, over the same weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from qaplatform.exam.scenario import Scenario, several
from qaplatform.services.access import Viewer
from qaplatform.services.dashboard import within
from qaplatform.services.figure_cells import NOBODY, Cells
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.statistics import Share, share
from qaplatform.services.training.catalogue import drills_now, lessons_now, questions_now, scenarios_now
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import curves as curves_store
from qaplatform.store.training import drills as store
from qaplatform.training.drills import Drill, Drills, Trained
from qaplatform.training.lessons import Language, Lesson
from qaplatform.training.questions import AnyQuestion

WINDOW_DAYS = 28
LEAST_AFTER_DAYS = 7
"""So many days after the training must have passed."""
LEAST_TRAINED = 3
"""Of fewer people nothing is said: it would be about them, not about the training."""
_LOOKED_BACK_DAYS = 150
_MARKED_DAYS = 30
SEE = "training.see"


class Line(msgspec.Struct, frozen=True):
    """A criterion in the list."""

    criterion: str
    lessons: int
    drills: int
    scenarios: int
    questions: int
    drilled: Share
    """Answers that passed, of everybody, in the last 30 days."""
    examined: Share
    missed: Share
    """Real chats that missed it in the last 28 days, within what the viewer sees."""


class Effect(msgspec.Struct, frozen=True):
    """Chats that missed the criterion before and after training, and those of untrained colleagues in the same weeks."""

    people: int
    trained_before: Share
    trained_after: Share
    others: int
    others_before: Share
    others_after: Share

    @property
    def is_enough(self) -> bool:
        """Whether it may be shown."""
        return self.people >= LEAST_TRAINED and self.trained_before.is_enough and self.trained_after.is_enough


class Material(msgspec.Struct, frozen=True):
    """What a criterion is trained with."""

    lessons: tuple[Lesson, ...]
    drills: tuple[Drill, ...]
    scenarios: tuple[Scenario, ...]
    questions: tuple[AnyQuestion, ...]


class CriterionTraining(msgspec.Struct, frozen=True):
    """A criterion's page."""

    material: Material
    effect: Effect
    weeks: tuple[tuple[date, Share], ...]
    """Monday, and the share of chats that missed it."""


def material_of(session: Session, criterion: str, language: Language = "zh") -> Material:
    """Lessons, drills, scenarios and questions of a criterion."""
    drills = drills_now(session)
    return Material(
        lessons_now(session).explaining(criterion, language),
        drills.of(criterion),
        scenarios_of(scenarios_now(session), drills.trained.get(criterion)),
        tuple(one for one in questions_now(session).questions.values() if one.criterion == criterion),
    )


def scenarios_of(scenarios: Mapping[str, Scenario], trained: Trained | None) -> tuple[Scenario, ...]:
    """The scenarios that ask for or forbid what a criterion is about."""
    if trained is None or not (trained.acts or trained.signs):
        return ()
    return tuple(one for one in scenarios.values() if _is_about(one, trained))


def _is_about(scenario: Scenario, trained: Trained) -> bool:
    asked = {act for one in scenario.required for act in several(one.act)}
    forbidden = {act for one in scenario.forbidden for act in several(one.act)}
    signs = {sign for one in scenario.forbidden for sign in several(one.sign)}
    return bool((asked | forbidden) & set(trained.acts) or signs & set(trained.signs))


def overview(session: Session, viewer: Viewer, criteria: Sequence[str], *, now: datetime) -> list[Line]:
    """All criteria with what trains them and how they stand.

    Raises:
        AccessError: the viewer may not see how learners are.
    """
    viewer.demand(SEE)
    today = training_settings(session).day_of(now)
    cells = within(cells_of_days(session, today - timedelta(days=WINDOW_DAYS - 1), today, None), viewer.scope(SEE))
    missed = _totals(cells)
    marks = store.marks_by_criterion(session, now - timedelta(days=_MARKED_DAYS))
    drills, scenarios = drills_now(session), scenarios_now(session)
    lessons, questions = lessons_now(session).all(), questions_now(session).questions.values()
    return [
        Line(
            criterion=name,
            lessons=sum(name in one.criteria for one in lessons),
            drills=len(drills.of(name)),
            scenarios=len(scenarios_of(scenarios, drills.trained.get(name))),
            questions=sum(one.criterion == name for one in questions),
            drilled=share(*marks.get((name, False), (0, 0))),
            examined=share(*marks.get((name, True), (0, 0))),
            missed=missed.get(name, share(0, 0)),
        )
        for name in criteria
    ]


def criterion_training(
    session: Session, viewer: Viewer, criterion: str, language: Language = "zh", *, now: datetime
) -> CriterionTraining:
    """One criterion.

    Raises:
        AccessError: the viewer may not see how learners are.
    """
    viewer.demand(SEE)
    settings = training_settings(session)
    today = settings.day_of(now)
    first = today - timedelta(days=_LOOKED_BACK_DAYS + WINDOW_DAYS)
    cells = within(cells_of_days(session, first, today, None), viewer.scope(SEE))
    marks = [(user, settings.day_of(at)) for _, user, at in store.first_marks(session, [criterion])]
    agents = curves_store.agents_of_users(session, [user for user, _ in marks])
    trained = {agents[user]: day for user, day in marks if user in agents}
    days = _Days(cells, criterion, first, (today - first).days + 1)
    return CriterionTraining(
        material_of(session, criterion, language), _effect(days, trained, first, today), _weeks(days, first, today)
    )


def _totals(cells: Cells) -> dict[str, Share]:
    judged, missed = cells.judged.sum(axis=0, dtype=np.int64), cells.missed.sum(axis=0, dtype=np.int64)
    return {name: share(int(missed[n]), int(judged[n])) for n, name in enumerate(cells.criteria)}


class _Days:
    """Judged and missed chats of a criterion by agent and day."""

    def __init__(self, cells: Cells, criterion: str, first: date, count: int) -> None:
        self.agents, rows = np.unique(cells.agent, return_inverse=True)
        shape = (len(self.agents), count)
        place = (rows, cells.day - first.toordinal())
        self.judged, self.missed = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        if criterion in cells.criteria:
            number = cells.criteria.index(criterion)
            np.add.at(self.judged, place, cells.judged[:, number])
            np.add.at(self.missed, place, cells.missed[:, number])


def _effect(days: _Days, trained: Mapping[int, date], first: date, today: date) -> Effect:
    untrained = ~np.isin(days.agents, [NOBODY, *trained])
    others = (days.missed[untrained].sum(axis=0), days.judged[untrained].sum(axis=0))
    own = np.zeros((2, 2), np.int64)
    windows: list[tuple[tuple[slice, slice], int]] = []
    for agent, day in trained.items():
        place, row = (day - first).days, np.flatnonzero(days.agents == agent)
        if place < WINDOW_DAYS or (today - day).days < LEAST_AFTER_DAYS or not len(row):
            continue
        spans = (slice(place - WINDOW_DAYS, place), slice(place + 1, place + 1 + WINDOW_DAYS))
        counts = np.array([[table[row[0], span].sum() for table in (days.missed, days.judged)] for span in spans])
        if counts[:, 1].all():
            own += counts
            windows.append((spans, int(counts[:, 1].sum())))
    beside = [_others([(spans[side], weight) for spans, weight in windows], *others) for side in range(2)]
    with_chats = int((days.judged[untrained].sum(axis=1) > 0).sum()) if windows else 0
    return Effect(len(windows), share(*own[0]), share(*own[1]), with_chats, *beside)


def _others(windows: Iterable[tuple[slice, int]], missed: NDArray[np.int64], judged: NDArray[np.int64]) -> Share:
    """The share of the others in the windows of the trained, each weighing as much as the trained one's chats there."""
    rates, weights = [], []
    used = np.zeros(len(judged), np.bool_)
    for window, weight in windows:
        if judged[window].sum():
            rates.append(missed[window].sum() / judged[window].sum())
            weights.append(weight)
            used[window] = True
    of = int(judged[used].sum())
    return share(round(float(np.average(rates, weights=weights)) * of), of) if of else share(0, 0)


def _weeks(days: _Days, first: date, today: date) -> tuple[tuple[date, Share], ...]:
    """The last twelve weeks from Monday."""
    monday = today - timedelta(days=today.weekday())
    out = []
    for week in range(11, -1, -1):
        begin = monday - timedelta(weeks=week)
        place = (begin - first).days
        span = slice(max(0, place), place + 7)
        out.append((begin, share(int(days.missed[:, span].sum()), int(days.judged[:, span].sum()))))
    return tuple(out)


__all__ = ["CriterionTraining", "Drills", "Effect", "Line", "Material", "criterion_training", "material_of", "overview"]
