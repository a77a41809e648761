"""Did the agent use words that the rubric forbids?

Why: some words cost more than any rule about tone explains; every team has its own list and its own exceptions.
Source: D2 [H0, o].

The words are phrase groups of the rubric. A hit is forgiven where an exempting group stands in the same message, no
farther than ``within_chars`` characters away (0: it touches or overlaps the hit). Automatic replies and notes are
not judged.

Fires:
    customer 10:00:00 能便宜点吗
    agent    10:00:10 不可能
Silent:
    customer 10:00:00 会不会坏呀
    agent    10:00:10 不可能让您吃亏的,一年内坏了都换新
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.matching import Hit

CODES = ("forbidden_words",)


class Params(CheckParams, frozen=True):
    """What is forbidden, and what forgives it."""

    groups: tuple[str, ...] = ("forbidden",)
    exempting_groups: tuple[str, ...] = ()
    within_chars: int = 0
    """Between a hit and the exempting words at most so many characters of the original text."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``forbidden_words`` on every such word; not applicable where no person wrote."""
    rows = np.flatnonzero(batch.has(*params.groups, within=batch.is_human) & batch.is_human)
    exempting = (
        batch.has(*params.exempting_groups, within=batch.is_human)[rows] if params.exempting_groups else rows < 0
    )
    findings: list[Spot] = []
    for row, maybe in zip(rows.tolist(), exempting.tolist(), strict=True):
        covers = batch.spans(row, *params.exempting_groups) if maybe else ()
        findings += [
            Spot(row, hit.start, hit.end, "forbidden_words")
            for hit in batch.spans(row, *params.groups)
            if not any(_gap_chars(hit, cover) <= params.within_chars for cover in covers)
        ]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))


def _gap_chars(one: Hit, other: Hit) -> int:
    """Characters between two spans; 0 or less where they touch or overlap."""
    return max(one.start, other.start) - min(one.end, other.end)
