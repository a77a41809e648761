"""From a person's rulings to the score that counts: the machine's outcomes, changed where somebody decided otherwise.

The arithmetic is that of :mod:`qaplatform.audit.scoring`, over one conversation: without any ruling it gives the machine's
own score, but that a critical failure counts only once a person has confirmed it. Hints count for nothing here either, and
a question that nobody answered takes nothing from the scored share. Answers of a language model:
:mod:`qaplatform.audit.graded`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from qaplatform.audit.finding import Outcome, Verdict
from qaplatform.audit.rubric import Criterion, Rubric

RulingKind = Literal["confirm", "overrule", "not_applicable", "not_the_agent", "answer"]
Cause = Literal["system", "warehouse", "rule", "customer", "other"]
NOT_ASKED = "not_asked"
SUGGESTION = "suggestion"
ALONE = "alone"
OUTSIDE_THE_SHARE = (None, NOT_ASKED, SUGGESTION, ALONE)
"""Reasons of an unscored question that nobody meant to count: it is as if it were not in the rubric."""


class Judged(msgspec.Struct, frozen=True):
    """A criterion that applied, as the machine left it; ``points`` of a deduction are negative."""

    criterion: str
    outcome: Outcome
    points: float
    max_points: float
    finding_count: int = 0
    reason: str | None = None
    """Why it is unscored, where that is known; of a question ``None`` is :data:`NOT_ASKED`."""


class Decision(msgspec.Struct, frozen=True):
    """What a person says of one criterion.

    ``right_count`` is how many findings are left after those that are none and those that were added; ``outcome`` is asked
    of ``overrule`` and ``answer`` alone.
    """

    kind: RulingKind
    outcome: Literal["pass", "fail"] | None = None
    right_count: int = 0


class Ruled(msgspec.Struct, frozen=True):
    """A criterion after the rulings."""

    criterion: str
    outcome: Outcome
    points: float
    max_points: float
    is_confirmed: bool
    """Whether a person decided on it."""
    reason: str | None = None
    """Why it is unscored, where that is known."""


class RuledScore(msgspec.Struct, frozen=True):
    """The score that counts; ``score`` is ``None`` where nothing is scored."""

    score: float | None
    scored_share: float
    verdict: Verdict
    failed_count: int
    criteria: tuple[Ruled, ...]


def ruled_score(
    rubric: Rubric, judged: Iterable[Judged], decisions: Mapping[str, Decision], *, is_reviewed: bool = True
) -> RuledScore:
    """The score of a conversation under some decisions, by criterion.

    Where no person has reviewed it, it is the machine's own: there a critical failure counts at once.
    """
    known = {one.id: one for one in rubric.criteria}
    there = {one.criterion: one for one in judged}
    out = [_ruled(known.get(id), there[id], decisions.get(id)) for id in there]
    # What did not apply for the machine may for a person.
    out += [
        _ruled(known[id], Judged(id, "not_applicable", 0.0, known[id].weight), decision)
        for id, decision in decisions.items()
        if id not in there and id in known
    ]
    return _summed(rubric, known, out, is_reviewed=is_reviewed)


def _ruled(criterion: Criterion | None, judged: Judged, decision: Decision | None) -> Ruled:
    if criterion is not None and criterion.hint:
        # What people say of a hint tells how good it is, and counts for nothing else.
        return Ruled(judged.criterion, "unscored", 0.0, 0.0, is_confirmed=decision is not None)
    if decision is None:
        return Ruled(
            judged.criterion, judged.outcome, judged.points, judged.max_points, is_confirmed=False, reason=judged.reason
        )
    match decision.kind:
        case "not_applicable" | "not_the_agent":
            outcome: Outcome = "not_applicable"
        case "overrule" | "answer":
            outcome = decision.outcome or "pass"
        case "confirm":
            outcome = judged.outcome
    points = points_of(criterion, judged, outcome, decision.right_count)
    reason = judged.reason if outcome == "unscored" else None
    return Ruled(judged.criterion, outcome, points, judged.max_points, is_confirmed=True, reason=reason)


def points_of(criterion: Criterion | None, judged: Judged, outcome: Outcome, right_count: int) -> float:
    """As the scoring gives them: a pass all, a failure none, or a deduction less for each finding up to the most."""
    if outcome == "pass":
        return judged.max_points
    if outcome != "fail":
        return 0.0
    if criterion is None or not criterion.deduction:
        return 0.0
    cap = criterion.max_deduction if criterion.max_deduction is not None else (criterion.weight or float("inf"))
    return round(judged.max_points - min(max(right_count, 1) * criterion.deduction, cap), 2)


def _is_critical(known: Mapping[str, Criterion], one: Ruled) -> bool:
    criterion = known.get(one.criterion)
    return one.outcome == "fail" and criterion is not None and criterion.critical


def _counted(known: Mapping[str, Criterion], ruled: Iterable[Ruled], *, is_reviewed: bool) -> list[Ruled]:
    """In a review all but critical failures that the person has not confirmed: neither points count nor verdict."""
    return [one for one in ruled if not is_reviewed or one.is_confirmed or not _is_critical(known, one)]


def scored_weight(rubric: Rubric, score: RuledScore, *, is_reviewed: bool = True) -> float:
    """The points that a score is a share of: those of all criteria that passed or failed, and count."""
    counted = _counted({one.id: one for one in rubric.criteria}, score.criteria, is_reviewed=is_reviewed)
    return sum(one.max_points for one in counted if one.outcome in ("pass", "fail"))


def _summed(rubric: Rubric, known: Mapping[str, Criterion], ruled: list[Ruled], *, is_reviewed: bool) -> RuledScore:
    def is_missing(one: Ruled) -> bool:
        criterion = known.get(one.criterion)
        is_question = criterion is not None and criterion.kind == "question"
        return one.outcome == "unscored" and not (is_question and one.reason in OUTSIDE_THE_SHARE)

    counted = _counted(known, ruled, is_reviewed=is_reviewed)
    scored = [one for one in counted if one.outcome in ("pass", "fail")]
    possible = sum(one.max_points for one in scored)
    unscored = sum(one.max_points for one in counted if is_missing(one))
    earned = sum(one.points for one in scored if one.max_points > 0)
    minus = sum(one.points for one in scored if one.max_points == 0)
    share = possible / (possible + unscored) if possible + unscored > 0 else float(bool(scored))
    score = None
    if scored:
        score = round(min(max((100 * earned / possible if possible > 0 else 100.0) + minus, 0.0), 100.0), 2)
    share = round(share, 4)
    verdict: Verdict
    if any(_is_critical(known, one) for one in counted):
        verdict = "critical"
    elif score is None or share < rubric.scored_share_floor:
        verdict = "unscored"
    else:
        verdict = "pass" if score >= rubric.pass_mark else "fail"
    failed = sum(one.outcome == "fail" for one in counted)
    return RuledScore(score, share, verdict, failed, tuple(ruled))
