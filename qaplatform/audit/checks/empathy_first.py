"""Does the agent answer a feeling before anything else?

Why: whoever jumps to the rule or the solution, however right, tells the customer that the feeling did not matter; a stock
亲 or 抱歉久等 is no empathy. Source: D3 [H0, H2]: soothing 安抚, explaining 解释 and apologising 致歉 all count.

Not applicable where the customer shows no displeasure, worry or haste, or where no human answered after it (that is
a matter of response time; ``no_reply_fails`` makes it one of empathy, too).

Fires:
    customer 10:00:05 等了一周发来个破的,气死我了
    agent    10:00:21 请提供一下订单号和照片
    customer 10:00:40 订单号没有吗
    agent    10:00:52 退货需要您自己申请
Silent:
    customer 10:00:05 等了一周发来个破的,气死我了
    agent    10:00:21 等这么久还收到破的,换谁都生气,真的对不起,我马上给您补发一件
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("empathy_late", "empathy_missing", "no_reply")


class Params(CheckParams, frozen=True):
    """What counts as a fault."""

    late_fails: bool = True
    """An acknowledgement after the solution, or only in a later turn, is a fault as well."""
    no_reply_fails: bool = False


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail on the first message of the reply turn that should have acknowledged the feeling.

    Facts: ``feeling`` (kind), ``customer_message`` and ``words`` (what showed it), for ``empathy_late`` also
    ``acknowledged_in`` (message number).
    """
    applies = np.zeros(len(batch), np.bool_)
    spots: list[Spot] = []
    for episode in batch.observe("episodes"):
        facts = {
            "feeling": episode.kind,
            "customer_message": batch.number(episode.row),
            "words": batch.texts[episode.row][episode.start : episode.end],
        }
        if episode.verdict == "no_reply":
            if params.no_reply_fails:
                spots.append(whole(batch, episode.row, "no_reply", **facts))
            continue
        applies[batch.conversation[episode.row]] = True
        answer = int(batch.next_human[episode.row])
        if episode.verdict == "missing":
            spots.append(whole(batch, answer, "empathy_missing", **facts))
        elif episode.verdict == "late" and params.late_fails:
            at = batch.number(episode.at)
            spots.append(whole(batch, answer, "empathy_late", **facts, acknowledged_in=at))
    return judge(batch, spots, applies=applies)
