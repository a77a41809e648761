"""From outcomes to points: what was earned, what could be earned, and the verdict.

score = 100 × points earned ÷ points of the criteria that passed or failed, less deductions, never below 0.
Criteria that don't apply or are unscored leave the denominator; the unscored ones lower the scored share. Questions for a
language model do not: the machine never asks them itself, and a rubric with questions is whole without whoever answers
them. What their answers change is said in :mod:`qaplatform.audit.graded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.checking import FAIL, PASS, UNSCORED, Outcomes
from qaplatform.audit.finding import Verdict
from qaplatform.audit.rubric import Rubric

VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "critical", "unscored")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """By conversation × criterion: outcome and points; by conversation: score (NaN: none), share, verdict."""

    outcome: NDArray[np.int8]
    points: Floats
    score: Floats
    scored_share: Floats
    verdict: NDArray[np.int8]


class Scoring:
    """A rubric's weights as columns."""

    def __init__(self, rubric: Rubric) -> None:
        criteria = rubric.criteria
        # A hint has no points to lose, and none that would be missing from the scored share.
        self.max_points: Floats = np.asarray(
            [0.0 if criterion.hint else criterion.weight for criterion in criteria], np.float64
        )
        self._missed: Floats = self.max_points * np.asarray([one.kind != "question" for one in criteria], np.bool_)
        self._deduction = np.asarray([criterion.deduction for criterion in criteria], np.float64)
        self._cap = np.asarray(
            [
                criterion.max_deduction if criterion.max_deduction is not None else (criterion.weight or np.inf)
                for criterion in criteria
            ],
            np.float64,
        )
        self._critical = np.asarray([criterion.critical for criterion in criteria], np.bool_)
        self._pass_mark = rubric.pass_mark
        self._floor = rubric.scored_share_floor

    def score(self, outcomes: Sequence[Outcomes]) -> Scores:
        """Score a batch's outcomes, one :class:`Outcomes` a criterion in the rubric's order."""
        outcome = np.stack([one.outcome for one in outcomes], axis=1)
        failed = outcome == FAIL
        found = np.zeros(outcome.shape, np.float64)
        for column, one in enumerate(outcomes):
            if self._deduction[column]:
                for row, spots in one.findings.items():
                    found[row, column] = len(spots)
        taken = np.minimum(np.maximum(found, failed) * self._deduction, self._cap)
        points = np.where(outcome == PASS, self.max_points, 0.0)
        # A weighted criterion with a deduction loses that much a finding; without one it loses all.
        partly = failed & (self._deduction > 0)
        points = np.where(partly, self.max_points - taken, points)
        scored = (outcome == PASS) | failed
        possible = (self.max_points * scored).sum(axis=1)
        unscored = (self._missed * (outcome == UNSCORED)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(possible + unscored > 0, possible / (possible + unscored), scored.any(axis=1))
            earned = (points * (self.max_points > 0)).sum(axis=1)
            minus = (points * (self.max_points == 0)).sum(axis=1)
            score = np.where(possible > 0, 100 * earned / possible, 100.0) + minus
        # The verdict goes by the figures that are shown: 79.999999… of floating point is 80.
        score = np.where(scored.any(axis=1), np.clip(score, 0.0, 100.0), np.nan).astype(np.float64).round(2)
        share = np.round(share, 4).astype(np.float64)
        verdict = np.where(score >= self._pass_mark, 0, 1)
        verdict[(share < self._floor) | np.isnan(score)] = 3
        verdict[(failed & self._critical).any(axis=1)] = 2
        return Scores(outcome, points, score, share, verdict.astype(np.int8))
