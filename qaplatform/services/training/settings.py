"""How the workplace trains: when an exam is passed, how long to wait before the next, who plays the customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.store.settings import lock_settings, read_setting, write_setting
from qaplatform.training.paths import WeekCalendar

_SETTING = "training"
MOST_EXAMS = 20
MOST_WAIT_HOURS = 24 * 60
DRILL_SECONDS = (20, 600)
"""From the shortest to the longest time to answer a drill in."""


class TrainingSettingsError(QAPlatformError):
    """1 to 20 exams of at most as many kinds, 0 to 1440 hours of waiting, drills of 20 to 600 seconds, an existing zone."""

    code: ClassVar[str] = "training.settings"


class TrainingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    exams_to_pass: int = 3
    """So many scenarios must be passed for a certificate."""
    exam_kinds: int = 2
    """They must be of so many kinds."""
    retake_wait_hours: float = 24.0
    """Between a failed exam and the next of the same kind."""
    no_critical: bool = True
    """A critical finding in an exam since the last certificate stands in the way."""
    mentor_must_agree: bool = False
    """Nothing is passed before a mentor has looked at it."""
    llm_customer: bool = False
    """Practice may be played with a language model as the customer."""
    llm_customer_certifies: bool = False
    """So may exams."""
    endpoint_id: int | None = None
    """Who plays the customer; ``None``: the grader's endpoint."""
    drill_seconds: int = 60
    timezone: str = "Asia/Shanghai"
    """Whose days logs and due dates go by."""
    free_weekdays: tuple[int, ...] = (5, 6)
    """0 = Monday."""
    holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.timezone)

    @property
    def calendar(self) -> WeekCalendar:
        """Which days are worked."""
        return WeekCalendar(frozenset(self.free_weekdays), frozenset(self.holidays), frozenset(self.extra_working_days))

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()


def training_settings(session: Session) -> TrainingSettings:
    """How it stands; the defaults where nobody has set anything."""
    kept = read_setting(session, _SETTING)
    return TrainingSettings() if kept is None else msgspec.convert(kept, TrainingSettings)


def keep_training_settings(session: Session, settings: TrainingSettings, *, by: Viewer, now: datetime) -> None:
    """Set all of it.

    Raises:
        AccessError: ``by`` may not publish what is taught.
        TrainingSettingsError: a figure cannot be so.
    """
    by.demand("training.publish")
    _check(settings)
    lock_settings(session)
    write_setting(session, _SETTING, msgspec.to_builtins(settings))
    note(session, by, now, "training.settings_changed", ("training_settings", None))


def _check(settings: TrainingSettings) -> None:
    try:
        _ = settings.zone
    except (ValueError, OSError, KeyError):
        raise TrainingSettingsError from None
    is_right = (
        1 <= settings.exams_to_pass <= MOST_EXAMS
        and 1 <= settings.exam_kinds <= settings.exams_to_pass
        and 0 <= settings.retake_wait_hours <= MOST_WAIT_HOURS
        and DRILL_SECONDS[0] <= settings.drill_seconds <= DRILL_SECONDS[1]
        and set(settings.free_weekdays) < set(range(7))
    )
    if not is_right:
        raise TrainingSettingsError
