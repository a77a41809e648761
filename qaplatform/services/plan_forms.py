"""What a plan is made of, as people fill it in: checked here, kept as columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from qaplatform.audit.sampling import IN_A_MIX, MOST_DRAWN, Method
from qaplatform.errors import QAPlatformError
from qaplatform.services.cycles import Cycle
from qaplatform.services.plan_filters import format_plan_filter, parse_plan_filter
from qaplatform.services.typed_lines import line_of
from qaplatform.store.tables import SamplePlan

MOST_QUOTA = 100
MOST_DUE_DAYS = 60
_WHOLE = 100
_MOST_NAME_CHARS = 200
_MOST_SEED = 2**53


class PlanFormError(QAPlatformError):
    """A plan cannot be so; see the fields."""

    code: ClassVar[str] = "samples.form"


class PlanNameError(PlanFormError):
    """A plan's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "samples.name_form"


class PlanCountError(PlanFormError):
    """A draw gives 1 to 1,000 conversations, and a quota is 1 to 100."""

    code: ClassVar[str] = "samples.count"


class PlanPercentError(PlanFormError):
    """A percentage is above 0 and at most 100."""

    code: ClassVar[str] = "samples.percent"


class PlanSharesError(PlanFormError):
    """The shares of a mix make 100 % together."""

    code: ClassVar[str] = "samples.shares"


class PlanInspectorsError(PlanFormError):
    """Somebody who is to review has left, or is no inspector; choose others."""

    code: ClassVar[str] = "samples.inspectors"


class PlanTimeError(PlanFormError):
    """The time zone, the hour, the weekday or the days until it is due cannot be so."""

    code: ClassVar[str] = "samples.time"


class PlanPlaceError(PlanFormError):
    """A plan draws from your own shops only; choose at least one of them in its filter."""

    code: ClassVar[str] = "samples.place"


class Inspector(msgspec.Struct, frozen=True):
    """Somebody who is given what is drawn."""

    user_id: int
    quota: int | None = None
    """At most so many of a draw; ``None`` = an even share."""


class PlanDraft(msgspec.Struct, frozen=True):
    """A plan as it is filled in; the fields are those of the table."""

    name: str
    method: Method
    query: str = ""
    inspectors: tuple[Inspector, ...] = ()
    cycle: Cycle = "once"
    timezone: str = "Asia/Shanghai"
    hour: int = 9
    weekday: int = 0
    seed: int = 1
    due_days: int = 3
    is_blind: bool = False


def draft_of(row: SamplePlan) -> PlanDraft:
    """A plan as it was filled in."""
    names = PlanDraft.__struct_fields__
    return msgspec.convert({name: getattr(row, name) for name in names}, PlanDraft)


def checked_draft(draft: PlanDraft, inspecting: Collection[int]) -> PlanDraft:
    """The same, with its filter always written in the same way.

    Raises:
        PlanFormError: something cannot be so; the subclass says what.
        BadFilterError: the filter cannot be read.
    """
    name = line_of(draft.name, _MOST_NAME_CHARS, PlanNameError)
    try:
        zone = ZoneInfo(draft.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PlanTimeError from error
    if not (0 <= draft.hour <= 23 and 0 <= draft.weekday <= 6 and 0 <= draft.due_days <= MOST_DUE_DAYS):
        raise PlanTimeError
    if not 0 <= draft.seed <= _MOST_SEED:
        raise PlanCountError
    _check_method(draft.method)
    ids = [one.user_id for one in draft.inspectors]
    if len(set(ids)) < len(ids) or not set(ids) <= set(inspecting):
        raise PlanInspectorsError
    if any(one.quota is not None and not 1 <= one.quota <= MOST_DRAWN for one in draft.inspectors):
        raise PlanCountError
    query = format_plan_filter(parse_plan_filter(draft.query, zone), zone)
    return msgspec.structs.replace(draft, name=name, query=query)


def _check_method(method: Method) -> None:
    quotas = [method.quota, method.new_hire_factor, *(part.quota for part in method.parts)]
    if not 1 <= method.count <= MOST_DRAWN or not all(1 <= one <= MOST_QUOTA for one in quotas):
        raise PlanCountError
    if not 0 < method.percent <= _WHOLE:
        raise PlanPercentError
    if method.kind != "mixed":
        if method.parts:
            raise PlanSharesError
        return
    shares = [part.share_percent for part in method.parts]
    if not all(share > 0 for share in shares) or sum(shares) != _WHOLE:
        raise PlanSharesError
    if not {part.kind for part in method.parts} <= IN_A_MIX:
        raise PlanSharesError
