"""After words of one kind from the customer, does the reply bring words of a second kind before words of a third?

Why: what comes first decides how the rest is read: a word of sympathy before the solution, the greeting before the
sales talk. Source: D3 [H0, H2], generalised [o].

Judged is the reply turn: all a person writes between the customer's message and the customer's next one; a burst of the
customer counts once. A reply without words of the third kind is silent, whatever else it says.

Fires:
    customer 10:00:00 气死我了
    agent    10:00:20 给您登记退款
    agent    10:00:40 非常抱歉
Silent:
    customer 10:00:00 气死我了
    agent    10:00:20 非常抱歉,马上给您登记退款
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Ints
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("too_late", "missing")


class Params(CheckParams, frozen=True):
    """Phrase groups: what the customer says, what must come first, what may only follow."""

    occasion_groups: tuple[str, ...] = ("occasion",)
    first_groups: tuple[str, ...] = ("first_words",)
    then_groups: tuple[str, ...] = ("then_words",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings on the words that came too early: ``too_late`` where the first words follow, ``missing`` where not."""
    human = batch.is_human
    occasions = np.flatnonzero(batch.has(*params.occasion_groups, within=batch.is_customer) & batch.is_customer)
    replies = batch.next_human[occasions]
    replies = np.unique(replies[replies < batch.end_of[occasions]])
    ends = batch.next_customer[replies]
    then_rows = np.flatnonzero(batch.has(*params.then_groups, within=human) & human)
    first_rows = np.flatnonzero(batch.has(*params.first_groups, within=human) & human)
    then_row, first_row = _next(then_rows, replies, ends), _next(first_rows, replies, ends)
    applies = np.zeros(len(batch), np.bool_)
    applies[batch.conversation[replies[then_row >= 0]]] = True
    early = (then_row >= 0) & ((first_row < 0) | (first_row >= then_row))
    findings: list[Spot] = []
    for then, first in zip(then_row[early].tolist(), first_row[early].tolist(), strict=True):
        words = batch.spans(then, *params.then_groups)[0]
        if first == then and batch.spans(first, *params.first_groups)[0].start <= words.start:
            continue
        findings.append(Spot(then, words.start, words.end, "missing" if first < 0 else "too_late"))
    return judge(batch, findings, applies=applies)


def _next(rows: Ints, begins: Ints, ends: Ints) -> Ints:
    """For each stretch ``begin`` ≤ row < ``end`` the first of the sorted ``rows`` in it, else -1."""
    if not rows.size:
        return np.full(begins.size, -1, np.int64)
    at = np.searchsorted(rows, begins)
    found = rows[np.minimum(at, rows.size - 1)]
    return np.where((at < rows.size) & (found < ends), found, -1)
