"""The result of an attempt: service score by the live rubric, task score by the scenario; a pass needs both."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import Finding, Scorecard, Verdict
from qaplatform.audit.phrases import Words
from qaplatform.exam.attempt import conversation_of
from qaplatform.exam.dialogue import State
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.task import TaskScore, task_score, task_score_otherwise

ResultVerdict = Literal["passed", "failed", "unscored"]


class Deduction(msgspec.Struct, frozen=True):
    """Points taken off at a place of the dialogue; ``better`` is how the rubric would have it said."""

    criterion: str
    title: Words
    finding: Finding
    points: float
    """What the whole criterion lost; said with each of its findings."""
    critical: bool
    better: Words | None


class Result(msgspec.Struct, frozen=True):
    """Everything about a finished attempt."""

    verdict: ResultVerdict
    scenario: str
    scenario_hash: str
    seed: int
    ended: str
    seconds: int
    service: Scorecard
    task: TaskScore
    deductions: tuple[Deduction, ...]
    moods: tuple[tuple[int, int], ...]
    """(seconds, mood from 0 to 10): a step curve from the opening to the end."""
    unread: tuple[int, ...]
    """Replies a mentor must read: those nobody could, which count for nothing in the task, and those whose doubt decides the verdict."""
    conversation: Conversation

    @property
    def passed(self) -> bool:
        """Whether both scores are passes."""
        return self.verdict == "passed"

    @property
    def needs_mentor(self) -> bool:
        """Whether a person must look before the result stands."""
        return bool(self.unread) or self.verdict == "unscored"


def result_of(scenario: Scenario, state: State, auditor: Auditor, *, id: str = "attempt") -> Result:
    """Audit an ended dialogue by the live rubric, unchanged; ``auditor`` is ``Customer.auditor``.

    Raises:
        ValueError: the dialogue has not ended.
    """
    if state.ended is None or state.ended_at_seconds is None:
        raise ValueError("the dialogue has not ended: stop it, or wait for its end")
    conversation = conversation_of(scenario, state.lines, auditor.context, id=id)
    card = auditor.audit_one(conversation)
    task = task_score(scenario, state)
    return Result(
        verdict=verdict_by(scenario, card.verdict, task),
        scenario=scenario.id,
        scenario_hash=scenario.content_hash,
        seed=state.seed,
        ended=state.ended,
        seconds=state.ended_at_seconds,
        service=card,
        task=task,
        deductions=_deductions(card, auditor),
        moods=(*state.moods, (state.ended_at_seconds, state.mood)),
        unread=tuple(sorted({*state.unread, *_lines_that_decide(scenario, state, card.verdict)})),
        conversation=conversation,
    )


def verdict_by(scenario: Scenario, service: Verdict, task: TaskScore) -> ResultVerdict:
    """What both scores make together."""
    if service == "unscored":
        return "unscored"
    is_pass = service == "pass" and task.score >= scenario.pass_mark and not task.failed_by
    return "passed" if is_pass else "failed"


def _lines_that_decide(scenario: Scenario, state: State, service: Verdict) -> tuple[int, ...]:
    """The replies of which something is doubtful that decides the verdict: each alone, or else all of them together."""
    lines = sorted({one.line for one in state.doubts})

    def verdict(otherwise: Collection[int]) -> ResultVerdict:
        return verdict_by(scenario, service, task_score_otherwise(scenario, state, otherwise))

    read = verdict(())
    alone = tuple(line for line in lines if verdict((line,)) != read)
    return alone or (tuple(lines) if verdict(lines) != read else ())


def _deductions(card: Scorecard, auditor: Auditor) -> tuple[Deduction, ...]:
    """Findings that cost points or the pass, in the order of the dialogue."""
    out = []
    for result in card.criteria:
        criterion = auditor.rubric.criterion(result.id)
        if result.outcome != "fail" or criterion.hint:
            continue
        lost = round(result.max_points - result.points, 2)
        better, critical = criterion.better, criterion.critical
        out += [Deduction(result.id, criterion.title, one, lost, critical, better) for one in result.findings]
    return tuple(sorted(out, key=lambda one: (one.finding.message, one.finding.start, one.criterion)))
