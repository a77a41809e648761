"""Theory tests: what is drawn, how long it may take, how often it may be taken, and when it is passed.

Nothing here reads a clock: moments are handed in, aware, and are the server's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.training.drawing import Wanted
from qaplatform.training.scoring import Result

Standing = Literal["passed", "failed", "for_a_person"]
Refusal = Literal["no_attempt_left", "too_early", "passed_already"]


class PaperRules(msgspec.Struct, frozen=True, kw_only=True):
    """A theory test.

    ``time_limit_seconds`` and ``most_attempts``: ``None`` = no limit. ``pass_ratio``: the share of all points that passes.
    ``wait_hours``: between the end of one attempt and the start of the next. ``shows_answers``: whether the review after an
    attempt that failed shows what would have been right (after a pass it always does). ``is_practice``: each answer is
    judged as soon as it is given, and somebody who has passed may go on.
    """

    id: str
    title: Words
    sections: tuple[Wanted, ...]
    time_limit_seconds: int | None = 1200
    most_attempts: int | None = 3
    pass_ratio: float = 0.8
    wait_hours: float = 0.0
    shows_answers: bool = True
    is_practice: bool = False
    description: Words = Words("", "")

    def __post_init__(self) -> None:
        """Refuse what no test may be.

        Raises:
            ValueError: saying which figure.
        """
        if not self.sections or any(one.count < 1 for one in self.sections):
            raise ValueError("a paper needs sections of at least one question each")
        if not 0 < self.pass_ratio <= 1:
            raise ValueError("pass_ratio must be above 0, and 1 at most")
        for name in ("time_limit_seconds", "most_attempts"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, or nothing for no limit")
        if self.wait_hours < 0:
            raise ValueError("wait_hours must not be below 0")


class Attempt(msgspec.Struct, frozen=True):
    """One attempt so far; ``standing`` is ``None`` while it runs."""

    started_at: datetime
    ended_at: datetime | None = None
    standing: Standing | None = None


class PaperScore(msgspec.Struct, frozen=True):
    """Points of an attempt, shares of all there are.

    ``least_ratio`` and ``most_ratio``: what it comes to if a person gives nothing, or everything, for what is left to them.
    """

    least_ratio: float
    most_ratio: float
    open_count: int
    standing: Standing


def deadline(rules: PaperRules, started_at: datetime) -> datetime | None:
    """When an attempt ends by itself; ``None`` without a limit."""
    return None if rules.time_limit_seconds is None else started_at + timedelta(seconds=rules.time_limit_seconds)


def takes_answer(rules: PaperRules, attempt: Attempt, now: datetime) -> bool:
    """Whether an answer that arrives now still counts: up to the deadline and not after it."""
    ends = deadline(rules, attempt.started_at)
    return attempt.ended_at is None and (ends is None or now <= ends)


def ended_at(rules: PaperRules, attempt: Attempt, now: datetime) -> datetime:
    """The end to record for an attempt handed in, or found expired, now: never after the deadline."""
    ends = deadline(rules, attempt.started_at)
    return now if ends is None else min(now, ends)


def refusal(rules: PaperRules, attempts: Sequence[Attempt], now: datetime) -> Refusal | None:
    """Why no new attempt may begin; ``None`` where one may. An attempt that runs counts as one."""
    if not rules.is_practice and any(one.standing == "passed" for one in attempts):
        return "passed_already"
    if rules.most_attempts is not None and len(attempts) >= rules.most_attempts:
        return "no_attempt_left"
    last = max((one.ended_at or one.started_at for one in attempts), default=None)
    if last is not None and now < last + timedelta(hours=rules.wait_hours):
        return "too_early"
    return None


def paper_score(rules: PaperRules, results: Sequence[Result]) -> PaperScore:
    """The score of an attempt; every question counts alike, one that was not reached is a result of 0 points.

    It waits for a person only where a person's decision can still change who passes.
    """
    if not results:
        return PaperScore(0.0, 0.0, 0, "failed")
    sure = sum(one.points for one in results if one.points is not None)
    open_count = sum(one.points is None for one in results)
    least, most = sure / len(results), (sure + open_count) / len(results)
    # Sums of thirds fall short of the mark by a rounding error.
    reached, reachable = least >= rules.pass_ratio - 1e-9, most >= rules.pass_ratio - 1e-9
    return PaperScore(least, most, open_count, "passed" if reached else "for_a_person" if reachable else "failed")
