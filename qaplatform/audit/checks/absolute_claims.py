"""Does an agent make claims that advertising law forbids?

Why: 全网最好 and 百分百有效 bring fines, and the customer measures the goods by them.
Source: D2 [o] (superlatives that advertising law forbids).

What the observer ``absolute`` sees. Not applicable where no person of the shop wrote anything.

Fires:
    customer 10:00:00 这个枕头怎么样
    agent    10:00:20 全国销量第一,睡三天颈椎病就根治

Silent:
    customer 10:00:00 这个枕头怎么样
    agent    10:00:20 回购的挺多,偏软,喜欢硬的最好您先看看另一款
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("absolute",)


class Params(CheckParams, frozen=True):
    """No parameters: the words belong to the observer."""


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each message with a claim."""
    findings = [
        Spot(one.row, one.start, one.end, "absolute", {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("absolute")
    ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
