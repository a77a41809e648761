"""The ledger of the language models: what they took and cost in the whole workplace, and how far that is from the caps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Spent
from qaplatform.services.access import Viewer
from qaplatform.services.grader_settings import GraderSettings, grader_settings
from qaplatform.store import llm_spending as store
from qaplatform.store.llm_spending import NO_PRICE, Spending

COSTS = "grader.costs"
MOST_DAYS = 366


class LedgerPeriodError(QAPlatformError):
    """A period ends after it begins and has 366 days at most."""

    code: ClassVar[str] = "grader.period"


class Total(msgspec.Struct, frozen=True):
    """Sums of the same thing in all currencies."""

    of: tuple[str, ...] = ()
    call_count: float = 0.0
    fault_count: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: tuple[tuple[str, int], ...] = ()
    """Millionths by currency: currencies are never added up."""
    unpriced_tokens: int = 0
    """So many of the tokens cost an unknown sum."""

    @property
    def tokens(self) -> int:
        """Sent and written."""
        return self.prompt_tokens + self.completion_tokens


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A period."""

    first: date
    last: date
    """Both days included."""
    total: Total
    days: tuple[Total, ...]
    """Every day of it, those without calls too."""
    models: tuple[Total, ...]
    """By endpoint and model, the dearest in tokens first; so are the next two."""
    rubrics: tuple[Total, ...]
    questions: tuple[Total, ...]


class DayUse(msgspec.Struct, frozen=True):
    """A day's sums against its caps."""

    day: date
    total: Total
    settings: GraderSettings

    @property
    def spent(self) -> Spent:
        """As the caps of a day count it: money of their currency only."""
        return Spent(self.total.tokens, dict(self.total.money).get(self.settings.currency, 0))


def ledger(session: Session, viewer: Viewer, first: date, last: date) -> Ledger:
    """What the days from ``first`` to ``last``, both included, took.

    Raises:
        AccessError: the viewer may not see the sums of the whole workplace.
        LedgerPeriodError: it is no period, or too long a one.
    """
    viewer.demand(COSTS)
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        raise LedgerPeriodError
    by_day = {one.of: one for one in totals(store.spending(session, first, last, "day"))}
    days = [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    (total,) = totals(store.spending(session, first, last)) or (Total(),)
    return Ledger(
        first=first,
        last=last,
        total=total,
        days=tuple(by_day.get((day,), Total((day,))) for day in days),
        models=_dearest(totals(store.spending(session, first, last, "endpoint", "model"))),
        rubrics=_dearest(totals(store.spending(session, first, last, "rubric"))),
        questions=_dearest(totals(store.spending(session, first, last, "question"))),
    )


def day_use(session: Session, day: date) -> DayUse:
    """A day's sums, for whoever may open the overview: the caps are everybody's who asks."""
    (total,) = totals(store.spending(session, day, day)) or (Total(),)
    return DayUse(day, total, grader_settings(session))


def totals(sums: Sequence[Spending]) -> tuple[Total, ...]:
    """Sums that differ in their currency alone, as one; in the order they come."""
    found: dict[tuple[str, ...], list[Spending]] = {}
    for one in sums:
        found.setdefault(one.of, []).append(one)
    return tuple(_total(of, each) for of, each in found.items())


def _total(of: tuple[str, ...], each: Sequence[Spending]) -> Total:
    return Total(
        of,
        sum(one.call_count for one in each),
        sum(one.fault_count for one in each),
        sum(one.prompt_tokens for one in each),
        sum(one.completion_tokens for one in each),
        tuple((one.currency, one.money_micros) for one in each if one.currency != NO_PRICE),
        sum(one.tokens for one in each if one.currency == NO_PRICE),
    )


def _dearest(each: Sequence[Total]) -> tuple[Total, ...]:
    return tuple(sorted(each, key=lambda one: (-one.tokens, one.of)))
