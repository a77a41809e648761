"""Does the shop ask again for what the customer already gave?

Why: whoever must tell the story twice feels that nobody listens; after a transfer most of all. Source: D5 [H0, H2].

Confirming what was given, asking with a reason (unreadable, masked, a second order) and asking after the customer
changed it are no faults. A customer's own protest (刚不是发了吗) right after the question settles doubtful cases.

Fires:
    customer 10:00:00 收到少了一包 单号 P20261008771
    agent    10:00:20 您好,请提供一下订单号
    customer 10:00:40 刚不是发了吗
Silent:
    customer 10:00:00 收到少了一包 单号 P20261008771
    agent    10:00:20 您好,单号P20261008771这单对吗
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("asked_again",)

_ITEMS = {
    "order_number": ("asks_order_number", "gave_order_number"),
    "phone": ("asks_phone", "gave_phone"),
    "address": ("asks_address", "gave_address"),
    "picture": ("asks_picture", "gave_picture"),
    "video": ("asks_video", "gave_video"),
}


class Params(CheckParams, frozen=True):
    """Things that can be given: item → (group that asks for it, group that gives it)."""

    items: Mapping[str, tuple[str, str]] = msgspec.field(default_factory=lambda: dict(_ITEMS))
    problem_group: str = "asks_problem"
    """Asking what is wrong: a fault only of somebody who took over after it was told."""
    told_letters: int = 6
    """A customer message of this many letters before a transfer tells the problem."""
    reason_groups: tuple[str, ...] = ("asks_again_with_reason",)
    change_groups: tuple[str, ...] = ("changes_mind",)
    protest_groups: tuple[str, ...] = ("already_said",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``asked_again`` on the words that ask; facts: the item and where it was given."""
    explained = batch.has(*params.reason_groups)
    human = batch.is_human & ~explained
    changes = np.concatenate([[0], np.cumsum(batch.has(*params.change_groups) & batch.is_customer)])
    protests = batch.has(*params.protest_groups) & batch.is_customer
    findings: list[Spot] = []
    touched = batch.any_in_conversation(explained & batch.is_human)
    for item, (asks, gives) in params.items.items():
        asking, given = batch.has(asks) & human, batch.has(gives) & batch.is_customer
        touched |= batch.any_in_conversation(asking | given)
        rows = np.flatnonzero(asking)
        source = batch.last_of(given)[rows]
        again = (source >= 0) & (changes[rows] == changes[np.maximum(source, 0)])
        for row, origin in zip(rows[again].tolist(), source[again].tolist(), strict=True):
            findings.append(_spot(batch, row, asks, item=item, given_in=batch.number(origin)))
    findings += _problem_again(batch, params, human)
    asked = {spot.row for spot in findings}
    questions = batch.has(*(asks for asks, _ in params.items.values()))
    for row in np.flatnonzero(_protested(batch, protests) & questions & human).tolist():
        if row not in asked:
            findings.append(Spot(row, 0, len(batch.texts[row]), "asked_again", {"item": "protested"}))
    for spot in findings:
        touched[batch.conversation[spot.row]] = True
    return judge(batch, findings, applies=touched & batch.any_in_conversation(batch.is_human))


def _protested(batch: Batch, protests: Bools) -> Bools:
    """Rows whose next customer message protests that it was said already."""
    following = np.minimum(batch.next_customer, max(len(protests) - 1, 0))
    return (batch.next_customer < batch.end_of) & protests[following] if len(protests) else protests


def _problem_again(batch: Batch, params: Params, human: Bools) -> list[Spot]:
    """Somebody who took over asks what is wrong although the customer had told it before."""
    findings: list[Spot] = []
    told = batch.is_customer & (batch.letters >= params.told_letters)
    for row in np.flatnonzero(batch.has(params.problem_group) & human).tolist():
        before, begin = int(batch.last_human[row]), int(batch.begin[batch.conversation[row]])
        if before < 0:
            continue
        moved = batch.is_transfer[begin:row].any() or batch.agent(before) != batch.agent(row)
        earlier = np.flatnonzero(told[begin : before + 1])
        if moved and earlier.size and batch.first_in_conversation(batch.is_human)[batch.conversation[row]] < row:
            findings.append(_spot(batch, row, params.problem_group, item="problem", given_in=int(earlier[0])))
    return findings


def _spot(batch: Batch, row: int, group: str, *, item: str, given_in: int) -> Spot:
    spans = batch.spans(row, group)
    start, end = (spans[0].start, spans[0].end) if spans else (0, len(batch.texts[row]))
    return Spot(row, start, end, "asked_again", {"item": item, "given_in": given_in})
