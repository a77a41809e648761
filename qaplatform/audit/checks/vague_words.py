"""Are vague words of time followed by a time?

Why: "soon" promises nothing and brings the customer back; a rubric's own list of such words is the cheapest check of
promises there is. Source: D4 [o].

Words of the vague groups need words of the time groups in the same message or in one of the next ``next_messages``
messages a person writes in the conversation. One finding a message.

Fires:
    customer 10:00:00 少发了一个盖子
    agent    10:00:20 我尽快给您处理
    customer 10:01:00 好吧
    agent    10:01:10 感谢您的理解
Silent:
    customer 10:00:00 少发了一个盖子
    agent    10:00:20 我尽快给您处理
    agent    10:00:40 今天18点前给您答复
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("no_time",)


class Params(CheckParams, frozen=True):
    """Vague words, words that name a time, and how soon these must come."""

    vague_groups: tuple[str, ...] = ("vague_words",)
    time_groups: tuple[str, ...] = ("time_words",)
    next_messages: int = 1
    """So many further human messages may bring the time."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``no_time`` on the first vague words of a message; not applicable where there are none."""
    human = batch.is_human
    vague = batch.has(*params.vague_groups, within=human) & human
    rows = np.flatnonzero(vague)
    timed = batch.has(*params.time_groups, within=human) & human
    open_rows, here = rows, rows
    for step in range(params.next_messages + 1):
        if step:
            here = batch.next_human[here]
            going_on = here < batch.end_of[open_rows]
            # Where the conversation is over nothing more can come: such rows stay where they are.
            here = np.where(going_on, here, open_rows)
        still = ~timed[here]
        open_rows, here = open_rows[still], here[still]
    findings = []
    for row in open_rows.tolist():
        words = batch.spans(row, *params.vague_groups)[0]
        findings.append(Spot(row, words.start, words.end, "no_time"))
    return judge(batch, findings, applies=batch.any_in_conversation(vague))
