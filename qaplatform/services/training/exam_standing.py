"""What stands of a mock dialogue: the machine's result, with mentors' rulings put in. Pure; the newest ruling of a kind counts.

The service score with rulings is that of the review desk (``audit/ruling.py``), but that what a mentor says nothing of
stands as the machine left it, a critical failure included: rulings here are single, no review of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast, get_args

import msgspec
from msgspec.structs import replace

from qaplatform.audit.finding import Scorecard
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import Decision, Judged, Ruled, RuledScore, ruled_score
from qaplatform.exam.act_names import ABOUTS
from qaplatform.exam.dialogue import Done, State
from qaplatform.exam.gaming import Suspicion
from qaplatform.exam.result import Deduction, verdict_by
from qaplatform.exam.scenario import ActName, Scenario
from qaplatform.exam.task import TaskScore, ruled_task, task_score
from qaplatform.store.training.exam_results import RulingKind, StoredRuling
from qaplatform.store.training.exams import ExamVerdict

NOTHING = "nothing"
"""An unread reply that was nothing the scenario knows."""
AS_BEFORE = "machine"
"""Takes a ruling back: it is as the machine said."""
_ACTS = frozenset(get_args(ActName)) - {"unread"}


class KeptResult(msgspec.Struct, frozen=True):
    """What the machine said of an ended dialogue, as the database keeps it; the messages are kept by themselves."""

    verdict: Literal["passed", "failed", "unscored"]
    ended: str
    seconds: int
    service: Scorecard
    task: TaskScore
    deductions: tuple[Deduction, ...]
    moods: tuple[tuple[int, int], ...]
    unread: tuple[int, ...]
    """Replies the machine could not read."""
    to_read: tuple[int, ...]
    """Those of them that a person must read: they are more than 好的."""
    suspicions: tuple[tuple[int, tuple[Suspicion, ...]], ...] = ()
    """Signs of writing for the marking, by the reply's number."""
    is_silent: bool = False
    """The candidate wrote nothing at all."""


class Standing(msgspec.Struct, frozen=True):
    """What stands."""

    service: RuledScore
    task: TaskScore
    computed: ExamVerdict
    """What the scores make."""
    verdict: ExamVerdict | None
    """``None`` while a person must look first."""
    needs_mentor: bool
    in_force: tuple[StoredRuling, ...]
    """The newest ruling on each thing, but those that were taken back."""

    @property
    def has_critical(self) -> bool:
        """Whether a critical failure stands."""
        return self.service.verdict == "critical"


def in_force(rulings: Iterable[StoredRuling]) -> tuple[StoredRuling, ...]:
    """The newest ruling on each thing; comments are none."""
    newest: dict[tuple[RulingKind, str], StoredRuling] = {}
    for one in rulings:
        if one.kind != "comment":
            newest.pop((one.kind, one.subject), None)
            newest[one.kind, one.subject] = one
    return tuple(one for one in newest.values() if one.decision != AS_BEFORE)


def act_of(decision: str) -> tuple[ActName, str | None, bool] | None:
    """(act, what about, whether a time was named) of what a scenario writes as ``offers refund due``.

    ``None`` where it is no such thing.
    """
    act, *rest = decision.split() or [""]
    abouts = [word for word in rest if word != "due"]
    if act not in _ACTS or len(abouts) > 1 or any(word not in ABOUTS for word in abouts) or rest.count("due") > 1:
        return None
    return cast("ActName", act), abouts[0] if abouts else None, "due" in rest


def standing(
    scenario: Scenario,
    rubric: Rubric,
    kept: KeptResult,
    state: State,
    rulings: Sequence[StoredRuling],
    *,
    is_exam: bool,
    mentor_must_agree: bool,
) -> Standing:
    """What stands of a dialogue under some rulings."""
    ruled = in_force(rulings)
    by_kind: dict[str, dict[str, str]] = {}
    for one in ruled:
        by_kind.setdefault(one.kind, {})[one.subject] = one.decision
    service = service_of(rubric, kept.service, by_kind.get("criterion", {}))
    task = _task(scenario, kept, state, by_kind)
    computed: ExamVerdict = "failed" if kept.is_silent else verdict_by(scenario, service.verdict, task)
    said = by_kind.get("verdict", {}).get("")
    if said is not None:
        return Standing(service, task, computed, cast("ExamVerdict", said), needs_mentor=False, in_force=ruled)
    unread = {str(number) for number in kept.to_read} - by_kind.get("unread", {}).keys()
    must_agree = mentor_must_agree and computed == "passed"
    needs = is_exam and not kept.is_silent and (bool(unread) or computed == "unscored" or must_agree)
    return Standing(service, task, computed, None if needs else computed, needs_mentor=needs, in_force=ruled)


def service_of(rubric: Rubric, card: Scorecard, decisions: Mapping[str, str]) -> RuledScore:
    """The service score under decisions by criterion: ``pass``, ``fail`` or ``not_applicable``.

    Without any it is the scorecard's own.
    """
    outcomes = {one.id: one.outcome for one in card.criteria}
    judged = [
        Judged(one.id, one.outcome, one.points, one.max_points, len(one.findings), one.reason)
        for one in card.criteria
        if one.outcome != "not_applicable"
    ]
    if not decisions:
        ruled = tuple(
            Ruled(one.criterion, one.outcome, one.points, one.max_points, is_confirmed=False, reason=one.reason)
            for one in judged
        )
        failed = sum(one.outcome == "fail" for one in ruled)
        return RuledScore(card.score, card.scored_share, card.verdict, failed, ruled)
    return ruled_score(
        rubric, judged, {id: _decision(one, outcomes.get(id)) for id, one in decisions.items()}, is_reviewed=False
    )


def _decision(said: str, machine: str | None) -> Decision:
    if said == "not_applicable":
        return Decision("not_applicable")
    if said == machine:
        return Decision("confirm")
    return Decision("overrule", "pass" if said == "pass" else "fail")


def _task(scenario: Scenario, kept: KeptResult, state: State, by_kind: Mapping[str, Mapping[str, str]]) -> TaskScore:
    read: list[Done] = []
    for number, said in by_kind.get("unread", {}).items():
        act = act_of(said)
        line = int(number)
        if act is not None and line < len(state.lines):
            read.append(Done(*act, line, 0, len(state.lines[line].text)))
    task = kept.task
    if read:
        # The customer has not heard it so, and goes on as it was; only the acts that count are counted.
        task = task_score(scenario, replace(state, acts=tuple(sorted((*state.acts, *read), key=lambda one: one.line))))
    return ruled_task(scenario, task, {id: said == "met" for id, said in by_kind.get("task", {}).items()})
