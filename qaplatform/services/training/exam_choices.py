"""What somebody may take now, and why not yet: by the steps of their path, by kind, for practice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.exam.scenario import Scenario
from qaplatform.services.access import Viewer
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.exam_beginning import MOST_AT_ONCE
from qaplatform.services.training.exam_drawing import waiting_kinds
from qaplatform.services.training.llm_customer import may_play, ready_player
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.services.training.step_locks import StepLock, StepLocks, locks_of
from qaplatform.store.training.exam_results import Taken, taken_by
from qaplatform.store.training.exams import running_sitting_id
from qaplatform.training.paths import Step

__all__ = ["MOST_AT_ONCE", "Choices", "KindChoice", "StepChoice", "choices", "next_at"]

_LEVELS = ("easy", "medium", "hard")


class KindChoice(msgspec.Struct, frozen=True):
    """Exams of a kind: the scenario is drawn."""

    kind: str
    levels: tuple[str, ...]
    """From easy to hard."""
    scenario_count: int
    passed_count: int
    last: Taken | None
    opens_at: datetime | None
    """When the next of this kind may begin, where that is not yet."""


class StepChoice(msgspec.Struct, frozen=True):
    """An exam that a step of somebody's path asks for."""

    step: str
    """``path/step``."""
    path: Words
    title: Words
    needed: int
    passed_count: int
    kinds_needed: int
    kinds_passed: int
    opens_at: datetime | None = None
    """When something of it may begin again, where all of its kinds have to wait."""
    lock: StepLock | None = None
    """What comes first on the path."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.passed_count >= self.needed and self.kinds_passed >= self.kinds_needed


class Choices(msgspec.Struct, frozen=True):
    """All of it."""

    running: int | None
    """The sitting somebody is in: it must end before another begins."""
    steps: Sequence[StepChoice]
    kinds: Sequence[KindChoice]
    scenarios: Sequence[Scenario]
    """For practice, by kind and level."""
    settings: TrainingSettings
    lock: StepLock | None = None
    """Keeps from exams by kind, which would count for a locked step."""
    llm_practice: bool = False
    """A language model may play the customer of a practice now."""
    llm_exam: bool = False
    """So it may in an exam."""

    @property
    def most_at_once(self) -> int:
        """So many customers there may be at once: as many as there are kinds to be taken now."""
        return min(MOST_AT_ONCE, sum(1 for one in self.kinds if one.opens_at is None))


def choices(session: Session, viewer: Viewer, *, now: datetime) -> Choices:
    """What somebody may take at a moment."""
    settings = training_settings(session)
    known = scenarios_now(session)
    scenarios = {id: one for id, one in known.items() if one.language == viewer.language}
    scenarios = scenarios or {id: one for id, one in known.items() if one.language == "zh"}
    taken = taken_by(session, viewer.user_id)
    waits = waiting_kinds(taken, wait_hours=settings.retake_wait_hours, now=now)
    by_kind: dict[str, list[Scenario]] = {}
    for one in scenarios.values():
        by_kind.setdefault(one.kind, []).append(one)
    # Few workplaces let a model play; the others are not asked for endpoints and caps.
    allowed = [one for one in ("practice", "exam") if may_play(settings, one)]
    open_to = allowed if allowed and ready_player(session, now=now) is not None else []
    kinds = [_kind(kind, some, taken, waits) for kind, some in by_kind.items()]
    locks = locks_of(session, viewer, now=now)
    return Choices(
        running=running_sitting_id(session, viewer.user_id),
        steps=_steps(locks, scenarios, taken, waits),
        kinds=sorted(kinds, key=lambda one: (_LEVELS.index(one.levels[0]), one.kind)),
        scenarios=sorted(scenarios.values(), key=lambda one: (one.kind, _LEVELS.index(one.level), one.id)),
        settings=settings,
        lock=locks.other_exams,
        llm_practice="practice" in open_to,
        llm_exam="exam" in open_to,
    )


def next_at(session: Session, user_id: int, kind: str, *, now: datetime) -> datetime | None:
    """When somebody may take the next exam of a kind, where that is not yet."""
    hours = training_settings(session).retake_wait_hours
    return waiting_kinds(taken_by(session, user_id), wait_hours=hours, now=now).get(kind)


def _kind(kind: str, some: list[Scenario], taken: Sequence[Taken], waits: Mapping[str, datetime]) -> KindChoice:
    mine = [one for one in taken if one.kind == kind]
    return KindChoice(
        kind=kind,
        levels=tuple(sorted({one.level for one in some}, key=_LEVELS.index)),
        scenario_count=len(some),
        passed_count=sum(1 for one in mine if one.verdict == "passed"),
        last=mine[0] if mine else None,
        opens_at=waits.get(kind),
    )


def _steps(
    locks: StepLocks,
    scenarios: Mapping[str, Scenario],
    taken: Sequence[Taken],
    waits: Mapping[str, datetime],
) -> list[StepChoice]:
    path = locks.path
    if path is None:
        return []
    found = []
    for step in (one for stage in path.stages for one in stage.steps if one.kind == "mock_exam"):
        code = f"{path.id}/{step.id}"
        passed = [one for one in taken if one.step == code and one.verdict == "passed"]
        found.append(
            StepChoice(
                step=code,
                path=path.title,
                title=step.title,
                needed=step.times,
                passed_count=len({one.scenario for one in passed}),
                kinds_needed=step.scenario_kinds,
                kinds_passed=len({one.kind for one in passed}),
                opens_at=_step_opens_at(step, scenarios, waits),
                lock=locks.exams.get(code),
            )
        )
    return found


def _step_opens_at(step: Step, scenarios: Mapping[str, Scenario], waits: Mapping[str, datetime]) -> datetime | None:
    ids = step.scenarios or tuple(scenarios)
    kinds = {scenarios[id].kind for id in ids if id in scenarios}
    if not kinds or kinds - set(waits):
        return None
    return min(waits[kind] for kind in kinds)
