"""Which messages commit the shop to a future act or result, by when, and was it kept?

Why: 尽快 and 稍后 leave the customer waiting without an end, and a promise forgotten costs more than none.
Source: D4, D6 [H2, o]; definitions of the labelling guideline.

A commitment is a frame: a modal or a vague word of time before an act (会…联系您, 尽快安排), a condition before
a report (查到后告诉您), or a time beside a result (两小时内回复, 明天到). A clause that asks, offers, denies, states
a general rule or tells what is already done is none. A message counts once.

A promise with a knowable moment inside the record (up to the last message or the context's ``as_of``) is *kept*
where, after it and by its moment, a person of the shop wrote something on the matter, or the customer
confirmed it. On the matter is a message with an outcome or news in it, good or bad; filler, thanks, offers of
other goods and bare put-offs are not.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.clauses import same_sentence, voided
from qaplatform.audit.deadlines import Deadline, deadlines
from qaplatform.audit.matching import Hit
from qaplatform.audit.normalise import plain_view
from qaplatform.audit.observing import ObserverParams, SeenPromise

class Params(ObserverParams, frozen=True):
    """Phrase groups of the frames, and how far a time may stand from the promise it belongs to."""

    promise: str = "promise"
    timed: str = "promise_timed"
    void_before: str = "promise_void_before"
    void_after: str = "promise_void_after"
    on_matter: str = "promise_news"
    off_matter: str = "promise_filler"
    confirmed: str = "promise_confirmed"
    deadline_reach_chars: int = 20
    """How far from the promise's words, in the same message, its time may stand."""
    void_reach_chars: int = 14
    """How far from the promise's words, in the same clause, words that make it none may stand."""
    grace_seconds: float = 0.0
    """How much later than its moment a promise still counts as kept."""


def observe(batch: Batch, params: Params) -> list[SeenPromise]:
    """The promises of human messages, one a message."""
    rows = np.flatnonzero(batch.has(params.promise, params.timed) & batch.is_human)
    out = []
    for row in rows.tolist():
        promise = _read(batch, row, params)
        if promise is not None:
            out.append(promise)
    return out


def times_in(batch: Batch, row: int) -> list[Deadline]:
    """The times one message names, as characters of its original text."""
    folded = batch.folded(row)
    found = deadlines(folded, float(batch.seconds[row]), batch.context)
    text = batch.texts[row]
    if not found or len(folded) == len(text):
        return found
    view = plain_view([text])
    return [Deadline(*view.original(0, one.start, one.end), one.due) for one in found]


def _read(batch: Batch, row: int, params: Params) -> SeenPromise | None:
    text = batch.texts[row]
    times: list[Deadline] | None = None
    before, after = batch.spans(row, params.void_before), batch.spans(row, params.void_after)
    best: tuple[int, int, Deadline | None] | None = None
    hits = [(hit, False) for hit in batch.spans(row, params.promise)]
    hits += [(hit, True) for hit in batch.spans(row, params.timed)]
    for hit, timed in hits:
        if voided(text, hit, before, after, params.void_reach_chars):
            continue
        if times is None:
            times = times_in(batch, row)
        near = _near(text, times, hit, 0 if timed else params.deadline_reach_chars)
        if near is None and timed:
            continue
        if best is None or (best[2] is None and near is not None):
            best = (hit.start, hit.end, near)
        if near is not None:
            break
    if best is None:
        return None
    start, end, when = best
    if when is None:
        return SeenPromise(row, start, end, False)
    kept = _kept(batch, row, when.due, params)
    return SeenPromise(row, min(start, when.start), max(end, when.end), True, when.due, kept, (when.start, when.end))


def _near(text: str, times: list[Deadline], hit: Hit, reach: int) -> Deadline | None:
    """The nearest time of the same sentence, at most ``reach`` characters away."""
    best, least = None, reach + 1
    for one in times:
        gap = max(one.start - hit.end, hit.start - one.end, 0)
        if gap < least and same_sentence(text, min(one.end, hit.end), max(one.start, hit.start)):
            best, least = one, gap
    return best


def _kept(batch: Batch, row: int, due: float, params: Params) -> bool | None:
    """Whether anything on the matter came by ``due``; ``None`` where the record ends before it or has no times."""
    if np.isnan(due):
        return None
    end = int(batch.end_of[row])
    seconds = batch.seconds[row + 1 : end]
    limit = due + params.grace_seconds
    in_time = np.flatnonzero(seconds <= limit) + row + 1
    human, customer = batch.is_human, batch.is_customer
    news, filler = batch.has(params.on_matter), batch.has(params.off_matter)
    for one in in_time.tolist():
        if human[one] and news[one] and not filler[one]:
            return True
        if customer[one] and batch.has(params.confirmed)[one]:
            return True
    as_of = batch.context.as_of
    last = max(float(np.nanmax(seconds)) if seconds.size and not np.isnan(seconds).all() else -np.inf,
               as_of.timestamp() if as_of else -np.inf)  # fmt: skip
    return False if last >= limit else None
