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

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.clauses import same_sentence, voided
from qaplatform.audit.deadlines import Deadline, deadlines
from qaplatform.audit.matching import Hit
from qaplatform.audit.normalise import plain_view
from qaplatform.audit.observing import ObserverParams, SeenPromise

_EMPTY = frozenset("的了呢哦哈啊呀吧吗嘛么是有在我您你们他她它这那个些和跟与给为帮就都也还再会能可以要不没好请把被让对到上下里来去说前后内小时分钟天点半今明早晚")
"""Characters that no matter is named by."""


class Params(ObserverParams, frozen=True):
    """Phrase groups of the frames, and how far a time may stand from the promise it belongs to."""

    promise: str = "promise"
    timed: str = "promise_timed"
    report: str = "promise_report"
    done: str = "promise_done"
    void_close: str = "promise_void_close"
    void_before: str = "promise_void_before"
    void_after: str = "promise_void_after"
    news: str = "promise_news"
    filler: str = "promise_filler"
    handover: str = "transfer_handover"
    confirmed: str = "promise_confirmed"
    deadline_reach_chars: int = 20
    """How far from the promise's words, in the same message, its time may stand."""
    close_reach_chars: int = 4
    """How far before the words a denial, or before a report or a time words that say it is done, may stand."""
    void_reach_chars: int = 14
    """How far from the promise's words, in the same clause, words that make it none may stand."""
    matter_messages: int = 3
    """So many customer messages before a promise say what it is about."""
    same_breath_seconds: float = 60.0
    """What the agent adds this soon, before the customer writes again, belongs to the promise itself."""
    grace_seconds: float = 0.0
    """How much later than its moment a promise still counts as kept."""


def observe(batch: Batch, params: Params) -> list[SeenPromise]:
    """The promises of human messages, one a message."""
    groups = (params.promise, params.report, params.timed)
    rows = np.flatnonzero(batch.has(*groups) & batch.is_human)
    voids = (params.void_before, params.void_after, params.void_close, params.done)
    stands = [batch.has(group)[rows].tolist() for group in (*groups, *voids)]
    out = []
    for row, *here in zip(rows.tolist(), *stands, strict=True):
        found = [batch.spans(row, group) if there else () for group, there in zip((*groups, *voids), here, strict=True)]
        promise = _read(batch, row, found, params)
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


def _read(batch: Batch, row: int, found: Sequence[Sequence[Hit]], params: Params) -> SeenPromise | None:
    """The promise of one message from the hits of the three frames and the four kinds of words that void them."""
    text = batch.texts[row]
    times: list[Deadline] | None = None
    before, after, close, done = found[3:]
    best: tuple[int, int, Deadline | None] | None = None
    for frame, hit in ((frame, hit) for frame in range(3) for hit in found[frame]):
        timed = frame == 2
        if (before or after) and voided(text, hit, before, after, params.void_reach_chars, tags=not timed):
            continue
        if close and voided(text, hit, close, (), params.close_reach_chars):
            continue
        if done and frame and voided(text, hit, done, (), params.close_reach_chars):
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
    limit = due + params.grace_seconds
    seconds = batch.seconds[row + 1 : int(batch.end_of[row])]
    matter: frozenset[str] | None = None
    for other in (np.flatnonzero(seconds <= limit) + row + 1).tolist():
        if batch.is_customer[other] and batch.has(params.confirmed)[other]:
            return True
        if not batch.is_human[other] or batch.has(params.filler, params.handover)[other]:
            continue
        if batch.has(params.news)[other]:
            return True
        at_once = batch.last_customer[other] < row and batch.seconds[other] - batch.seconds[row] < params.same_breath_seconds
        if at_once:
            continue
        matter = _matter(batch, row, params) if matter is None else matter
        if matter & _pairs(batch.folded(other)):
            return True
    known = seconds[~np.isnan(seconds)]
    as_of = batch.context.as_of
    last = max(float(known.max()) if known.size else -np.inf, as_of.timestamp() if as_of else -np.inf)
    return False if last >= limit else None


def _matter(batch: Batch, row: int, params: Params) -> frozenset[str]:
    """Pairs of characters that name what the promise is about: its message and the customer's last ones."""
    pairs = _pairs(batch.folded(row))
    customer = int(batch.last_customer[row])
    for _ in range(params.matter_messages):
        if customer < 0:
            break
        pairs |= _pairs(batch.folded(customer))
        customer = int(batch.last_customer[customer])
    return pairs


def _pairs(folded: str) -> frozenset[str]:
    """Neighbouring characters of a text that mean something; words made of function characters say nothing."""
    return frozenset(
        a + b for a, b in pairwise(folded) if a not in _EMPTY and b not in _EMPTY and not a.isascii() and not b.isascii()
    )
