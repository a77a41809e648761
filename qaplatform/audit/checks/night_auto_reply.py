"""At night, does an automatic reply say at once when a human is back?

Why: from midnight to nine nobody is on duty; whoever writes then waits calmly only if told until when.
Source: D1 [H0] (人工客服将于XX时间上线).

A night spell is what the customer writes while nobody is on duty, up to the next human message. Some automatic
message within a minute of one of its first messages must name the time at which people are back; an hour in a
shipping or payment rule is no such time. A human who answers within that minute will do.

Fires:
    customer 01:20:00 这个能退吗
    bot      01:20:02 欢迎光临,全场9折
Silent:
    customer 01:20:00 这个能退吗
    bot      01:20:02 您好,人工客服将于9:00上线,上线后马上回复您
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("missing", "no_time")


class Params(CheckParams, frozen=True):
    """How soon the automatic reply must come and what it must say."""

    within_seconds: float = 60.0
    new_spell_after_seconds: float = 4 * 3600.0
    """A silence this long begins a new spell even if nobody answered."""
    time_groups: tuple[str, ...] = ("human_back_time",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings on the first customer message of a spell: ``missing`` (no reply) or ``no_time``."""
    seconds = batch.seconds
    night = batch.is_customer & ~np.isnan(seconds) & np.isnan(batch.limit_seconds)
    applies = batch.any_in_conversation(night)
    findings: list[Spot] = []
    if applies.any():
        says_when = batch.has(*params.time_groups) & batch.is_automatic
        rows = np.flatnonzero(night)
        last = batch.last_of(night)[rows]
        new = (last < 0) | (batch.last_human[rows] > last)
        new |= seconds[rows] - seconds[np.maximum(last, 0)] > params.new_spell_after_seconds
        begins = np.flatnonzero(new)
        for first, after in zip(begins.tolist(), [*begins[1:].tolist(), rows.size], strict=True):
            finding = _judge_spell(batch, params, rows[first:after].tolist(), says_when)
            if finding:
                findings.append(finding)
    timeless = ~batch.any_in_conversation(~np.isnan(seconds)) & batch.any_in_conversation(batch.is_customer)
    return judge(batch, findings, applies=applies, unscored=timeless, reason="no_times")


def _judge_spell(batch: Batch, params: Params, spell: list[int], says_when: np.ndarray) -> Spot | None:
    seconds = batch.seconds
    replied = False
    for row in spell:
        for after in range(row + 1, int(batch.end_of[row])):
            if not seconds[after] - seconds[row] <= params.within_seconds:
                break
            if says_when[after] or batch.is_human[after]:
                return None
            replied = replied or bool(batch.is_automatic[after])
    return whole(batch, spell[0], "no_time" if replied else "missing", within_seconds=round(params.within_seconds))
