"""Where does an agent ask for a review, and how: invited, begged for five stars, paid, pressed?

Why: most shops want the neutral invitation; bought, begged and enforced praise is fraud on the next customer and breaks
the platforms' rules. Source: D2 [o]; kinds of the labelling guideline.

A reward counts as payment where it stands in the same message as the wish for a review, or in the next messages of the
same turn. A message counts once, by its gravest kind: ``pressured``, ``paid``, ``ask_five_star``, ``invite``.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """Phrase groups of the kinds, and what makes a request a paid one."""

    cue: str = "cue/review"
    pressured: str = "review/pressured"
    paid: str = "review/paid"
    five_star: str = "review/five_star"
    invite: str = "review/invite"
    gift: str = "review/gift"
    """A reward; makes a request in the same turn a paid one."""


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The requests of human messages, one a message."""
    within = batch.has(params.cue) & batch.is_human
    if not within.any():
        return []
    kinds = (
        ("pressured", params.pressured),
        ("paid", params.paid),
        ("ask_five_star", params.five_star),
        ("invite", params.invite),
    )
    found = [(kind, group, batch.has(group, within=within)) for kind, group in kinds]
    out = []
    for row in np.flatnonzero(np.logical_or.reduce([mask for _, _, mask in found])).tolist():
        kind, group = next((kind, group) for kind, group, mask in found if mask[row])
        if kind in ("ask_five_star", "invite") and _rewarded(batch, row, params):
            kind = "paid"
        hit = batch.spans(row, group)[0]
        out.append(SeenSpan(row, hit.start, hit.end, kind))
    return out


def _rewarded(batch: Batch, row: int, params: Params) -> bool:
    """Whether a reward stands in the message or later in its turn."""
    stop = int(batch.next_customer[row])
    within = np.zeros(len(batch.messages), np.bool_)
    within[row:stop] = batch.is_human[row:stop]
    return bool(batch.has(params.gift, within=within).any())
