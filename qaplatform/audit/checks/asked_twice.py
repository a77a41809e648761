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
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec
import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge, whole
from qaplatform.audit.normalise import mostly_latin

CODES = ("asked_again",)

_ITEMS = {
    "order_number": ("asks_order_number", "gave_order_number"),
    "tracking_number": ("asks_tracking", "gave_tracking"),
    "phone": ("asks_phone", "gave_phone"),
    "address": ("asks_address", "gave_address"),
    "postcode": ("asks_postcode", "gave_postcode"),
    "picture": ("asks_picture", "gave_picture"),
    "video": ("asks_video", "gave_video"),
    "measurements": ("asks_body", "gave_body"),
    "height": ("asks_height", "gave_height"),
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
    "system": ("asks_system", "gave_system"),
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
# What customers give of their own accord.
_TOLD = (
    "order_number", "tracking_number", "phone", "address", "picture", "video", "measurements", "name", "invoice_title",
    "tax_number", "email", "purchase_date", "model", "colour", "reason",
)  # fmt: skip
_MENTIONS = {
    "mentions/number": ("order_number", "tracking_number", "phone", "account"),
    "mentions/person": ("address", "postcode", "name"),
    "mentions/picture": ("picture", "video"),
    "mentions/measure": ("measurements", "height", "girth", "age", "size", "area"),
    "mentions/choice": ("budget", "skin", "quantity", "flavour", "device", "system", "purpose", "model", "colour"),
    "mentions/event": ("carrier", "used_for", "wish", "missing", "started", "purchase_date", "reason"),
    "mentions/invoice": ("invoice_title", "tax_number", "email"),
}
_DIGITS = re.compile(r"\d{4,}")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9@._/-]*[a-z0-9]")
_COUNTS = re.compile(r"\bhow (?:many|much|long|far|often)\b")


class Params(CheckParams, frozen=True):
    """Things that can be given: item → (group that asks for it, group that gives it)."""

    items: Mapping[str, tuple[str, str]] = msgspec.field(default_factory=lambda: dict(_ITEMS))
    mentions: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: dict(_MENTIONS))
    """Cheap signs that an agent may be asking for one of some items; nothing else is searched for questions."""
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
    told_groups: tuple[str, ...] = tuple(_ITEMS[item][1] for item in _TOLD)
    """Without any question, and with none of these given, the criterion does not apply."""
    demand_groups: tuple[str, ...] = ("asks_to_give",)
    """Asking the customer to tell or send something: a fault where the customer protests that it was said."""
    reason_groups: tuple[str, ...] = ("asks_again_with_reason",)
    anew_groups: tuple[str, ...] = ("asks_for_another",)
    """Asking for something new: no fault, unless the customer protests that it was said."""
    change_groups: tuple[str, ...] = ("changes_mind",)
    protest_groups: tuple[str, ...] = ("already_said",)
    protest_letters: int = 30
    """Longer messages tell a story of which 说过了 is a part."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``asked_again`` on the words that ask; facts: the item and where it was given."""
    human, customer = batch.is_human, batch.is_customer
    mentions = batch.has(*params.mentions) & human
    told = customer & (batch.letters >= params.told_letters)
    took_over = _took_over(batch, told)
    short = customer & (batch.letters <= params.protest_letters)
    protested = _protested(batch, batch.has(*params.protest_groups) & short) & human
    again = _items_again(batch, params, mentions)
    again |= {row: (origin, "protested") for row, origin in _said_again(batch, params).items() if row not in again}
    pressed = took_over | protested
    problem = batch.has(params.problem_group, within=pressed)
    demand = batch.has(*params.demand_groups, within=protested)
    doubtful = problem | demand | _rows(batch, again)
    fair = batch.has(*params.reason_groups, within=doubtful)
    fair |= batch.has(*params.anew_groups, within=doubtful & ~protested)
    findings = [
        _spot(batch, row, item, params, {"item": item, "given_in": batch.number(origin)})
        for row, (origin, item) in again.items()
        if not fair[row]
    ]
    found = {spot.row for spot in findings}
    for row in np.flatnonzero((problem | demand) & ~fair).tolist():
        if row not in found and problem[row]:
            findings.append(_spot(batch, row, "problem", params, {"item": "problem"}))
        elif row not in found:
            findings.append(whole(batch, row, "asked_again", item="protested"))
    spoke = batch.any_in_conversation(customer) & batch.any_in_conversation(human)
    touched = batch.any_in_conversation(mentions | pressed)
    for groups, side in ((params.question_groups, human), (params.told_groups, customer)):
        silent = spoke & ~touched
        if silent.any():
            touched |= batch.any_in_conversation(batch.has(*groups, within=side & silent[batch.conversation]))
    return judge(batch, findings, applies=touched & spoke)


def _questions(batch: Batch, params: Params, mentions: Bools) -> dict[str, list[int]]:
    """Rows that ask for an item, of those that mention it."""
    out: dict[str, list[int]] = {}
    for group, items in params.mentions.items():
        near = batch.has(group, within=mentions)
        if not near.any():
            continue
        asking = [params.items[item][0] for item in items]
        if batch.has(*asking, within=near).any():
            rows = ((item, batch.has(asks, within=near)) for item, asks in zip(items, asking, strict=True))
            out |= {item: np.flatnonzero(mask).tolist() for item, mask in rows if mask.any()}
    return out


def _given(batch: Batch, params: Params, questions: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Customer messages that give an item which is asked for later in the conversation."""
    kinds = {item: kind for kind, item in params.kinds.items()}
    out = {}
    for item, rows in questions.items():
        before = np.zeros(len(batch.messages), np.bool_)
        for row in rows:
            before[batch.begin[batch.conversation[row]] : row] = True
        before &= batch.is_customer
        gives = batch.has(params.items[item][1], within=before)
        if item in kinds:
            of_kind = [row for row in np.flatnonzero(before).tolist() if batch.messages[row].kind == kinds[item]]
            gives = gives | _rows(batch, of_kind)
        out[item] = np.flatnonzero(gives).tolist()
    return out


def _items_again(batch: Batch, params: Params, mentions: Bools) -> dict[int, tuple[int, str]]:
    """Rows that ask for an item the customer gave before, unchanged since → where it was given, and the item."""
    asked: dict[int, tuple[int, str]] = {}
    questions = _questions(batch, params, mentions)
    given = _given(batch, params, questions)
    for item in sorted(questions, key=list(params.items).index):
        rows, source = questions[item], given[item]
        answered = _answered(batch, params, rows) if item not in _NEEDS_PROOF else {}
        for row in rows:
            place = bisect_left(source, row) - 1
            last = source[place] if place >= 0 else -1
            origin = max(last if last >= batch.begin[batch.conversation[row]] else -1, answered.get(row, -1))
            if origin >= 0:
                asked.setdefault(row, (origin, item))
    if not asked:
        return {}
    between = np.zeros(len(batch.messages), np.bool_)
    for row, (origin, _) in asked.items():
        between[origin + 1 : row] = True
    changed = batch.has(*params.change_groups, within=between & batch.is_customer)
    askers, answers = _rows(batch, asked), _rows(batch, (origin for origin, _ in asked.values()))
    kinds = [(batch.has(one, within=askers), batch.has(other, within=answers)) for one, other in params.other_kinds]
    views = _rows(batch, (row for row, (_, item) in asked.items() if item in params.view_items))
    viewed = batch.has(*params.view_groups, within=views)
    return {
        row: (origin, item)
        for row, (origin, item) in asked.items()
        if not changed[origin + 1 : row].any()
        and not any(one[row] and other[origin] for one, other in kinds)
        and not _repeats(batch, row, origin)
        and not (viewed[row] and _new_view(batch, params, row))
    }


def _said_again(batch: Batch, params: Params) -> dict[int, int]:
    """English questions whose short answer repeats a number or an address the customer had written → where.

    Whatever was asked for, it was there to read.
    """
    after = np.minimum(batch.next_customer, max(len(batch.messages) - 1, 0))
    asks = batch.is_human & (batch.next_customer < batch.end_of) & (batch.letters[after] <= params.protest_letters)
    out: dict[int, int] = {}
    for row in np.flatnonzero(asks & (batch.last_customer >= 0)).tolist():
        answer = batch.texts[int(after[row])]
        if not answer.isascii() or "?" not in batch.texts[row] or "?" in answer or not mostly_latin(batch.texts[row]):
            continue
        folded, question = batch.folded(int(after[row])), batch.folded(row)
        telling = [word for word in _TOKEN.findall(folded) if "@" in word or any(char.isdigit() for char in word)]
        telling = [word for word in telling if (len(word) > 2 or word == folded.strip()) and word not in question]
        if not telling or _COUNTS.search(question):
            continue
        for before in range(row - 1, int(batch.begin[batch.conversation[row]]) - 1, -1):
            if batch.is_customer[before] and not set(telling).isdisjoint(_TOKEN.findall(batch.folded(before))):
                out[row] = before
                break
    return out


def _answered(batch: Batch, params: Params, questions: list[int]) -> dict[int, int]:
    """Questions of one item that follow an earlier one of the same conversation and its answer → the answer's row."""
    out: dict[int, int] = {}
    for before, row in pairwise(questions):
        answer = int(batch.next_customer[before])
        if batch.conversation[before] == batch.conversation[row] and answer < row and batch.letters[answer]:
            out[row] = answer
    if out:
        hesitates = batch.has(*params.hesitation_groups, within=_rows(batch, out.values()))
        out = {row: answer for row, answer in out.items() if not hesitates[answer]}
    return out


def _repeats(batch: Batch, row: int, origin: int) -> bool:
    """Whether the question holds the number that was given: then it confirms."""
    said = batch.texts[origin]
    return any(match[0] in said for match in _DIGITS.finditer(batch.texts[row]))


def _new_view(batch: Batch, params: Params, row: int) -> bool:
    """Whether a picture of something is wanted that the customer has not spoken of."""
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


def _spot(batch: Batch, row: int, item: str, params: Params, facts: dict[str, object]) -> Spot:
    group = params.items[item][0] if item in params.items else params.problem_group
    spans = batch.spans(row, group)
    start, end = (spans[0].start, spans[0].end) if spans else (0, len(batch.texts[row]))
    return Spot(row, start, end, "asked_again", facts)
