"""When chats are to be accompanied, and how many a day: what the board, the mentors' day and a week call a gap, each in the same way.

On a path chats are asked for from the day after the step opens to the day it is done; where no path says otherwise, on every
working day that somebody has a mentor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.training.learners import Learner
from qaplatform.services.training.progress import PersonProgress, people_progress
from qaplatform.services.training.settings import TrainingSettings
from qaplatform.training.paths import StepProgress

CHATS_A_DAY = 5
"""Accompanied chats a day where no path says otherwise (D23)."""


class Asked(msgspec.Struct, frozen=True):
    """Chats that are asked for, a day."""

    chats: int
    first: date = date.min
    last: date | None = None
    """The day the step was done."""

    def holds(self, day: date) -> bool:
        """Whether they are asked for then."""
        return self.first <= day and (self.last is None or day <= self.last)


OFF_PATH = (Asked(CHATS_A_DAY),)


def chats_wanted(asked: Sequence[Asked], day: date, settings: TrainingSettings) -> int:
    """How many chats a day asks for; 0 on a day off, and outside of the time for it."""
    return full_day(asked, day) if settings.calendar.is_working_day(day) else 0


def full_day(asked: Sequence[Asked], day: date) -> int:
    """So many chats make a day count, one off as well; 0 outside of the time for it."""
    return max((one.chats for one in asked if one.holds(day)), default=0)


def asked_of(person: PersonProgress) -> tuple[Asked, ...]:
    """What somebody's path asks for, and when; nothing of a step that is locked."""
    if person.progress is None:
        return OFF_PATH
    steps = [one for one in person.progress.steps if one.step.kind == "accompanied_chats" and one.state != "locked"]
    return tuple(Asked(one.step.chats_a_day, opened_on(person, one), _done_on(person, one)) for one in steps)


def asked_of_people(
    session: Session, people: Sequence[Learner], *, now: datetime, settings: TrainingSettings
) -> dict[int, tuple[Asked, ...]]:
    """The same of several, by agent."""
    on = people_progress(session, people, now=now, settings=settings)
    ids = [one.agent_id for one in people if one.agent_id is not None]
    return {id: asked_of(on[id]) if id in on else OFF_PATH for id in ids}


def opened_on(person: PersonProgress, step: StepProgress) -> date:
    """The day after a step's last condition was met; chats are accompanied from then on."""
    path = person.path
    before: list[str] = []
    for stage in path.stages if path else ():
        if stage.id == step.stage:
            break
        before += [one.id for one in stage.steps if not one.optional]
    ends = [done.last_on for id in (*before, *step.step.after) if (done := person.done.get(id)) and done.last_on]
    return max([person.enrolment.hired_on, *(end + timedelta(days=1) for end in ends)])


def _done_on(person: PersonProgress, one: StepProgress) -> date | None:
    if one.state != "done":
        return None
    by_day = person.done[one.step.id].by_day
    return sorted(day for day, chats in by_day.items() if chats >= one.step.chats_a_day)[one.step.times - 1]
