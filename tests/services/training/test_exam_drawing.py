"""Which scenarios are drawn: by the seed, of other kinds and others than the last time, and not before the wait is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from qaplatform.exam.scenario import Scenario
from qaplatform.services.training.exam_drawing import (
    NoScenarioError,
    TooEarlyError,
    drawn_for_exam,
    drawn_for_practice,
    waiting_kinds,
)
from qaplatform.store.training.exam_results import Taken
from tests.exam.small import small_scenario

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)


def pool(*names: str) -> list[Scenario]:
    """Scenarios ``kind/number``."""
    return [replace(small_scenario(), id=name, kind=name.partition("/")[0]) for name in names]


def taken(name: str, verdict: str | None, hours_ago: float) -> Taken:
    return Taken(name, name.partition("/")[0], None, verdict, NOW - timedelta(hours=hours_ago))  # type: ignore[arg-type]


def drawn(
    names: list[str], history: list[Taken] | None = None, *, count: int = 1, seed: int = 1, wait_hours: float = 24
) -> list[str]:
    chosen = drawn_for_exam(pool(*names), history or [], count=count, seed=seed, wait_hours=wait_hours, now=NOW)
    return [one.id for one in chosen]


SIX = ["delay/1", "delay/2", "refund/1", "refund/2", "abuse/1", "abuse/2"]


def test_the_seed_decides_and_nothing_else() -> None:
    assert drawn(SIX, seed=7) == drawn(SIX[::-1], seed=7)
    assert {drawn(SIX, seed=seed)[0] for seed in range(40)} == set(SIX)


def test_several_at_once_are_of_several_kinds_while_there_are_some() -> None:
    for seed in range(10):
        three = drawn(SIX, count=3, seed=seed)
        assert len({name.partition("/")[0] for name in three}) == 3
        assert len(set(drawn(SIX, count=4, seed=seed))) == 4


@pytest.mark.parametrize("seed", range(5))
def test_a_retake_is_another_scenario_of_the_kind_while_there_is_one(seed: int) -> None:
    failed = [taken("delay/1", "failed", 30)]
    assert drawn(["delay/1", "delay/2"], failed, seed=seed) == ["delay/2"]
    again = [taken("delay/2", "failed", 30), taken("delay/1", "failed", 60)]
    assert drawn(["delay/1", "delay/2"], again, seed=seed) == ["delay/1"]
    assert drawn(["delay/1"], failed, seed=seed) == ["delay/1"]


def test_kinds_that_were_not_passed_come_first() -> None:
    history = [taken("delay/1", "passed", 2), taken("refund/2", "passed", 50)]
    assert {drawn(SIX, history, seed=seed)[0] for seed in range(20)} == {"abuse/1", "abuse/2"}


@pytest.mark.parametrize(
    ("history", "waits"),
    [
        ([], False),
        ([taken("delay/1", "failed", 23.9)], True),
        ([taken("delay/1", "failed", 24)], False),
        ([taken("delay/1", "passed", 1)], False),
        ([taken("delay/2", "passed", 1), taken("delay/1", "failed", 2)], False),
        ([taken("delay/2", "failed", 1), taken("delay/1", "passed", 2)], True),
        ([taken("delay/2", None, 1)], False),
        ([taken("refund/1", "failed", 1)], False),
    ],
)
def test_the_newest_exam_of_a_kind_decides_about_waiting(history: list[Taken], waits: bool) -> None:
    assert ("delay" in waiting_kinds(history, wait_hours=24, now=NOW)) == waits
    if waits:
        with pytest.raises(TooEarlyError) as refused:
            drawn(["delay/1", "delay/2"], history)
        ended_at = history[0].ended_at
        assert ended_at is not None
        assert refused.value.until == ended_at + timedelta(hours=24)
        assert drawn(SIX, history, count=4)[0].partition("/")[0] != "delay"
        assert drawn(["delay/1", "delay/2"], history, wait_hours=0)
    else:
        assert drawn(["delay/1", "delay/2"], history)


def test_too_few_are_none() -> None:
    with pytest.raises(NoScenarioError):
        drawn(["delay/1"], count=2)
    with pytest.raises(NoScenarioError):
        drawn_for_practice(pool("delay/1"), count=2, seed=1)
    with pytest.raises(TooEarlyError):
        drawn(["delay/1", "delay/2", "refund/1"], [taken("delay/1", "failed", 1)], count=2)


def test_practice_draws_by_the_seed_alone() -> None:
    assert {one.id for seed in range(40) for one in drawn_for_practice(pool(*SIX), count=1, seed=seed)} == set(SIX)
