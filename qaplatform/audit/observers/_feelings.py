"""How much of a feeling each message of a customer shows; :mod:`qaplatform.audit.observers.episodes` makes episodes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.normalise import mostly_latin

if TYPE_CHECKING:
    from qaplatform.audit.observers.episodes import Params

Floats = NDArray[np.float64]


def scores(batch: Batch, params: Params) -> tuple[Bools, Floats]:
    """Whether strong words stand in a customer message, and the score of each message (0 for the shop's)."""
    customer = batch.is_customer
    friendly = batch.has(*params.thanks)
    friendly_burst = friendly | _said_next(batch, friendly)
    trouble = batch.has(*params.troubles)
    joking = batch.has(*params.laughter) & ~trouble
    strong: Bools = batch.has(*params.displeased) & ~joking | batch.has(*params.hurried, *params.worried)
    strong |= batch.has(*params.mild) & ~friendly_burst & ~joking
    strong |= _calls(batch, params) | batch.has(*params.cries) & (batch.last_customer >= 0)
    strong &= customer
    tones = _count(batch, params.tones) * params.tone_weight
    protest = batch.has(*params.protests) * params.tone_weight
    carried = tones + protest
    loud = _count(batch, params.loudness) * params.tone_weight
    tones += np.where(_merely_loud(batch, loud >= params.threshold, strong | trouble | (carried > 0)), 0.0, loud)
    tones += _count(batch, params.faint) * params.faint_weight
    calm = friendly * params.thanks_weight + batch.has(*params.polite) * params.polite_weight
    signs = tones + protest
    alone = np.maximum(signs, tones + np.where(tones >= params.tone_weight, trouble * params.trouble_weight, 0.0))
    previous = batch.last_customer
    before = np.where(previous >= 0, carried[previous], 0.0)
    earlier = np.where(previous >= 0, before[previous], 0.0)
    near = np.where(signs >= params.tone_weight, np.maximum(before, earlier), 0.0)
    together = np.maximum(alone, signs + near) + calm
    score = np.where(strong, np.maximum(params.threshold, together), together)
    score[~customer] = 0.0
    # What only the message before made a feeling was felt there already.
    leaning = np.flatnonzero((score >= params.threshold) & ~strong & (alone + calm < params.threshold))
    carriers = np.where(earlier[leaning] >= params.tone_weight, previous[previous[leaning]], previous[leaning])
    score[carriers] = np.maximum(score[carriers], params.threshold)
    return strong, score


def _merely_loud(batch: Batch, loud: Bools, meant: Bools) -> Bools:
    """English messages of nothing but marks and capitals, which there are joy as often as anger."""
    merely = np.zeros(len(batch.texts), np.bool_)
    rows = np.flatnonzero(batch.is_customer & loud & ~meant).tolist()
    merely[rows] = [mostly_latin(batch.texts[row]) for row in rows]
    return merely


def _said_next(batch: Batch, mask: Bools) -> Bools:
    """Customer messages whose next message is the customer's as well and is of ``mask``."""
    following = np.minimum(batch.rows + 1, len(batch.texts) - 1)
    same: Bools = (batch.next_customer == batch.rows + 1) & batch.is_customer & mask[following]
    return same


def _calls(batch: Batch, params: Params) -> Bools:
    """The first of several calls (喂? / 在吗? / ??) in one burst that nobody answers, once the customer has said something."""
    calls = np.zeros(len(batch.texts), np.bool_)
    short = batch.is_customer & (batch.last_customer >= 0) & (batch.letters <= params.call_letters)
    called = batch.has(*params.calls, within=short)
    rows = np.flatnonzero(called)
    if rows.size < params.calls_of_haste:
        return calls
    told = batch.first_in_conversation(batch.is_customer & ~called & (batch.letters > params.call_letters))
    told = told[batch.conversation[rows]]
    rows = rows[(told >= 0) & (told < rows)]
    before = batch.last_human[rows]
    burst = np.where(before >= 0, before, batch.begin[batch.conversation[rows]] - 1)
    _, first, count = np.unique(burst, return_index=True, return_counts=True)
    calls[rows[first[count >= params.calls_of_haste]]] = True
    return calls


def heard_by_the_agent(batch: Batch, params: Params, felt: Bools, score: Floats) -> Bools:
    """Messages whose signs are too weak alone, but whose reply begins with an answer to a feeling."""
    signs = batch.is_customer & ~felt & ((score >= params.hint_weight) | batch.has(*params.troubles, *params.harms))
    answer = batch.next_human
    rows = np.flatnonzero(signs & (answer < batch.end_of))
    heard = np.zeros(len(batch.texts), np.bool_)
    if not rows.size:
        return heard
    replies = np.zeros(len(batch.texts), np.bool_)
    replies[answer[rows]] = True
    soothed = batch.has(*params.heard, within=replies)
    heard[rows] = soothed[answer[rows]]
    return heard


def apologised_in_public(batch: Batch, params: Params, felt: Bools, score: Floats) -> Bools:
    """Public posts, however they put it, whose reply apologises for what they tell."""
    apologised = np.zeros(len(batch.texts), np.bool_)
    first = batch.first_in_conversation(batch.is_customer)
    posts = [row for row in first[first >= 0].tolist() if params.public_mark and params.public_mark in batch.texts[row]]
    rows = np.asarray(posts, np.int64)
    rows = rows[
        ~felt[rows] & (score[rows] >= params.public_weight) & (batch.next_human[rows] < batch.next_customer[rows])
    ]
    if not rows.size:
        return apologised
    answer = batch.next_human[rows]
    replies = np.zeros(len(batch.texts), np.bool_)
    replies[answer] = True
    apologised[rows] = batch.has(*params.regrets, within=replies)[answer]
    return apologised


def _count(batch: Batch, groups: tuple[str, ...]) -> Floats:
    """How many of the groups stand in each message."""
    count: Floats = np.zeros(len(batch.texts))
    for group in groups:
        count += batch.has(group)
    return count
