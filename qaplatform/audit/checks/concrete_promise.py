"""Does every promise say by when?

Why: a customer told 尽快 writes again in ten minutes, and nobody can follow up a promise without a time. Source: D4
[o, H0]; 预计2小时内回复 is the recommended form [H2].

A promise passes where a time stands beside it, or in the same or the next human message, a colleague's
included. A time in an internal note, an automatic reply or the customer's own message is none. 稍等 is no
promise where an answer follows within minutes; where none does, it is one without a time.

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

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.observers.promises import times_in

CODES = ("no_time", "left_waiting")


class Params(CheckParams, frozen=True):
    """How far away the time may stand."""

    next_messages: int = 1
    """So many human messages after the promise may still name the time."""
    wait: str = "promise_wait"
    wait_seconds: float = 600.0
    """A message that asks to wait must be followed by a human one this soon."""
    horizon_days: float = 60.0
    """Times farther away are dates of something else (a purchase, a warranty)."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail where a promise has no time near it; not applicable where nothing was promised."""
    promises = batch.observe("promises")
    applies = np.zeros(len(batch), np.bool_)
    findings = []
    for promise in promises:
        applies[batch.conversation[promise.row]] = True
        if promise.concrete or _time_follows(batch, promise.row, params):
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
    for _ in range(params.next_messages + 1):
        if any(_is_near(batch, row, one.due, params.horizon_days) for one in times_in(batch, row)):
            return True
        after = int(batch.next_human[row])
        if after >= batch.end_of[row]:
            break
        row = after
    return False


def _is_near(batch: Batch, row: int, due: float, days: float) -> bool:
    """Whether a time can be a deadline; one that cannot be known can."""
    return not due - float(batch.seconds[row]) > days * 86_400
