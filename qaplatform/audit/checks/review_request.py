"""Does an agent buy, beg for or enforce good reviews?

Why: bought praise deceives the next customer and breaks the platforms' rules; a neutral invitation to rate is wanted.
Source: D2 [o] (好评返现; a neutral invitation is fine), D9 [o] (making good is never tied to a review).

Requests of the observer ``review_requests``, all kinds but ``invite``. Not applicable where no person of the shop wrote
anything.

Fires:
    customer 10:00:00 东西收到了
    agent    10:00:20 带图五星好评截图给我,返您三块

Silent:
    customer 10:00:00 东西收到了
    agent    10:00:20 好的亲,方便的话给这次服务做个评价,好坏都行
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("ask_five_star", "paid", "pressured")


class Params(CheckParams, frozen=True):
    """Which kinds of request count."""

    kinds: tuple[str, ...] = ("ask_five_star", "paid", "pressured")


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each, with its kind as code."""
    findings = [
        Spot(one.row, one.start, one.end, one.kind, {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("review_requests")
        if one.kind in params.kinds
    ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
