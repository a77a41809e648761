"""What somebody's path does not open to them yet: theory tests of locked steps, and exams that would count for one.

Locked is what the path shows as locked; a test passed or an exam step done before is not. An exam begun for no step counts for the
first exam step that still wants one (``progress``) and is locked with it. Never locked are practice, tests of no path, and
whoever is on no path. A mentor opens a step early by noting down a talk on it (``step_records``); a lead who chooses the
scenario of an exam has opened it by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.training.learners import oneself
from qaplatform.services.training.progress import PersonProgress, person_progress
from qaplatform.store.training.enrolments import running_path
from qaplatform.training.paths import Path, StepProgress


class StepLock(msgspec.Struct, frozen=True):
    """A locked step, and what comes first."""

    title: Words
    waits_for: tuple[Words, ...]


class LockedStepError(QAPlatformError):
    """Other steps of your learning path come first; do those, or ask your mentor to open this one early."""

    code: ClassVar[str] = "training.locked"

    def __init__(self, lock: StepLock) -> None:
        super().__init__()
        self.lock = lock


class StepLocks(msgspec.Struct, frozen=True):
    """All of somebody's; without a path there is none."""

    path: Path | None = None
    """The path they are on."""
    papers: Mapping[str, StepLock] = {}
    """By test, ``path/step``."""
    exams: Mapping[str, StepLock | None] = {}
    """Of every exam step of their path, ``path/step``."""
    other_exams: StepLock | None = None
    """Of exams that are begun for no step of their path."""

    def of_exam(self, step: str) -> StepLock | None:
        """What locks an exam begun for a step, or for none."""
        return self.exams.get(step, self.other_exams)


def locks_of(session: Session, viewer: Viewer, *, now: datetime) -> StepLocks:
    """What the path of whoever asks keeps from them."""
    if viewer.agent_id is None or running_path(session, viewer.agent_id) is None:
        return StepLocks()
    person = person_progress(session, oneself(session, viewer), now=now)
    if person is None or person.path is None or person.progress is None:
        return StepLocks()
    path = person.path
    locks = {f"{path.id}/{one.step.id}": _lock(person, one) for one in person.progress.steps}
    kinds = {f"{path.id}/{one.step.id}": one.step.kind for one in person.progress.steps}
    wanting = [one for one in person.progress.steps if one.step.kind == "mock_exam" and one.state != "done"]
    return StepLocks(
        path=path,
        papers={id: lock for id, lock in locks.items() if lock is not None and kinds[id] == "theory_test"},
        exams={id: lock for id, lock in locks.items() if kinds[id] == "mock_exam"},
        other_exams=_lock(person, wanting[0]) if wanting else None,
    )


def _lock(person: PersonProgress, one: StepProgress) -> StepLock | None:
    if one.state != "locked" or person.path is None:
        return None
    return StepLock(one.step.title, tuple(step.title for step in person.path.steps if step.id in one.waits_for))
