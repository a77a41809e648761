"""Does an agent use wording that starts a fight?

Why: 不可能, 我也没办法 and 这是规定 end the talk and begin the complaint; the same refusal with a reason and an
alternative does not.
Source: D2 [H0] (不可能, 我也没办法, 这是规定), their like [o].

Dismissive, blaming and ordering words of the observer ``blunt``; insults, mockery and bare words have criteria of
their own. Not applicable where no person of the shop wrote anything.

Fires:
    customer 10:00:00 收到就少一个轮子,怎么办
    agent    10:00:20 这个我也没办法

Silent:
    customer 10:00:00 收到就少一个轮子,怎么办
    agent    10:00:20 整车我这边没办法直接换,但可以今天给您补寄一个轮子,您看行吗
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("dismissive", "blaming", "commanding")


class Params(CheckParams, frozen=True):
    """Which kinds of blunt wording count."""

    kinds: tuple[str, ...] = ("dismissive", "blaming", "commanding")


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each, with its kind as code."""
    findings = [
        Spot(one.row, one.start, one.end, one.kind, {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("blunt")
        if one.kind in params.kinds
    ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
