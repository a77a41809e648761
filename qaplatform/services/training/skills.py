"""Skills of one person: by criterion, how often it held in real chats, drills and exams, week by week; and what to train next.

Real chats are all chats the machine judged, not those that were drawn because they looked bad (``figure_rules.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec
import numpy as np
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.figure_cells import Cells
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.statistics import LEAST_SHARE, Share, share
from qaplatform.services.training.learners import Learner, learner_of_user, oneself
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import drills as store
from qaplatform.store.training.drills import Mark, Waiting

WEEKS = 8
RECENT_WEEKS = 4
LEAST_IN_A_WEEK = 5
"""Below so many, a week shows its counts and no share."""
Why = Literal["given", "chats", "exams", "drills"]
_GOOD_RATIO = 0.9
"""What holds in so many chats is not what to train next."""
_LEAST_DRILLED = 3
_MOST_ADVICE = 3


class Source(msgspec.Struct, frozen=True):
    """How often a criterion held in one kind of work."""

    weeks: tuple[Share, ...]
    recent: Share
    """Of the last four weeks."""
    earlier: Share
    """Of the four before."""


class Skill(msgspec.Struct, frozen=True):
    """A criterion."""

    criterion: str
    chats: Source
    drills: Source
    exams: Source

    @property
    def is_known(self) -> bool:
        """Whether there is anything of it."""
        return any(one.of for source in (self.chats, self.drills, self.exams) for one in source.weeks)


class NextStep(msgspec.Struct, frozen=True):
    """What to train next, and why: the share is the one the advice rests on."""

    criterion: str
    why: Why
    share: Share
    given: int = 0


class Skills(msgspec.Struct, frozen=True):
    """All of it."""

    learner: Learner
    weeks: tuple[tuple[date, date], ...]
    """First and last day of each, from Monday."""
    skills: tuple[Skill, ...]
    next_steps: tuple[NextStep, ...]


def own_skills(session: Session, viewer: Viewer, criteria: Sequence[str], *, now: datetime) -> Skills:
    """One's own; ``criteria`` are those to show, in order.

    Raises:
        NotThereError: the user is gone.
    """
    return _skills(session, oneself(session, viewer), criteria, now=now)


def skills_of(session: Session, viewer: Viewer, user_id: int, criteria: Sequence[str], *, now: datetime) -> Skills:
    """Somebody's.

    Raises:
        NotThereError: there is nobody, or not for ``viewer``.
    """
    return _skills(session, learner_of_user(session, viewer, user_id), criteria, now=now)


def _skills(session: Session, learner: Learner, criteria: Sequence[str], *, now: datetime) -> Skills:
    settings = training_settings(session)
    today = settings.day_of(now)
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    weeks = tuple((first + timedelta(weeks=n), first + timedelta(weeks=n, days=6)) for n in range(WEEKS))
    chats = _of_chats(session, learner.agent_id, first, today)
    marks: list[Mark] = []
    waiting: list[Waiting] = []
    if learner.user_id is not None:
        marks = store.marks_of(session, learner.user_id, datetime.combine(first, time(), settings.zone))
        waiting = store.waiting(session, learner.user_id, now=now)
    weekly: dict[tuple[str, str], list[list[int]]] = {}
    for name, table in chats.items():
        weekly[name, "chats"] = table
    for one in marks:
        week = (settings.day_of(one.at) - first).days // 7
        if 0 <= week < WEEKS:
            row = weekly.setdefault((one.criterion, "exams" if one.is_exam else "drills"), _empty())[week]
            row[0] += one.passed
            row[1] += 1
    skills = tuple(
        Skill(name, *(_source(weekly.get((name, kind), _empty())) for kind in ("chats", "drills", "exams")))
        for name in criteria
    )
    return Skills(learner, weeks, skills, tuple(_next_steps(skills, waiting)))


def _empty() -> list[list[int]]:
    return [[0, 0] for _ in range(WEEKS)]


def _of_chats(session: Session, agent_id: int | None, first: date, today: date) -> dict[str, list[list[int]]]:
    """Held and judged chats by criterion and week."""
    if agent_id is None:
        return {}
    cells = cells_of_days(session, first, today, None)
    own: Cells = cells.where(cells.agent == agent_id)
    week = (own.day - first.toordinal()) // 7
    out = {}
    for number, name in enumerate(own.criteria):
        judged = np.bincount(week, weights=own.judged[:, number], minlength=WEEKS).astype(int)
        missed = np.bincount(week, weights=own.missed[:, number], minlength=WEEKS).astype(int)
        if judged.any():
            out[name] = [[int(of - bad), int(of)] for of, bad in zip(judged, missed, strict=True)]
    return out


def _source(table: Sequence[Sequence[int]]) -> Source:
    def together(rows: Iterable[Sequence[int]]) -> Share:
        several = list(rows)
        return share(sum(row[0] for row in several), sum(row[1] for row in several))

    weeks = tuple(share(held, of) for held, of in table)
    return Source(weeks, together(table[-RECENT_WEEKS:]), together(table[-2 * RECENT_WEEKS : -RECENT_WEEKS]))


def _next_steps(skills: Sequence[Skill], waiting: Sequence[Waiting]) -> list[NextStep]:
    """What a mentor gave, then what real chats miss most, then what exams and drills say; three at most."""
    given = [NextStep(one.criterion, "given", share(0, 0), one.given) for one in waiting if one.given]
    found = sorted(given, key=lambda one: (-one.given, one.criterion))
    missed = [
        NextStep(one.criterion, "chats", one.chats.recent)
        for one in skills
        if one.chats.recent.of >= LEAST_SHARE and (one.chats.recent.ratio or 0) < _GOOD_RATIO
    ]
    found += sorted(missed, key=lambda one: one.share.ratio or 0)
    found += [NextStep(one.criterion, "exams", one.exams.recent) for one in skills if _is_missed(one.exams, 1)]
    found += [
        NextStep(one.criterion, "drills", one.drills.recent) for one in skills if _is_missed(one.drills, _LEAST_DRILLED)
    ]
    steps: dict[str, NextStep] = {}
    for one in found:
        steps.setdefault(one.criterion, one)
    return list(steps.values())[:_MOST_ADVICE]


def _is_missed(source: Source, least: int) -> bool:
    return source.recent.of >= least and (source.recent.ratio or 0) < _GOOD_RATIO
