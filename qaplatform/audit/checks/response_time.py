"""Did every customer turn get a human answer within the limit of its moment?

Why: waiting is the first thing customers complain of, on promotion evenings most. Source: D1 [H0, H2, H3].

The limit is that of the time of writing (clock bands, promotion days, roster); where nobody is on duty nothing is
judged. A burst counts once, from its last message. Automatic replies, bots and notes don't stop the clock; any
human message does. Thanks, a plain yes and farewells need no answer. A turn nobody answered at all fails when the
record goes on past its limit. Without any times the outcome is unscored.

Fires:
    customer 10:00:00 怎么还没发货
    agent    10:02:30 您好,今天发出
Silent:
    customer 10:00:00 怎么还没发货
    agent    10:00:40 您好,今天发出
    customer 10:00:50 好的谢谢
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("late", "unanswered")


class Params(CheckParams, frozen=True):
    """Limits beyond the context's clock bands."""

    channel_limits_seconds: Mapping[str, float] = msgspec.field(
        default_factory=lambda: {"ticket": 1800.0, "email": 1800.0}
    )
    """Channels with a limit of their own, whatever the clock says."""
    no_answer_groups: tuple[str, ...] = ("needs_no_answer",)
    """Customer messages that need no answer."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings: ``late`` on the reply that came too late, ``unanswered`` on the customer's message."""
    seconds = batch.seconds
    limit = _limits(batch, params)
    turns = np.flatnonzero(batch.ends_burst & ~np.isnan(limit) & _needs_answer(batch, params))
    reply = batch.next_human[turns]
    answered = reply < batch.end_of[turns]
    at = np.where(answered, seconds[np.minimum(reply, len(seconds) - 1)] if len(seconds) else 0.0, _record_end(batch)[turns])
    waited = at - seconds[turns]
    late = waited > limit[turns]
    findings = [
        _finding(batch, int(row), int(after) if done else None, float(wait), float(limit[row]))
        for row, after, done, wait in zip(
            turns[late].tolist(), reply[late].tolist(), answered[late].tolist(), waited[late].tolist(), strict=True
        )
    ]
    judged = batch.any_in_conversation(batch.is_customer & ~np.isnan(limit))
    timeless = ~batch.any_in_conversation(~np.isnan(seconds)) & batch.any_in_conversation(batch.is_customer)
    return judge(batch, findings, applies=judged, unscored=timeless, reason="no_times")


def _limits(batch: Batch, params: Params) -> NDArray[np.float64]:
    """Limit by message; NaN where none holds."""
    limit = batch.limit_seconds
    special = [params.channel_limits_seconds.get(one.channel) for one in batch.conversations]
    if any(special):
        own = np.asarray([np.nan if value is None else value for value in special], np.float64)[batch.conversation]
        limit = np.where(np.isnan(own) | np.isnan(batch.seconds), limit, own)
    return limit


def _needs_answer(batch: Batch, params: Params) -> Bools:
    """Whether the burst up to this customer message holds anything that needs an answer."""
    asking = batch.is_customer & ~batch.has(*params.no_answer_groups)
    count = np.concatenate([[0], np.cumsum(asking)])
    before = np.maximum(batch.last_human, batch.begin[batch.conversation] - 1)
    return np.asarray(count[1:] > count[before + 1])


def _record_end(batch: Batch) -> NDArray[np.float64]:
    """By message, the last known time of its conversation."""
    known = np.where(np.isnan(batch.seconds), -np.inf, batch.seconds)
    last = np.full(len(batch), -np.inf)
    np.maximum.at(last, batch.conversation, known)
    return last[batch.conversation]


def _finding(batch: Batch, row: int, reply: int | None, waited: float, limit: float) -> Spot:
    facts = {"waited_seconds": round(waited), "limit_seconds": round(limit), "question": batch.number(row)}
    if reply is None:
        return whole(batch, row, "unanswered", **facts)
    return whole(batch, reply, "late", **facts)
