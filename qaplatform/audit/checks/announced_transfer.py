"""Was the customer told when the conversation was passed on?

Why: a customer who is passed on in silence does not know whom to talk to. Source: D5 [H0, H2].

The plain form of the question, for chat systems that write a transfer line and rubrics with a list of announcing
words: one of these must stand in a human message of the same turn, before or after the line. Who takes over and why is
asked by ``transfer_handling``.

Fires:
    customer 10:00:00 锁打不开
    agent    10:00:20 稍等
    system   10:01:00 transfer 小王 → 小李
    agent:a2 10:01:30 在的亲,请讲
Silent:
    customer 10:00:00 锁打不开
    agent    10:00:20 我为您转接技术同事小李
    system   10:01:00 transfer 小王 → 小李
    agent:a2 10:01:30 在的亲,请讲
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, judge, whole

CODES = ("unannounced",)


class Params(CheckParams, frozen=True):
    """The words that announce."""

    announcing_groups: tuple[str, ...] = ("announces_transfer",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``unannounced`` on the transfer line; not applicable without one."""
    transfers = np.flatnonzero(batch.is_transfer)
    told = batch.has(*params.announcing_groups, within=batch.is_human) & batch.is_human
    before = np.concatenate([[0], np.cumsum(told)])
    begin = np.maximum(batch.last_customer[transfers], batch.begin[batch.conversation[transfers]])
    silent = transfers[before[batch.next_customer[transfers]] == before[begin]]
    findings = [whole(batch, row, "unannounced") for row in silent.tolist()]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_transfer))
