"""Did every customer turn get a human answer within the limit of its moment?

Why: waiting is the first thing customers complain of, on promotion evenings most. Source: D1 [H0, H2, H3].

The limit is that of the time of writing (clock bands, promotion days, roster); where nobody is on duty nothing is
judged. A burst counts once, from its last message; it is over once the customer has been left alone for two minutes,
or longer than the limit and asks where everybody is. Automatic replies, bots and notes don't stop the clock; any human
message does. Thanks, a plain yes, "let me think" and farewells need no answer. A turn nobody answered at all fails when
the record (or the moment of judging, where it is known) goes on past its limit. Without any times: unscored.

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

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("late", "unanswered")


class Params(CheckParams, frozen=True):
    """Limits beyond the context's clock bands."""

    channel_limits_seconds: Mapping[str, float] = msgspec.field(
        default_factory=lambda: {"ticket": 1800.0, "email": 1800.0}
    )
    """Channels with a limit of their own, whatever the clock says."""
    burst_ends_after_seconds: float = 120.0
    """A silence this long (or the limit, where that is longer) between two customer messages ends a burst."""
    no_answer_groups: tuple[str, ...] = ("needs_no_answer",)
    """Customer messages that need no answer."""
    waiting_groups: tuple[str, ...] = ("still_waiting",)
    """Customer messages that ask where everybody is."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings: ``late`` on the reply that came too late, ``unanswered`` on the customer's message."""
    seconds, limit = batch.seconds, _limits(batch, params)
    ends = _turn_ends(batch, params, limit)
    turns = np.flatnonzero(ends & ~np.isnan(limit))
    reply = batch.next_human[turns]
    answered = reply < batch.end_of[turns]
    until = _record_end(batch)[turns]
    until[answered] = seconds[reply[answered]]
    waited = until - seconds[turns]
    over = waited > limit[turns]
    over[over] = _needs_answer(batch, params, ends, turns[over])
    findings = [
        _finding(batch, row, after if done else None, wait, float(limit[row]))
        for row, after, done, wait in zip(
            turns[over].tolist(), reply[over].tolist(), answered[over].tolist(), waited[over].tolist(), strict=True
        )
    ]
    wrote = batch.any_in_conversation(batch.is_customer)
    judged = batch.any_in_conversation(batch.is_customer & ~np.isnan(limit))
    timeless = ~batch.any_in_conversation(~np.isnan(seconds)) & wrote
    return judge(batch, findings, applies=judged, unscored=timeless, reason="no_times")


def _limits(batch: Batch, params: Params) -> NDArray[np.float64]:
    """Limit by message; NaN where none holds."""
    limit, own = batch.limit_seconds, params.channel_limits_seconds
    channels = [one.channel for one in batch.conversations]
    if own.keys().isdisjoint(channels):
        return limit
    special = np.asarray([own.get(channel, np.nan) for channel in channels], np.float64)[batch.conversation]
    return np.where(np.isnan(special) | np.isnan(batch.seconds), limit, special)


def _turn_ends(batch: Batch, params: Params, limit: NDArray[np.float64]) -> Bools:
    """Customer messages from which the customer waits: the last of a burst, and the last before a long silence."""
    ends = batch.ends_burst.copy()
    inner = np.flatnonzero(batch.is_customer & ~ends)
    following = batch.next_customer[inner]
    silence = batch.seconds[following] - batch.seconds[inner]
    long = silence > np.fmax(params.burst_ends_after_seconds, limit[inner])
    short = np.flatnonzero(~long & (silence > limit[inner]))
    if short.size:
        asked = np.zeros(len(ends), np.bool_)
        asked[following[short]] = True
        long[short] = batch.has(*params.waiting_groups, within=asked)[following[short]]
    ends[inner[long]] = True
    return ends


def _needs_answer(batch: Batch, params: Params, ends: Bools, turns: Ints) -> Bools:
    """For some turns, given by their last row, whether anything in them needs an answer."""
    within = np.zeros(len(ends), np.bool_)
    before = np.maximum(batch.last_human, batch.last_of(ends))[turns]
    begins = np.maximum(before + 1, batch.begin[batch.conversation[turns]])
    for begin, row in zip(begins.tolist(), turns.tolist(), strict=True):
        within[begin : row + 1] = True
    within &= batch.is_customer
    count = np.concatenate([[0], np.cumsum(within & ~batch.has(*params.no_answer_groups, within=within))])
    return np.asarray(count[turns + 1] > count[begins])


def _record_end(batch: Batch) -> NDArray[np.float64]:
    """By message, the last known time of its conversation, or the moment of judging."""
    last = np.full(len(batch), -np.inf if batch.context.as_of is None else batch.context.as_of.timestamp())
    written = np.flatnonzero(np.diff(batch.begin))
    if written.size:
        known = np.where(np.isnan(batch.seconds), -np.inf, batch.seconds)
        last[written] = np.maximum(last[written], np.maximum.reduceat(known, batch.begin[written]))
    return last[batch.conversation]


def _finding(batch: Batch, row: int, reply: int | None, waited: float, limit: float) -> Spot:
    facts = {"waited_seconds": round(waited), "limit_seconds": round(limit), "question": batch.number(row)}
    if reply is None:
        return whole(batch, row, "unanswered", **facts)
    return whole(batch, reply, "late", **facts)
