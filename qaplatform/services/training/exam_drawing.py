"""Which scenarios somebody gets: by a seed, of the kinds that are asked for, others than the last time, and not too soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from qaplatform.errors import QAPlatformError
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.wording import stable_number
from qaplatform.store.training.exam_results import Taken


class NoScenarioError(QAPlatformError):
    """There are not enough scenarios of this kind; choose another kind, or fewer customers at once."""

    code: ClassVar[str] = "exam.no_scenario"


class TooEarlyError(QAPlatformError):
    """The waiting time after a failed exam of this kind is not over; practise meanwhile, or take another kind."""

    code: ClassVar[str] = "exam.too_early"

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until
        """When it is."""


def waiting_kinds(taken: Iterable[Taken], *, wait_hours: float, now: datetime) -> Mapping[str, datetime]:
    """Kinds whose newest exam was failed and whose waiting time is not over, with its end."""
    newest: dict[str, Taken] = {}
    for one in taken:
        known = newest.get(one.kind)
        if one.ended_at is not None and (known is None or known.ended_at is None or one.ended_at > known.ended_at):
            newest[one.kind] = one
    ends = {
        kind: one.ended_at + timedelta(hours=wait_hours)
        for kind, one in newest.items()
        if one.verdict == "failed" and one.ended_at is not None
    }
    return {kind: until for kind, until in ends.items() if until > now}


def drawn_for_exam(
    pool: Sequence[Scenario], taken: Sequence[Taken], *, count: int, seed: int, wait_hours: float, now: datetime
) -> tuple[Scenario, ...]:
    """Scenarios for an exam: kinds that were not passed yet before others, and what was taken least often.

    The scenario of a kind that was taken last comes again only where there is no other of its kind.

    Args:
        pool: What may be drawn.
        taken: Exams the person has had, the newest first.
        count: How many.
        seed: Of the sitting.
        wait_hours: Between a failed exam and the next of the same kind.
        now: This moment.

    Raises:
        NoScenarioError: there are fewer.
        TooEarlyError: there would be enough if the waiting time of some kind were over.
    """
    waiting = waiting_kinds(taken, wait_hours=wait_hours, now=now)
    free = [one for one in pool if one.kind not in waiting]
    if len(pool) < count:
        raise NoScenarioError
    if len(free) < count:
        raise TooEarlyError(min(until for kind, until in waiting.items() if any(one.kind == kind for one in pool)))
    passed = Counter(one.kind for one in taken if one.verdict == "passed")
    times = Counter(one.scenario for one in taken)
    last = {one.kind: one.scenario for one in reversed(taken)}
    alone = {kind for kind, number in Counter(one.kind for one in free).items() if number == 1}

    def rank(one: Scenario) -> tuple[object, ...]:
        is_again = last.get(one.kind) == one.id and one.kind not in alone
        return passed[one.kind], is_again, times[one.id], stable_number(seed, "draw", one.id), one.id

    chosen: list[Scenario] = []
    for _ in range(count):
        one = min((one for one in free if one not in chosen), key=rank)
        chosen.append(one)
        # Several customers at once are of several kinds where that can be.
        passed[one.kind] += 1
    return tuple(chosen)


def drawn_for_practice(pool: Sequence[Scenario], *, count: int, seed: int) -> tuple[Scenario, ...]:
    """Scenarios to practise with, whatever was taken before.

    Raises:
        NoScenarioError: there are fewer.
    """
    if len(pool) < count:
        raise NoScenarioError
    return tuple(sorted(pool, key=lambda one: (stable_number(seed, "draw", one.id), one.id))[:count])
