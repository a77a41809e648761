"""Which words move the customer off the platform: to WeChat, QQ, a private number, or money past the order?

Why: off the platform neither the customer's money nor the shop's conduct is protected, and platforms close shops for
it. Source: D2 [o]; definitions of the labelling guideline.

The platform's hotline, an official account, paying with WeChat at the checkout and a refusal to go there are none.
Disguises (加V, 薇信, 绿泡泡, inserted marks, like-sounding words) count. A message counts once.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """The group of cues and the groups searched where one stands."""

    cue: str = "cue/off_platform"
    lures: tuple[str, ...] = ("off_platform/lure", "off_platform/by_sound")


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The first lure of each human message that has one."""
    within = batch.has(params.cue) & batch.is_human
    if not within.any():
        return []
    out = []
    for row in np.flatnonzero(batch.has(*params.lures, within=within)).tolist():
        hit = batch.spans(row, *params.lures)[0]
        out.append(SeenSpan(row, hit.start, hit.end))
    return out
