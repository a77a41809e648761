"""Did somebody come back by the promised time?

Why: a deadline that passes in silence is worse than none; first responders own the problem until it is
closed. Source: D6 [H2].

Kept is kept by anyone: a colleague counts, and bad news in time counts. Only deadlines inside the record (up to its
last message) can be judged.

Fires:
    customer 10:00:05 发票抬头能改吗
    agent    10:00:30 我问下财务,半小时内回复您
    customer 11:20:00 问到了吗

Silent:
    customer 10:00:05 发票抬头能改吗
    agent    10:00:30 我问下财务,半小时内回复您
    agent    10:21:00 财务说可以改,已重开
    customer 11:20:00 好的
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("missed",)


class Params(CheckParams, frozen=True):
    """Nothing to set; the grace of a deadline belongs to the observer ``promises``."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail where a deadline inside the record passed without a word on the matter."""
    applies = np.zeros(len(batch), np.bool_)
    findings = []
    for promise in batch.observe("promises"):
        if promise.kept is None:
            continue
        applies[batch.conversation[promise.row]] = True
        if not promise.kept:
            start, end = promise.deadline or (promise.start, promise.end)
            facts = {"deadline": batch.texts[promise.row][start:end], "due": promise.due}
            findings.append(Spot(promise.row, promise.start, promise.end, "missed", facts))
    return judge(batch, findings, applies=applies)
