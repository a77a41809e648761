"""Which claims does advertising law forbid, or promise the impossible?

Why: 全网最好, 百分百有效, 国家级 bring fines, and the customer measures the goods by them. Source: D2 [o] (superlatives
that advertising law forbids); definitions of the labelling guideline.

Only claims about goods or service: dates (最近, 最晚), advice (最好您先…), facts (100%纯棉, 最大码), names and denied or
quoted claims are none. A message counts once.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """The group of cues and the groups searched where one stands."""

    cue: str = "cue/absolute"
    claims: tuple[str, ...] = ("absolute/claim",)


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The first claim of each human message that has one."""
    within = batch.has(params.cue) & batch.is_human
    if not within.any():
        return []
    out = []
    for row in np.flatnonzero(batch.has(*params.claims, within=within)).tolist():
        hit = batch.spans(row, *params.claims)[0]
        out.append(SeenSpan(row, hit.start, hit.end))
    return out
