"""Rules of theory tests: time, attempts, pass mark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qaplatform.audit.phrases import Words
from qaplatform.training.drawing import Wanted
from qaplatform.training.papers import (
    Attempt,
    PaperRules,
    deadline,
    ended_at,
    paper_score,
    refusal,
    takes_answer,
)
from qaplatform.training.scoring import Result

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
RULES = PaperRules(
    id="week-1",
    title=Words("第一周", ""),
    sections=(Wanted(5),),
    time_limit_seconds=600,
    most_attempts=2,
    wait_hours=24,
)


def after(**span: float) -> datetime:
    return START + timedelta(**span)


def test_an_answer_counts_up_to_the_deadline_and_the_end_is_never_after_it() -> None:
    running = Attempt(START)
    assert deadline(RULES, START) == after(seconds=600)
    assert takes_answer(RULES, running, after(seconds=600))
    assert not takes_answer(RULES, running, after(seconds=600.001))
    assert not takes_answer(RULES, Attempt(START, after(seconds=5), "failed"), after(seconds=6))
    assert ended_at(RULES, running, after(hours=9)) == after(seconds=600)
    assert ended_at(RULES, running, after(seconds=30)) == after(seconds=30)


@pytest.mark.parametrize(
    ("attempts", "now", "reason"),
    [
        ([], after(), None),
        ([Attempt(START, after(minutes=5), "failed")], after(hours=1), "too_early"),
        ([Attempt(START, after(minutes=5), "failed")], after(hours=25), None),
        ([Attempt(START)], after(hours=30), None),
        ([Attempt(START, after(minutes=5), "failed")] * 2, after(days=9), "no_attempt_left"),
        ([Attempt(START, after(minutes=5), "passed")], after(days=9), "passed_already"),
    ],
)
def test_a_new_attempt_may_begin_or_not(attempts, now, reason) -> None:
    assert refusal(RULES, attempts, now) == reason


@pytest.mark.parametrize(
    ("points", "standing"),
    [
        ([1, 1, 1, 1, 0], "passed"),
        ([1, 1, 1, 0.9, 0], "failed"),
        ([1, 1, 1, None, 0], "for_a_person"),
        ([1, 1, 1, 1, None], "passed"),
        ([1, 1, None, 0, 0], "failed"),
        ([1, 1, 1, 2 / 3, 1 / 3], "passed"),
        ([], "failed"),
    ],
)
def test_a_paper_is_passed_failed_or_waits_for_a_person_only_where_that_can_change_it(points, standing) -> None:
    assert paper_score(RULES, [Result(one) for one in points]).standing == standing


@pytest.mark.parametrize(
    "wrong",
    [
        {"sections": ()},
        {"pass_ratio": 0},
        {"pass_ratio": 1.1},
        {"most_attempts": 0},
        {"time_limit_seconds": 0},
        {"wait_hours": -1},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the message names the figure, whichever it is
        PaperRules(**{"id": "x", "title": Words("x", ""), "sections": (Wanted(1),), **wrong})
