"""Does an agent insult or mock the customer?

Why: no refund mends an insult, and a screenshot of one travels far.
Source: D2 [o].

Insults and sarcasm of the observer ``blunt``, veiled ones among them. The customer's own words, an apology that quotes
a colleague's, an agent laughing at himself and names of goods are none.

Fires:
    customer 10:00:00 说明书我没看明白
    agent    10:00:20 这都看不懂,您是不是傻

Silent:
    customer 10:00:00 说明书我没看明白
    agent    10:00:20 是我们写得太笨了,我发个视频给您
"""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("insult", "sarcastic")


class Params(CheckParams, frozen=True):
    """Which kinds of blunt wording count."""

    kinds: tuple[str, ...] = ("insult", "sarcastic")


def check(batch: Batch, params: Params) -> Outcomes:
    """A finding on each, with its kind as code."""
    findings = [
        Spot(one.row, one.start, one.end, one.kind, {"words": batch.texts[one.row][one.start : one.end]})
        for one in batch.observe("blunt")
        if one.kind in params.kinds
    ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
