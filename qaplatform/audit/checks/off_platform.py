"""Does an agent lure the customer off the platform?

Why: off the platform neither side is protected, and platforms close shops for it.
Source: D2 [o].

What the observer ``off_platform`` sees. Not applicable where no person of the shop wrote anything.

Fires:
    customer 10:00:00 还能便宜点吗
    agent    10:00:20 您加我薇信,私下给您少五十

Silent:
    customer 10:00:00 能加个微信吗
    agent    10:00:20 平台不允许加微信的,您有问题在这里说就行
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("lure",)


class Params(CheckParams, frozen=True):
    """No parameters: the words belong to the observer."""


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each message with a lure."""
    findings = [
        Spot(one.row, one.start, one.end, "lure", {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("off_platform")
    ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
