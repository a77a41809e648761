"""Changing the rules of training: what :mod:`qaplatform.services.training.settings` keeps, with each mistake told apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.training.settings import TrainingSettings, keep_training_settings
from qaplatform.store.llm_endpoints import endpoints
from qaplatform.training.paths import LONGEST_GAP_DAYS

_DAY = timedelta(days=1)


class RulesKindsError(QAPlatformError):
    """There cannot be more kinds than scenarios to be passed."""

    code: ClassVar[str] = "rules.exam_kinds"


class RulesZoneError(QAPlatformError):
    """There is no such time zone; write one like Asia/Shanghai."""

    code: ClassVar[str] = "rules.timezone"


class RulesWeekError(QAPlatformError):
    """At least one day of the week is worked."""

    code: ClassVar[str] = "rules.free_weekdays"


class RulesEndpointError(QAPlatformError):
    """This endpoint is not there any more; choose another one."""

    code: ClassVar[str] = "rules.endpoint_id"


class RulesDaysError(QAPlatformError):
    """A day is either a holiday or worked in exchange for one, not both."""

    code: ClassVar[str] = "rules.days"


class RulesRestError(QAPlatformError):
    """Due dates cannot be counted where nobody works for two months on end; see the holidays."""

    code: ClassVar[str] = "rules.holidays"


def endpoint_choices(session: Session, viewer: Viewer) -> list[tuple[int, str]]:
    """The endpoints that may play the customer, by name.

    Raises:
        AccessError: they may not set the rules.
    """
    viewer.demand("training.publish")
    return [(one.id, one.name) for one in endpoints(session) if one.retired_at is None]


def change_rules(session: Session, wanted: TrainingSettings, *, by: Viewer, now: datetime) -> None:
    """Set all rules at once.

    Raises:
        AccessError: ``by`` may not.
        RulesKindsError, RulesZoneError, RulesWeekError, RulesEndpointError, RulesDaysError, RulesRestError,
            TrainingSettingsError: something cannot be so.
    """
    if wanted.exam_kinds > wanted.exams_to_pass:
        raise RulesKindsError
    try:
        _ = wanted.zone
    except (ValueError, OSError, KeyError):
        raise RulesZoneError from None
    if not set(wanted.free_weekdays) < set(range(7)):
        raise RulesWeekError
    if set(wanted.holidays) & set(wanted.extra_working_days):
        raise RulesDaysError
    if _longest_rest(wanted) > LONGEST_GAP_DAYS:
        raise RulesRestError
    if wanted.endpoint_id is not None and wanted.endpoint_id not in dict(endpoint_choices(session, by)):
        raise RulesEndpointError
    keep_training_settings(session, wanted, by=by, now=now)


def _longest_rest(wanted: TrainingSettings) -> int:
    """So many days without work stand in a row, wherever holidays make it longer than a week does."""
    calendar, seen, longest = wanted.calendar, set[date](), 0
    for holiday in wanted.holidays:
        first = holiday
        while first not in seen and not calendar.is_working_day(first - _DAY):
            first -= _DAY
        day = first
        while day not in seen and not calendar.is_working_day(day):
            seen.add(day)
            day += _DAY
        longest = max(longest, (day - first).days)
    return longest
