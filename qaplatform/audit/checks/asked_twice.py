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

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec
import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole

CODES = ("asked_again",)

_ITEMS = {
    "order_number": ("asks_order_number", "gave_order_number"),
    "tracking_number": ("asks_tracking", "gave_tracking"),
    "phone": ("asks_phone", "gave_phone"),
    "address": ("asks_address", "gave_address"),
    "picture": ("asks_picture", "gave_picture"),
    "video": ("asks_video", "gave_video"),
    "measurements": ("asks_body", "gave_body"),
    "girth": ("asks_measure", "gave_measure"),
    "age": ("asks_age", "gave_age"),
    "size": ("asks_size", "gave_size"),
    "area": ("asks_area", "gave_area"),
    "budget": ("asks_budget", "gave_budget"),
    "skin": ("asks_skin", "gave_skin"),
    "quantity": ("asks_quantity", "gave_quantity"),
    "carrier": ("asks_carrier", "gave_carrier"),
    "account": ("asks_account", "gave_account"),
    "used_for": ("asks_used_for", "gave_used_for"),
    "wish": ("asks_wish", "gave_wish"),
    "flavour": ("asks_flavour", "gave_flavour"),
    "device": ("asks_device", "gave_device"),
    "purpose": ("asks_use", "gave_use"),
    "missing": ("asks_missing", "gave_missing"),
    "started": ("asks_started", "gave_started"),
    "name": ("asks_name", "gave_name"),
    "invoice_title": ("asks_invoice_title", "gave_invoice_title"),
    "tax_number": ("asks_tax_number", "gave_tax_number"),
    "email": ("asks_email", "gave_email"),
    "purchase_date": ("asks_bought_when", "gave_bought_when"),
    "model": ("asks_model", "gave_model"),
    "colour": ("asks_colour", "gave_colour"),
    "reason": ("asks_reason", "gave_reason"),
}


_KINDS = {"image": "picture", "card": "order_number"}
# An answer to a question for these shows what it is; 等我找找 is none.
_NEEDS_PROOF = frozenset(
    (
        "order_number",
        "tracking_number",
        "phone",
        "address",
        "picture",
        "video",
        "tax_number",
        "email",
        "reason",
        "account",
    )
)
_DIGITS = re.compile(r"\d{4,}")


class Params(CheckParams, frozen=True):
    """Things that can be given: item → (group that asks for it, group that gives it)."""

    items: Mapping[str, tuple[str, str]] = msgspec.field(default_factory=lambda: dict(_ITEMS))
    mention_groups: tuple[str, ...] = ("mentions_item",)
    """Cheap signs that an agent may be asking for one of the items; nothing else is searched for questions."""
    other_kinds: tuple[tuple[str, str], ...] = (
        ("asks_recipient_phone", "gave_buyer_phone"),
        ("asks_buyer_phone", "gave_recipient_phone"),
    )
    """Items of several kinds: a question of the first group is not answered by a message of the second."""
    kinds: Mapping[str, str] = msgspec.field(default_factory=lambda: dict(_KINDS))
    """Kinds of message that are an item: a picture, a card of an order."""
    view_items: tuple[str, ...] = ("picture", "video")
    view_groups: tuple[str, ...] = ("another_view",)
    """Names something that other pictures do not show; a new thing unless the customer spoke of it."""
    hesitation_groups: tuple[str, ...] = ("does_not_answer",)
    """A message that answers no question."""
    problem_group: str = "asks_problem"
    """Asking what is wrong: a fault only of somebody who took over after it was told."""
    told_letters: int = 6
    """A customer message of this many letters before a transfer tells the problem."""
    question_groups: tuple[str, ...] = ("asks_something",)
    """Any question: without one, and with nothing given, the criterion does not apply."""
    demand_groups: tuple[str, ...] = ("asks_to_give",)
    """Asking the customer to tell or send something: a fault where the customer protests that it was said."""
    reason_groups: tuple[str, ...] = ("asks_again_with_reason",)
    change_groups: tuple[str, ...] = ("changes_mind",)
    protest_groups: tuple[str, ...] = ("already_said",)
    protest_letters: int = 30
    """Longer messages tell a story of which 说过了 is a part."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``asked_again`` on the words that ask; facts: the item and where it was given."""
    human, customer = batch.is_human, batch.is_customer
    mentions = batch.has(*params.mention_groups) & human
    answers = customer & (batch.next_of(mentions) < batch.end_of)
    given = {item: batch.has(gives, within=answers) for item, (_, gives) in params.items.items()}
    for kind, item in params.kinds.items():
        if item in given:
            given[item] = given[item] | (answers & _of_kind(batch, kind, answers))
    cheap = [gives for _, gives in params.items.values() if gives not in batch.matcher.asked]
    anything = customer & batch.has(*cheap)
    told = customer & (batch.letters >= params.told_letters)
    took_over = _took_over(batch, told)
    short = customer & (batch.letters <= params.protest_letters)
    protested = _protested(batch, batch.has(*params.protest_groups) & short) & human
    doubtful = (mentions & (batch.last_of(customer) >= 0)) | took_over | protested
    doubtful &= ~batch.has(*params.reason_groups, within=doubtful)
    findings = _items_again(batch, params, given, mentions, doubtful)
    found = {spot.row for spot in findings}
    for row in np.flatnonzero(batch.has(params.problem_group, within=doubtful & (took_over | protested))).tolist():
        if row not in found:
            findings.append(_spot(batch, row, params.problem_group, {"item": "problem"}))
            found.add(row)
    for row in np.flatnonzero(batch.has(*params.demand_groups, within=doubtful & protested)).tolist():
        if row not in found:
            findings.append(whole(batch, row, "asked_again", item="protested"))
    touched = batch.any_in_conversation(anything | mentions | took_over | protested)
    asks = human & ~touched[batch.conversation]
    touched |= batch.any_in_conversation(batch.has(*params.question_groups, within=asks))
    spoke = batch.any_in_conversation(customer)
    return judge(batch, findings, applies=touched & batch.any_in_conversation(human) & spoke)


def _of_kind(batch: Batch, kind: str, rows: Bools) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[[row for row in np.flatnonzero(rows).tolist() if batch.messages[row].kind == kind]] = True
    return mask


def _items_again(
    batch: Batch, params: Params, given: Mapping[str, Bools], mentions: Bools, doubtful: Bools
) -> list[Spot]:
    """Items asked for in doubtful rows that the customer gave before, unchanged since; one a row."""
    asked: dict[int, tuple[int, str]] = {}
    for item, (asks, _) in params.items.items():
        source = batch.last_of(given[item])
        questions = np.flatnonzero(batch.has(asks, within=mentions)).tolist()
        answered = _answered(batch, params, questions) if item not in _NEEDS_PROOF else {}
        for row in questions:
            origin = max(int(source[row]), answered.get(row, -1))
            if origin >= 0 and doubtful[row]:
                asked.setdefault(row, (origin, item))
    if not asked:
        return []
    between = np.zeros(len(batch.messages), np.bool_)
    for row, (origin, _) in asked.items():
        between[origin + 1 : row] = True
    changed = batch.has(*params.change_groups, within=between & batch.is_customer)
    askers, answers = _rows(batch, asked), _rows(batch, (origin for origin, _ in asked.values()))
    kinds = [(batch.has(one, within=askers), batch.has(other, within=answers)) for one, other in params.other_kinds]
    return [
        _spot(batch, row, params.items[item][0], {"item": item, "given_in": batch.number(origin)})
        for row, (origin, item) in asked.items()
        if not changed[origin + 1 : row].any()
        and not any(one[row] and other[origin] for one, other in kinds)
        and not _repeats(batch, row, origin)
        and not (item in params.view_items and _new_view(batch, params, row))
    ]


def _answered(batch: Batch, params: Params, questions: list[int]) -> dict[int, int]:
    """Questions of one item that follow an earlier one of the same conversation and its answer → the answer's row."""
    out: dict[int, int] = {}
    for before, row in pairwise(questions):
        answer = int(batch.next_customer[before])
        if batch.conversation[before] != batch.conversation[row] or answer >= row or not batch.letters[answer]:
            continue
        if not batch.has(*params.hesitation_groups, within=_rows(batch, [answer]))[answer]:
            out[row] = answer
    return out


def _repeats(batch: Batch, row: int, origin: int) -> bool:
    """Whether the question holds the number that was given: then it confirms."""
    said = batch.texts[origin]
    return any(match[0] in said for match in _DIGITS.finditer(batch.texts[row]))


def _new_view(batch: Batch, params: Params, row: int) -> bool:
    """Whether a picture of something is wanted that the customer has not spoken of."""
    batch.has(*params.view_groups, within=_rows(batch, [row]))
    views = [batch.texts[row][hit.start : hit.end] for hit in batch.spans(row, *params.view_groups)]
    begin = int(batch.begin[batch.conversation[row]])
    told = "".join(batch.texts[one] for one in range(begin, row) if batch.is_customer[one])
    return any(view not in told for view in views)


def _rows(batch: Batch, rows: Iterable[int]) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[list(rows)] = True
    return mask


def _protested(batch: Batch, protests: Bools) -> Bools:
    """Rows whose next customer message protests that it was said already."""
    following = np.minimum(batch.next_customer, max(len(protests) - 1, 0))
    return (batch.next_customer < batch.end_of) & protests[following] if len(protests) else protests


def _took_over(batch: Batch, told: Bools) -> Bools:
    """Human messages written after a transfer or by another agent than the first, the problem told before."""
    human = batch.is_human
    moved = human & (batch.last_human >= 0) & (batch.last_of(told) >= 0)
    rows = np.flatnonzero(moved & batch.several_agents[batch.conversation])
    main = batch.main_agent
    other = np.zeros(len(human), np.bool_)
    other[[row for row in rows.tolist() if batch.agent(row) != main[int(batch.conversation[row])]]] = True
    after = batch.last_of(batch.is_transfer)
    return moved & (other | ((after >= 0) & (after > batch.first_in_conversation(human)[batch.conversation])))


def _spot(batch: Batch, row: int, group: str, facts: dict[str, object]) -> Spot:
    spans = batch.spans(row, group)
    start, end = (spans[0].start, spans[0].end) if spans else (0, len(batch.texts[row]))
    return Spot(row, start, end, "asked_again", facts)
