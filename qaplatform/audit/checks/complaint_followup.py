"""Was a complaint soothed, told what happens by when, and followed up to the customer's answer?

Why: of the five stars of complaint handling (soothing, root cause, solution, follow-up, confirmation of satisfaction) the
machine can hear three; root cause and fitness of the solution are for people. Source: D8 [H1], D6 [H2].

A complaint says so (投诉, 举报, 12315, 骗子 …) or is plain displeasure in words that are enough alone, about the shop, its
goods or its people. Loud questions, praise with a small gripe, hurry and grumbling about the courier alone are none, and
neither is a complaint that no human has answered yet or is still looking into.

Fires:
    customer 10:00:00 我要投诉,锅底全是锈
    agent    10:00:30 生锈的锅谁看了都闹心,真对不起
    agent    10:00:50 我们会重视的
    customer 10:01:20 就这样?
    agent    10:01:40 祝您生活愉快
Silent:
    customer 10:00:00 我要投诉,锅底全是锈
    agent    10:00:30 生锈的锅谁看了都闹心,真对不起,今天下午六点前给您退款
    customer 10:00:50 好
    agent    16:00:00 款退了,您看到账了吗
    customer 16:01:00 到了
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("no_soothing", "no_plan", "no_follow_up")


class Params(CheckParams, frozen=True):
    """Phrase groups of a complaint and of its handling."""

    complaints: tuple[str, ...] = ("complaint/raised",)
    displeased: tuple[str, ...] = ("feel/angry", "feel/mild", "feel/threat")
    """In a message that shows displeasure these words make it a complaint."""
    praise: tuple[str, ...] = ("calm/thanks", "calm/laughter")
    courier: tuple[str, ...] = ("complaint/courier",)
    shop: tuple[str, ...] = ("complaint/shop",)
    """Who names the courier and nothing of the shop's complains of the courier alone."""
    soothing: tuple[str, ...] = ("soothe/feeling", "soothe/own_fault", "soothe/inconvenience", "soothe/apology")
    plans: tuple[str, ...] = ("complaint/by_when",)
    reports: tuple[str, ...] = ("complaint/report", "complaint/asks_satisfied", "close/check")
    callbacks: tuple[str, ...] = ("complaint/callback",)
    """The agent says when to ask again: the follow-up is agreed."""
    satisfied: tuple[str, ...] = ("end/solved", "end/thanks")
    unsolved: tuple[str, ...] = ("end/unsolved",)
    holding: tuple[str, ...] = ("close/holding",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail with one finding a missing step; facts: ``complaint_message`` and ``words`` (what made it a complaint)."""
    raised = batch.is_customer & (batch.has(*params.complaints) | _displeased(batch, params))
    first = batch.first_in_conversation(raised)
    last_human = batch.last_in_conversation(batch.is_human)
    last_customer = batch.last_in_conversation(batch.is_customer)
    applies = (first >= 0) & (last_human > first)
    spots: list[Spot] = []
    since = np.zeros(len(batch.texts), np.bool_)
    for index in np.flatnonzero(applies).tolist():
        since[int(first[index]) : int(batch.begin[index + 1])] = True
    steps = _Steps(batch, params, since)
    for index in np.flatnonzero(applies).tolist():
        complaint, end = int(first[index]), int(batch.begin[index + 1])
        final = int(last_human[index])
        if final > last_customer[index] and steps.holding[final]:
            applies[index] = False
            continue
        words = batch.spans(complaint, *params.complaints, *params.displeased)
        facts = {
            "complaint_message": batch.number(complaint),
            "words": batch.texts[complaint][words[0].start : words[0].end] if words else "",
        }
        for code, row in steps.missing(complaint, end):
            spots.append(whole(batch, row if row >= 0 else final, code, **facts))
    return judge(batch, spots, applies=applies)


def _displeased(batch: Batch, params: Params) -> Bools:
    """Where episodes of displeasure in plain words begin, not in fun and not about the courier alone."""
    plain = batch.is_customer & batch.has(*params.displeased) & ~batch.has(*params.praise)
    plain &= ~(batch.has(*params.courier) & ~batch.has(*params.shop))
    begins: Bools = np.zeros(len(batch.texts), np.bool_)
    for episode in batch.observe("episodes"):
        if episode.kind == "displeased" and plain[episode.row : episode.last_row + 1].any():
            begins[episode.row] = True
    return begins


class _Steps:
    """What stands in the messages since a complaint; every group is looked for once over all conversations."""

    def __init__(self, batch: Batch, params: Params, since: Bools) -> None:
        human, customer = since & batch.is_human, since & batch.is_customer
        self._batch = batch
        self._human, self._customer = human, customer
        self._soothing = human & batch.has(*params.soothing, within=human)
        self._plans = human & batch.has(*params.plans, within=human)
        self._callbacks = human & batch.has(*params.callbacks, within=human)
        self._reports = human & batch.has(*params.reports, within=human)
        self._satisfied = customer & batch.has(*params.satisfied, within=customer)
        self._satisfied &= ~batch.has(*params.unsolved, within=customer)
        self.holding = batch.has(*params.holding, within=human)

    def missing(self, complaint: int, end: int) -> list[tuple[str, int]]:
        """The steps that are missing, each with the row it is missed at (-1: the last human message)."""
        missing = []
        if not self._soothing[complaint:end].any():
            missing.append(("no_soothing", int(self._batch.next_human[complaint])))
        plans = np.flatnonzero(self._plans[complaint:end])
        if not plans.size:
            missing.append(("no_plan", -1))
        # Without a plan the follow-up is looked for after the first answer.
        since = complaint + int(plans[0]) if plans.size else int(self._batch.next_human[complaint])
        if not (self._callbacks[complaint:end].any() or self._followed_up(since + 1, end)):
            missing.append(("no_follow_up", -1))
        return missing

    def _followed_up(self, begin: int, end: int) -> bool:
        """Whether, after the plan, the agent reports or asks in a later turn, or the customer says it is well."""
        if self._satisfied[begin:end].any():
            return True
        spoken = np.flatnonzero(self._customer[begin:end])
        return bool(spoken.size and self._reports[begin + int(spoken[0]) + 1 : end].any())
