"""Is a real question or complaint answered with a bare 哦, 嗯, ? or 看详情页?

Why: one word tells the customer that nobody reads; the question comes back louder.
Source: D2 [o].

The ``curt`` kind of the observer ``blunt``: a whole turn of such words. A full answer in the same turn, a plain yes to a
yes-no question and a word in answer to thanks or to data are none. Not applicable where no person of the shop or no
customer wrote anything.

Fires:
    customer 10:00:00 雨刮装上去一直响,怎么调
    agent    10:00:20 哦

Silent:
    customer 10:00:00 雨刮装上去一直响,怎么调
    agent    10:00:20 哦哦
    agent    10:00:40 把胶条翻到另一面卡紧就不响了,您试一下
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("curt",)


class Params(CheckParams, frozen=True):
    """Which kinds of blunt wording count."""

    kinds: tuple[str, ...] = ("curt",)


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each bare answer."""
    findings = [
        Spot(one.row, one.start, one.end, one.kind, {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("blunt")
        if one.kind in params.kinds
    ]
    return judge(
        batch,
        findings,
        applies=batch.any_in_conversation(batch.is_human) & batch.any_in_conversation(batch.is_customer),
    )
