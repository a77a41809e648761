"""What the answers of a language model may do to a score: little, and only where nobody else has spoken.

A person's ruling goes before a trusted answer, and that before the machine, which leaves every question ``unscored``.

- An answer touches its own criterion, of kind ``question``, where it applied and no person answered; no other criterion
  ever. A critical criterion is never touched, whatever its kind.
- The good verdict passes, the opposite fails (one finding), ``not_applicable`` leaves the score, ``unsure`` and no answer
  are ``unscored`` with their reason and lower the scored share.
- What is not trusted is a suggestion: ``unscored``, and for every figure as if nobody had asked.
- Answers alone make no score. Nothing counts where no other criterion was scored, and the weight of questions counts
  only beside scored weight of other criteria: in a rubric of nothing but deductions they would be the whole score.
- Whether there is a verdict at all is decided without the answers: a ``critical`` or ``unscored`` one stays, no answer
  lifts the scored share over its floor, and no failed call, or chat that makes the model refuse, takes it below.
- A chat that fails without the answers fails with them: its score stays just below the pass mark. The other way round
  trusted answers may fail a chat that would have passed.

The bound needs no guard, for it is in the arithmetic. Without answers the score is 100·E/P − M, with them
100·(E+e)/(P+w) − M − d, where 0 ≤ e ≤ w are the points of the answered questions and d their deductions. As
(E+e)/(P+w) − E/P = (e − w·E/P)/(P+w) and 0 ≤ E ≤ P, the first part moves by at most 100·w/(P+w). Cutting off at 0 and 100
brings two scores no further apart (and covers E < 0, which deductions above their criterion's weight can make).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from qaplatform.audit.finding import Outcome
from qaplatform.audit.finding import Verdict as ChatVerdict
from qaplatform.audit.rubric import Criterion, Rubric
from qaplatform.audit.ruling import (
    ALONE,
    NOT_ASKED,
    SUGGESTION,
    Decision,
    Judged,
    RuledScore,
    points_of,
    ruled_score,
    scored_weight,
)

Verdict = Literal["yes", "no", "not_applicable", "unsure"]


class Graded(msgspec.Struct, frozen=True):
    """What a language model says to one question, its evidence verified."""

    criterion: str
    verdict: Verdict | None
    """``None`` where there is no answer."""
    reason: str | None = None
    """Why there is none: the fault of the call, a budget, ``forbidden`` … ."""
    is_trusted: bool = False
    """Whether this model is trusted with this question (:mod:`qaplatform.audit.trust`)."""


class GradedScore(RuledScore, frozen=True):
    """The score that counts, and what the answers did to it."""

    without: RuledScore
    """The score if nobody had asked the model."""
    most_change: float
    """So many points, 0–100 and more, can the answers that counted move the score at most, in either direction."""
    is_held: bool
    """Whether the score was held below the pass mark, because the chat fails without the answers."""


def graded_score(
    rubric: Rubric,
    judged: Iterable[Judged],
    answers: Mapping[str, Graded],
    decisions: Mapping[str, Decision] | None = None,
) -> GradedScore:
    """The score of a conversation under people's decisions and a model's answers, both by criterion.

    ``decisions`` is ``None`` where no person has reviewed it: without answers the score is then the machine's own, a
    critical failure included. In a review one counts only when it is confirmed, as in
    :func:`~qaplatform.audit.ruling.ruled_score`. A decision ``confirm`` on a question lets
    the answer stand for what it is; who agrees with a suggestion decides ``answer`` with its outcome.
    """
    judged, is_reviewed, decisions = list(judged), decisions is not None, decisions or {}
    known = {one.id: one for one in rubric.criteria}
    without = ruled_score(rubric, judged, decisions, is_reviewed=is_reviewed)
    weight = scored_weight(rubric, without, is_reviewed=is_reviewed)

    def may_count(one: Judged) -> bool:
        return weight > 0 or (without.score is not None and one.max_points == 0)

    moved = [
        _answered(known[one.criterion], one, answers[one.criterion], counts=may_count(one))
        if _is_open(known.get(one.criterion), one, answers, decisions)
        else one
        for one in judged
    ]
    after = ruled_score(rubric, moved, decisions, is_reviewed=is_reviewed)
    counted = [now for was, now in zip(judged, moved, strict=True) if now is not was]
    score, is_held = _held(rubric, without, after)
    return GradedScore(
        score=score,
        scored_share=after.scored_share,
        verdict=_verdict(rubric, without, score),
        failed_count=after.failed_count,
        criteria=after.criteria,
        without=without,
        most_change=_most_change(known, counted, weight),
        is_held=is_held,
    )


def _is_open(
    criterion: Criterion | None, judged: Judged, answers: Mapping[str, Graded], decisions: Mapping[str, Decision]
) -> bool:
    """Whether an answer to a criterion is heard."""
    if criterion is None or criterion.kind != "question" or criterion.critical or criterion.hint:
        return False
    decision = decisions.get(criterion.id)
    is_free = decision is None or decision.kind == "confirm"
    is_asked = judged.outcome == "unscored" and judged.reason in (None, NOT_ASKED)
    return is_free and is_asked and criterion.id in answers


def _answered(criterion: Criterion, judged: Judged, answer: Graded, *, counts: bool) -> Judged:
    """A question as a model answered it."""
    verdict = answer.verdict
    if not answer.is_trusted:
        return msgspec.structs.replace(judged, reason=SUGGESTION)
    if verdict is None or verdict == "unsure":
        return msgspec.structs.replace(judged, reason=verdict or answer.reason or "no_answer")
    outcome: Outcome = "not_applicable"
    if verdict != "not_applicable":
        if not counts:
            return msgspec.structs.replace(judged, reason=ALONE)
        good = criterion.question.good if criterion.question else "yes"
        outcome = "pass" if verdict == good else "fail"
    points = points_of(criterion, judged, outcome, 1)
    return msgspec.structs.replace(judged, outcome=outcome, points=points, finding_count=0, reason=None)


def _most_change(known: Mapping[str, Criterion], counted: Iterable[Judged], weight: float) -> float:
    scored = [one for one in counted if one.outcome in ("pass", "fail")]
    added = sum(one.max_points for one in scored)
    deducted = sum(-points_of(known[one.criterion], one, "fail", 1) for one in scored if one.max_points == 0)
    return (100 * added / (weight + added) if added > 0 else 0.0) + deducted


def _held(rubric: Rubric, without: RuledScore, after: RuledScore) -> tuple[float | None, bool]:
    """The score, and whether it had to be held below the pass mark."""
    score = after.score
    if without.verdict != "fail" or score is None or score < rubric.pass_mark:
        return score, False
    # The highest score of two decimals that does not pass; the rounding takes away what floating point adds.
    return (math.ceil(round(rubric.pass_mark * 100, 6)) - 1) / 100, True


def _verdict(rubric: Rubric, without: RuledScore, score: float | None) -> ChatVerdict:
    if without.verdict in ("critical", "unscored") or score is None:
        return without.verdict
    return "pass" if score >= rubric.pass_mark else "fail"
