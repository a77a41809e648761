"""At night, does an automatic reply say at once when a human is back?

Why: from midnight to nine nobody is on duty; whoever writes then waits calmly only if told until when.
Source: D1 [H0] (人工客服将于XX时间上线).

A night spell is what the customer writes while nobody is on duty, up to the next human message. Some automatic
message within a minute of one of its first messages must name the time at which people are back; an hour in a
shipping or payment rule is no such time. A human who answers within that minute will do, and a parting word after a
human answer wants none.

Fires:
    customer 01:20:00 这个能退吗
    bot      01:20:02 欢迎光临,全场9折
Silent:
    customer 01:20:00 这个能退吗
    bot      01:20:02 您好,人工客服将于9:00上线,上线后马上回复您
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("missing", "no_time")


class Params(CheckParams, frozen=True):
    """How soon the automatic reply must come and what it must say."""

    within_seconds: float = 60.0
    new_spell_after_seconds: float = 4 * 3600.0
    """A silence this long begins a new spell even if nobody answered."""
    time_groups: tuple[str, ...] = ("human_back_time",)
    no_answer_groups: tuple[str, ...] = ("needs_no_answer",)
    """Parting words after a person answered want no automatic reply."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings on the first customer message of a spell: ``missing`` (no reply) or ``no_time``."""
    seconds = batch.seconds
    night = batch.is_customer & ~np.isnan(seconds) & np.isnan(batch.limit_seconds)
    applies = batch.any_in_conversation(night)
    findings: list[Spot] = []
    rows = np.flatnonzero(night)
    if rows.size:
        last = batch.last_of(night)[rows]
        new = (last < 0) | (batch.last_human[rows] > last)
        new |= seconds[rows] - seconds[np.maximum(last, 0)] > params.new_spell_after_seconds
        begins = np.flatnonzero(new)
        spells = [
            _Spell(batch, rows[first:after].tolist(), params.within_seconds)
            for first, after in zip(begins.tolist(), [*begins[1:].tolist(), rows.size], strict=True)
        ]
        says_when = batch.has(*params.time_groups, within=_mask(batch, [row for one in spells for row in one.replies]))
        left = [one for one in spells if not one.human and not says_when[one.replies].any()]
        parting = batch.has(*params.no_answer_groups, within=_mask(batch, [row for one in left for row in one.rows]))
        for one in left:
            if batch.last_human[one.rows[0]] < 0 or not parting[one.rows].all():
                code = "no_time" if one.replies else "missing"
                findings.append(whole(batch, one.rows[0], code, within_seconds=round(params.within_seconds)))
    timeless = ~batch.any_in_conversation(~np.isnan(seconds)) & batch.any_in_conversation(batch.is_customer)
    return judge(batch, findings, applies=applies, unscored=timeless, reason="no_times")


class _Spell:
    """The customer's messages of a spell, the automatic ones soon after them, and whether a person came as soon."""

    def __init__(self, batch: Batch, rows: list[int], within_seconds: float) -> None:
        self.rows, self.replies, self.human = rows, list[int](), False
        seconds = batch.seconds
        for row in rows:
            for after in range(row + 1, int(batch.end_of[row])):
                if not seconds[after] - seconds[row] <= within_seconds:
                    break
                self.human = self.human or bool(batch.is_human[after])
                if batch.is_automatic[after]:
                    self.replies.append(after)


def _mask(batch: Batch, rows: list[int]) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[rows] = True
    return mask
