"""When the next step of a problem point is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from qaplatform.errors import QAPlatformError
from qaplatform.services.training.settings import TrainingSettings
from qaplatform.training.paths import working_days

_LONGEST_AHEAD = timedelta(days=366)


class NextDueError(QAPlatformError):
    """A next step is due on the day of its log or later, within a year."""

    code: ClassVar[str] = "training.next_due"


def next_working_day(settings: TrainingSettings, day: date) -> date:
    """The first working day after a day: when a next step is due unless somebody says otherwise."""
    return next(working_days(day + timedelta(days=1), settings.calendar))


def check_due(due_on: date | None, day: date) -> None:
    """Make sure that a date fits the day of the log it stands in.

    Raises:
        NextDueError: it lies before that day, or more than a year after it.
    """
    if due_on is not None and not timedelta() <= due_on - day <= _LONGEST_AHEAD:
        raise NextDueError
