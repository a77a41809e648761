"""From stored outcomes and newly judged ones to what the new version says of each conversation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from qaplatform.audit.checking import FAIL, NOT_APPLICABLE, OUTCOMES, Outcomes, Spot
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.rubric import Criterion, Rubric
from qaplatform.audit.scoring import VERDICTS, Scores, Scoring
from qaplatform.services.contexts import DayContext, together
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.replay_figures import Both, Tally
from qaplatform.services.replay_plans import ReplayPlan
from qaplatform.store.reaudits import Kept
from qaplatform.store.rubric_replays import StoredAudit, results_of

Results = Mapping[str, tuple[str, float]]
"""Outcome and points by criterion."""
_CODES = {name: code for code, name in enumerate(OUTCOMES)}
_SPOT = Spot(0, 0, 0, "")


@dataclass(slots=True)
class Case:
    """A conversation to be replayed; ``stored`` is its newest audit where that can be used."""

    kept: Kept
    context: DayContext
    stored: StoredAudit | None
    is_old: bool = True
    """Whether the old version applies to it."""
    is_new: bool = True
    """Whether the new one does."""
    conversation: Conversation = field(init=False)


class Merging:
    """Judges what is new, merges it with what is stored, and counts."""

    def __init__(self, plan: ReplayPlan, as_of: datetime, tally: Tally) -> None:
        self._plan, self._as_of, self._tally = plan, as_of, tally
        self._scoring = Scoring(plan.new)

    def take(self, session: Session, cases: Sequence[Case]) -> None:
        """Take some conversations; those that only one version applies to are counted, and judged by none."""
        self._tally.left += sum(not one.is_new for one in cases)
        self._tally.joined += sum(not one.is_old for one in cases)
        under_both = [one for one in cases if one.is_old and one.is_new]
        self._both([one for one in under_both if one.stored is None])
        self._merged(session, [one for one in under_both if one.stored is not None])

    # --- audited by both -------------------------------------------------------------------------

    def _both(self, cases: Sequence[Case]) -> None:
        for group in _groups(cases):
            old, new = (self._audited(rubric, group) for rubric in (self._plan.old, self._plan.new))
            for rubric, (outcomes, _), counter in (
                (self._plan.old, old, self._tally.failed_before),
                (self._plan.new, new, self._tally.failed_after),
            ):
                for criterion, one in zip(rubric.criteria, outcomes, strict=True):
                    if criterion.id in self._plan.watched:
                        counter[criterion.id] += int((one.outcome == FAIL).sum())
            for index, case in enumerate(group):
                self._add(case, *_said(old[1], index), *_said(new[1], index))

    def _audited(self, rubric: Rubric, cases: Sequence[Case]) -> tuple[Sequence[Outcomes], Scores]:
        audited = compiled_auditor(rubric, self._context(cases)).audit([one.conversation for one in cases])
        return audited.outcomes, audited.scores

    def _context(self, cases: Sequence[Case]) -> Context:
        return together(list({id(one.context): one.context for one in cases}.values()), self._as_of)

    # --- merged with what is stored --------------------------------------------------------------

    def _merged(self, session: Session, cases: Sequence[Case]) -> None:
        self._tally.reused += len(cases)
        plan = self._plan
        ids = [one.stored.id for one in cases if one.stored]
        watched = set(plan.watched)
        stored = results_of(session, ids, None if plan.rescores_all else watched) if ids else {}
        for results in stored.values():
            for criterion, (outcome, _) in results.items():
                if outcome == "fail" and criterion in watched:
                    self._tally.failed_before[criterion] += 1
        judged: dict[int, dict[str, tuple[int, int]]] = {}
        for group in _groups(cases) if plan.judged else ():
            judged |= self._judged(group)
        open_cases = [
            one for one in cases if plan.rescores_all or _differs(one, stored, judged, plan.new)
        ]  # fmt: skip
        if not plan.rescores_all:
            wanted = [one.stored.id for one in open_cases if one.stored]
            stored = results_of(session, wanted) if wanted else {}
        rescored = {id(one) for one in open_cases}
        for one in cases:
            if id(one) not in rescored and one.stored is not None:
                said = one.stored.score, one.stored.verdict
                self._add(one, *said, *said)
        self._rescore(open_cases, stored, judged)

    def _judged(self, cases: Sequence[Case]) -> dict[int, dict[str, tuple[int, int]]]:
        """Outcome and number of findings of the criteria that are judged anew, by conversation."""
        outcomes, _ = self._audited(self._plan.part, cases)
        out: dict[int, dict[str, tuple[int, int]]] = {one.kept.id: {} for one in cases}
        for criterion, one in zip(self._plan.part.criteria, outcomes, strict=True):
            self._tally.failed_after[criterion.id] += int((one.outcome == FAIL).sum())
            for index, (case, outcome) in enumerate(zip(cases, one.outcome.tolist(), strict=True)):
                out[case.kept.id][criterion.id] = outcome, len(one.findings.get(index, ()))
        return out

    def _rescore(
        self,
        cases: Sequence[Case],
        stored: Mapping[int, Results],
        judged: Mapping[int, Mapping[str, tuple[int, int]]],
    ) -> None:
        if not cases:
            return
        columns = []
        for criterion in self._plan.new.criteria:
            column = Outcomes(np.full(len(cases), NOT_APPLICABLE, np.int8))
            for row, case in enumerate(cases):
                fresh = judged.get(case.kept.id, {}).get(criterion.id)
                if fresh is None and case.stored is not None:
                    fresh = _as_stored(stored[case.stored.id].get(criterion.id), criterion)
                if fresh is not None:
                    column.outcome[row] = fresh[0]
                    if fresh[1]:
                        column.findings[row] = [_SPOT] * fresh[1]
            columns.append(column)
        scores = self._scoring.score(columns)
        for index, one in enumerate(cases):
            if one.stored is not None:
                self._add(one, one.stored.score, one.stored.verdict, *_said(scores, index))

    def _add(
        self, case: Case, old_score: float | None, old_verdict: str, new_score: float | None, new_verdict: str
    ) -> None:
        kept = case.kept
        self._tally.add(
            Both(kept.id, kept.agent_id, kept.team_id, old_score, new_score, old_verdict, new_verdict)
        )  # fmt: skip


def _groups(cases: Sequence[Case]) -> list[list[Case]]:
    """Conversations that one auditor takes at once."""
    groups: dict[bytes, list[Case]] = {}
    for one in cases:
        groups.setdefault(one.context.common, []).append(one)
    return list(groups.values())


def _as_stored(result: tuple[str, float] | None, criterion: Criterion) -> tuple[int, int]:
    """The outcome that is stored, and as many findings as its points tell of."""
    if result is None:
        return NOT_APPLICABLE, 0
    outcome, points = result
    if outcome != "fail" or not criterion.deduction:
        return _CODES[outcome], 0
    return FAIL, max(1, math.ceil((criterion.weight - points) / criterion.deduction - 1e-6))


def _differs(
    case: Case,
    stored: Mapping[int, Results],
    judged: Mapping[int, Mapping[str, tuple[int, int]]],
    new: Rubric,
) -> bool:
    """Whether anything that was judged anew came out otherwise."""
    if case.stored is None:
        return False
    was = stored[case.stored.id]
    criteria = {one.id: one for one in new.criteria}
    return any(
        _as_stored(was.get(id), criteria[id]) != (outcome, count if criteria[id].deduction and outcome == FAIL else 0)
        for id, (outcome, count) in judged.get(case.kept.id, {}).items()
    )


def _said(scores: Scores, index: int) -> tuple[float | None, str]:
    score = float(scores.score[index])
    return None if math.isnan(score) else score, VERDICTS[int(scores.verdict[index])]
