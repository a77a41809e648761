"""Learning paths: stages and steps as data, and how far somebody has come. Pure: the day and the calendar are given.

A stage opens when every required step of the stage before it is done; a step when its stage is open and all it comes
``after`` is done, or when a mentor has opened it early. Due dates count working days from the first day on the path,
which is working day 1 (or, on a day off, the next working day is).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, Protocol

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError

StepKind = Literal["lesson", "theory_test", "drill", "mock_exam", "accompanied_chats", "case_review", "mentor_talk"]
StepState = Literal["locked", "open", "done"]
STEP_KINDS: tuple[StepKind, ...] = (
    "lesson", "theory_test", "drill", "mock_exam", "accompanied_chats", "case_review", "mentor_talk",
)  # fmt: skip
LONGEST_GAP_DAYS = 60


class NoWorkingDaysError(QAPlatformError):
    """The calendar has no working day for two months; due dates cannot be counted in it."""


class Calendar(Protocol):
    """Which days are worked."""

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""


class WeekCalendar(msgspec.Struct, frozen=True):
    """Free weekdays (0 = Monday), holidays, and days worked in exchange for a holiday (调休)."""

    free_weekdays: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """An exchanged day is worked whatever else it is."""
        return day in self.extra_working_days or (day.weekday() not in self.free_weekdays and day not in self.holidays)


class Step(msgspec.Struct, frozen=True):
    """One thing to do. Which of the later fields matter follows from the kind."""

    id: str
    kind: StepKind
    title: Words
    due_working_day: int
    """Done by the end of this working day, counted from the first day on the path."""
    after: tuple[str, ...] = ()
    optional: bool = False
    """Neither opens the next stage nor is needed to graduate."""
    times: int = 1
    """How often: drills, passed exams, reviewed cases, talks. Of accompanied chats: days with the full number."""
    chats_a_day: int = 0
    lesson: str = ""
    topics: tuple[str, ...] = ()
    """Topics a theory test draws from."""
    questions: tuple[str, ...] = ()
    """Questions that are in a theory test whatever is drawn."""
    draw: int = 0
    """How many questions a theory test has."""
    pass_ratio: float = 0.0
    """Needed to pass a theory test, 0–1."""
    scenarios: tuple[str, ...] = ()
    """Scenarios an exam or a drill draws from; none = any."""
    scenario_kinds: int = 1
    """The passed exams must be of so many kinds."""
    criteria: tuple[str, ...] = ()
    """What drills train and case reviews look at."""


class Stage(msgspec.Struct, frozen=True):
    """A part of a path, such as the first month."""

    id: str
    title: Words
    steps: tuple[Step, ...]


class Graduation(msgspec.Struct, frozen=True):
    """What is asked besides all required steps."""

    not_before_working_day: int = 1
    exams_passed: int = 0
    exam_kinds: int = 0
    no_critical: bool = True
    """A critical in a real chat or exam since the first day that nobody has cleared stands in the way."""
    mentor_agrees: bool = True


class Path(msgspec.Struct, frozen=True):
    """A learning path."""

    id: str
    title: Words
    description: Words
    version: str
    stages: tuple[Stage, ...]
    graduation: Graduation = Graduation()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for stage in self.stages for step in stage.steps)


class Done(msgspec.Struct, frozen=True):
    """What somebody did of one step; the caller sums it up from what is stored."""

    times: int = 0
    """Lessons read, drills solved, exams passed, cases reviewed, talks held."""
    last_on: date | None = None
    best_ratio: float | None = None
    """Of a theory test, 0–1; ``None`` = not tried."""
    kinds: frozenset[str] = frozenset()
    """Kinds of the scenarios passed."""
    by_day: Mapping[date, int] = {}
    """Accompanied chats by day."""


class Standing(msgspec.Struct, frozen=True):
    """What is known of the person besides the steps."""

    open_criticals: int = 0
    mentor_agrees: bool = False


class StepProgress(msgspec.Struct, frozen=True):
    """Where one step stands."""

    step: Step
    stage: str
    state: StepState
    due_on: date
    reached: int
    """Of ``step.times``, never more."""
    waits_for: tuple[str, ...] = ()
    """Steps that must be done before it opens."""
    late_days: int = 0
    """Working days since it was due; 0 where it is done or not due yet."""
    left_today: int = 0
    """Accompanied chats still wanted today."""


MissingCode = Literal["step", "too_early", "exams", "exam_kinds", "criticals", "mentor"]


class Missing(msgspec.Struct, frozen=True):
    """One thing that stands between a person and graduating; a code, the sentence is the web's."""

    code: MissingCode
    step: str = ""
    needed: int = 0
    have: int = 0
    on: date | None = None
    """For ``too_early``: the first day it is possible."""


class Progress(msgspec.Struct, frozen=True):
    """How far somebody has come on a path, on one day."""

    working_day: int
    """Today's number, 0 before the first one; a day off has that of the last working day."""
    steps: tuple[StepProgress, ...]
    today: tuple[StepProgress, ...]
    """What to do today: late things first, then what is due, today's chats, or else the next open step."""
    next: tuple[StepProgress, ...]
    """What follows, by due date."""
    late: tuple[StepProgress, ...]
    missing: tuple[Missing, ...]
    """Why not graduated."""

    @property
    def graduated(self) -> bool:
        """Nothing is missing."""
        return not self.missing

    @property
    def done_ratio(self) -> float:
        """Required steps done, 0–1."""
        needed = [one for one in self.steps if not one.step.optional]
        return sum(one.state == "done" for one in needed) / len(needed) if needed else 1.0


def working_days(first: date, calendar: Calendar) -> Iterator[date]:
    """The working days from a day on, without end.

    Raises:
        NoWorkingDaysError: two months go by without any.
    """
    day, gap = first, 0
    while True:
        if calendar.is_working_day(day):
            yield day
            gap = 0
        elif (gap := gap + 1) > LONGEST_GAP_DAYS:
            raise NoWorkingDaysError
        day += timedelta(days=1)


class _Days:
    """Working days from the first day by number, each looked up once."""

    def __init__(self, hired_on: date, calendar: Calendar) -> None:
        self._known: list[date] = []
        self._more = working_days(hired_on, calendar)

    def on(self, number: int) -> date:
        """Working day ``number``, from 1."""
        while len(self._known) < number:
            self._known.append(next(self._more))
        return self._known[number - 1]

    def number(self, day: date) -> int:
        """The number of the last working day up to ``day``; 0 before the first."""
        while not self._known or self._known[-1] <= day:
            self._known.append(next(self._more))
        return sum(one <= day for one in self._known)


def progress(
    path: Path,
    done: Mapping[str, Done],
    *,
    hired_on: date,
    today: date,
    calendar: Calendar,
    standing: Standing | None = None,
    opened_early: Collection[str] = (),
) -> Progress:
    """Where a person stands on ``today``.

    Args:
        path: a path that the lint found good.
        done: by step; steps that are missing were not begun, unknown ones are passed over.
        hired_on: the first day.
        today: local day.
        calendar: which days are worked.
        standing: criticals and the mentor's word.
        opened_early: steps that a mentor has opened, whatever they wait for.

    Raises:
        NoWorkingDaysError: the calendar cannot count that far.
    """
    days = _Days(hired_on, calendar)
    working_day = days.number(today)
    finished = {step.id for step in path.steps if _is_done(step, done.get(step.id, Done()))}
    found: list[StepProgress] = []
    before: tuple[str, ...] = ()
    for stage in path.stages:
        for step in stage.steps:
            waits_for = tuple(dict.fromkeys(one for one in (*before, *step.after) if one not in finished))
            is_locked = bool(waits_for) and step.id not in opened_early
            state: StepState = "done" if step.id in finished else "locked" if is_locked else "open"
            what = done.get(step.id, Done())
            asks_today = state == "open" and step.kind == "accompanied_chats" and calendar.is_working_day(today)
            found.append(
                StepProgress(
                    step=step,
                    stage=stage.id,
                    state=state,
                    due_on=days.on(step.due_working_day),
                    reached=min(_reached(step, what), step.times),
                    waits_for=waits_for if state == "locked" else (),
                    late_days=0 if state == "done" else max(0, working_day - step.due_working_day),
                    left_today=max(0, step.chats_a_day - what.by_day.get(today, 0)) if asks_today else 0,
                )
            )
        before += tuple(step.id for step in stage.steps if not step.optional)
    late = tuple(one for one in found if one.late_days and not one.step.optional)
    now = _today(found, today)
    rest = [one for one in found if one.state != "done" and one not in now]
    return Progress(
        working_day=working_day,
        steps=tuple(found),
        today=now,
        next=tuple(sorted(rest, key=lambda one: (one.due_on, one.state == "locked"))),
        late=late,
        missing=tuple(_missing(path, found, done, standing or Standing(), days, today)),
    )


def _today(steps: list[StepProgress], today: date) -> tuple[StepProgress, ...]:
    """Open steps that are late or due, today's chats; where there is none, the first open required step."""
    opened = [one for one in steps if one.state == "open"]
    pressing = [one for one in opened if one.due_on <= today or one.left_today]
    if not pressing:
        pressing = sorted(opened, key=lambda one: (one.step.optional, one.due_on))[:1]
    return tuple(sorted(pressing, key=lambda one: (-one.late_days, one.due_on)))


def _reached(step: Step, what: Done) -> int:
    if step.kind == "accompanied_chats":
        return sum(chats >= step.chats_a_day for chats in what.by_day.values())
    return what.times


def _is_done(step: Step, what: Done) -> bool:
    if step.kind == "theory_test":
        return what.best_ratio is not None and what.best_ratio >= step.pass_ratio
    enough = _reached(step, what) >= step.times
    return enough and (step.kind != "mock_exam" or len(what.kinds) >= step.scenario_kinds)


def _missing(
    path: Path,
    steps: list[StepProgress],
    done: Mapping[str, Done],
    standing: Standing,
    days: _Days,
    today: date,
) -> Iterator[Missing]:
    rule = path.graduation
    for one in steps:
        if one.state != "done" and not one.step.optional:
            yield Missing("step", one.step.id, one.step.times, one.reached)
    earliest = days.on(rule.not_before_working_day)
    if today < earliest:
        yield Missing("too_early", on=earliest)
    exams = [done.get(step.id, Done()) for step in path.steps if step.kind == "mock_exam"]
    passed = sum(one.times for one in exams)
    if passed < rule.exams_passed:
        yield Missing("exams", needed=rule.exams_passed, have=passed)
    kinds = len({kind for one in exams for kind in one.kinds})
    if kinds < rule.exam_kinds:
        yield Missing("exam_kinds", needed=rule.exam_kinds, have=kinds)
    if rule.no_critical and standing.open_criticals:
        yield Missing("criticals", have=standing.open_criticals)
    if rule.mentor_agrees and not standing.mentor_agrees:
        yield Missing("mentor")
