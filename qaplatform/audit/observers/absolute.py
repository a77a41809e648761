"""Which claims does advertising law forbid, or promise the impossible?

Why: 全网最好, 百分百有效, 国家级 bring fines, and the customer measures the goods by them. Source: D2 [o] (superlatives
that advertising law forbids); definitions of the labelling guideline.

Only claims about goods or service: dates (最近, 最晚), advice (最好您先…), facts (100%纯棉, 最大码), names and denied or
quoted claims are none. Who says 必须的 to a customer's 你家最好吗 makes the claim. A message counts once.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """The group of cues and the groups searched where one stands."""

    cue: str = "cue/absolute"
    claims: tuple[str, ...] = ("absolute/claim",)
    asked_cue: str = "cue/absolute_asked"
    asked: str = "absolute/asked"
    affirms: str = "absolute/affirms"
    hedge: str = "absolute/hedge"
    """Takes an affirmation back."""


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The first claim of each human message that has one, and the answers that make the customer's claim their own."""
    within = batch.has(params.cue) & batch.is_human
    seen: dict[int, SeenSpan] = {}
    if within.any():
        for row in np.flatnonzero(batch.has(*params.claims, within=within)).tolist():
            hit = batch.spans(row, *params.claims)[0]
            seen[row] = SeenSpan(row, hit.start, hit.end)
    asked = batch.has(params.asked_cue) & batch.is_customer
    if asked.any():
        for row in np.flatnonzero(batch.has(params.asked, within=asked)).tolist():
            answers = batch.reply_rows(row)[:1]
            if answers and not seen.get(answers[0]):
                _affirmed(batch, answers[0], seen, params)
    return [seen[row] for row in sorted(seen)]


def _affirmed(batch: Batch, row: int, seen: dict[int, SeenSpan], params: Params) -> None:
    hits = batch.spans(row, params.affirms)
    if hits and not batch.spans(row, params.hedge):
        seen[row] = SeenSpan(row, hits[0].start, hits[0].end)
