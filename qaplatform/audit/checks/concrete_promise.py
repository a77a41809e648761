"""Does every promise say by when?

Why: a customer told 尽快 writes again in ten minutes, and nobody can follow up a promise without a time. Source: D4
[o, H0]; 预计2小时内回复 is the recommended form [H2].

A promise passes where a time stands beside it, or in the same or the next human message, a colleague's
included. A time in an internal note, an automatic reply or the customer's own message is none. 稍等 is no
promise where an answer follows within minutes; where none does, it is one without a time. Office hours, a shelf
life or the day of the purchase, named after a promise, are no time for it.

A parcel said to leave on a day, without a word on when it arrives (您的包裹明天发出), leaves the customer
waiting as well [H0]. Teams differ on it: many call a day of dispatch concrete enough. It is therefore a code of
its own, ``dispatch_without_arrival``, found where ``ask_arrival`` is on; the shipped rubric leaves it off.

Fires:
    customer 10:00:05 少发了一个杯盖
    agent    10:00:30 您好,过两天给您补寄
    customer 10:01:00 好吧

Silent:
    customer 10:00:05 少发了一个杯盖
    agent    10:00:30 您好,尽快给您补寄
    agent    10:00:50 今天18点前寄出,后天到
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.deadlines import Deadline
from qaplatform.audit.observers.promises import matter_pairs, times_in
from qaplatform.audit.observing import SeenPromise

CODES = ("no_time", "left_waiting", "dispatch_without_arrival")


class Params(CheckParams, frozen=True):
    """How far away the time may stand."""

    next_messages: int = 1
    """So many human messages after the promise may still name the time."""
    wait: str = "promise_wait"
    wait_seconds: float = 600.0
    """A message that asks to wait must be followed by a human one this soon."""
    horizon_days: float = 60.0
    """Times farther away are dates of something else (a purchase, a warranty)."""
    no_deadline: str = "promise_no_deadline"
    no_deadline_chars: int = 12
    """A time this close to such words belongs to them."""
    ask_arrival: bool = False
    """Whether a promised day of dispatch must come with one of arrival."""
    dispatch: str = "promise_dispatch"
    arrival: str = "promise_arrival"


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail where a promise has no time near it; not applicable where nothing was promised."""
    promises = batch.observe("promises")
    applies = np.zeros(len(batch), np.bool_)
    findings = []
    near = _near(batch, [promise.row for promise in promises if params.ask_arrival or not promise.concrete], params)
    batch.has(params.no_deadline, within=near)  # one search for all of them; spans() below only looks them up
    for promise in promises:
        applies[batch.conversation[promise.row]] = True
        if promise.concrete or _time_follows(batch, promise.row, params):
            if params.ask_arrival and _only_leaves(batch, promise, params):
                facts = {"promise": batch.texts[promise.row][promise.start : promise.end]}
                findings.append(Spot(promise.row, promise.start, promise.end, "dispatch_without_arrival", facts))
            continue
        words = batch.texts[promise.row][promise.start : promise.end]
        findings.append(Spot(promise.row, promise.start, promise.end, "no_time", {"promise": words}))
    promised = {promise.row for promise in promises}
    for row in np.flatnonzero(batch.has(params.wait) & batch.is_human).tolist():
        if row in promised:
            continue
        answered = _answered(batch, row, params.wait_seconds)
        if answered is None:
            continue
        applies[batch.conversation[row]] = True
        if not answered:
            hit = batch.spans(row, params.wait)[0]
            findings.append(Spot(row, hit.start, hit.end, "left_waiting", {"limit_seconds": params.wait_seconds}))
    return judge(batch, findings, applies=applies)


def _answered(batch: Batch, row: int, limit_seconds: float) -> bool | None:
    """Whether a person wrote again in time; ``None`` where the record cannot tell."""
    end, here = int(batch.end_of[row]), float(batch.seconds[row])
    after = int(batch.next_human[row])
    if np.isnan(here):
        return True if after < end else None
    if after < end:
        return bool(batch.seconds[after] - here <= limit_seconds)
    last = batch.seconds[row:end]
    return False if float(np.nanmax(last)) - here > limit_seconds else None


def _time_follows(batch: Batch, row: int, params: Params) -> bool:
    """Whether the message itself or one of the next human ones names a time."""
    return any(
        _is_deadline(batch, there, one, params)
        for there in _with_next(batch, row, params)
        if there == row or not _of_another_matter(batch, row, there)
        for one in times_in(batch, there)
    )


def _of_another_matter(batch: Batch, row: int, there: int) -> bool:
    """Whether a later message answers something else that the customer brought up after the promise."""
    customer = int(batch.last_customer[there])
    if customer < row:
        return False
    said = matter_pairs(batch.folded(there))
    return bool(said & matter_pairs(batch.folded(customer))) and not said & matter_pairs(batch.folded(row))


def _near(batch: Batch, rows: list[int], params: Params) -> Bools:
    """The messages of some rows and the next human ones of each."""
    mask = np.zeros(len(batch.messages), np.bool_)
    for row in rows:
        mask[_with_next(batch, row, params)] = True
    return mask


def _with_next(batch: Batch, row: int, params: Params) -> list[int]:
    """A row and those of the next human messages of its conversation."""
    out, end = [row], int(batch.end_of[row])
    while len(out) <= params.next_messages and batch.next_human[out[-1]] < end:
        out.append(int(batch.next_human[out[-1]]))
    return out


def _is_deadline(batch: Batch, row: int, time: Deadline, params: Params) -> bool:
    """Whether a time can be a deadline: not far away, nor in words of office hours and the like.

    One whose moment cannot be known can be one.
    """
    if time.due - float(batch.seconds[row]) > params.horizon_days * 86_400:
        return False
    reach = params.no_deadline_chars
    words = batch.spans(row, params.no_deadline)
    return not any(hit.start - reach < time.end and time.start < hit.end for hit in words)


def _only_leaves(batch: Batch, promise: SeenPromise, params: Params) -> bool:
    """Whether a promise is of dispatch, and neither it nor one of the next human messages tells of arrival."""
    if not batch.spans(promise.row, params.dispatch):
        return False
    return not any(batch.spans(row, params.arrival) for row in _with_next(batch, promise.row, params))
