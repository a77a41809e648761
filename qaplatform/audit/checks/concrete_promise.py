"""Does every promise say by when?

Why: a customer told 尽快 writes again in ten minutes, and nobody can follow up a promise without a time. Source: D4
[o, H0]; 预计2小时内回复 is the recommended form [H2].

A promise passes where a time stands beside it, or in the same or the next human message, a colleague's included. A time in an
internal note, an automatic reply or the customer's own message is none.

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

CODES = ("no_time",)


class Params(CheckParams, frozen=True):
    """How far away the time may stand."""

    next_messages: int = 1
    """So many human messages after the promise may still name the time."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail where a promise has no time near it; not applicable where nothing was promised."""
    promises = batch.observe("promises")
    applies = np.zeros(len(batch), np.bool_)
    findings = []
    for promise in promises:
        applies[batch.conversation[promise.row]] = True
        if promise.concrete or _time_follows(batch, promise.row, params.next_messages):
            continue
        words = batch.texts[promise.row][promise.start : promise.end]
        findings.append(Spot(promise.row, promise.start, promise.end, "no_time", {"promise": words}))
    return judge(batch, findings, applies=applies)


def _time_follows(batch: Batch, row: int, messages: int) -> bool:
    """Whether the message itself or one of the next human ones names a time."""
    if times_in(batch, row):
        return True
    for _ in range(messages):
        row = int(batch.next_human[row])
        if row >= len(batch.messages) or not batch.is_human[row]:
            return False
        if times_in(batch, row):
            return True
    return False
