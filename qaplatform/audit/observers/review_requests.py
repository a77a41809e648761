"""Where does an agent ask for a review, and how: invited, begged for five stars, paid, pressed?

Why: most shops want the neutral invitation; bought, begged and enforced praise is fraud on the next customer and breaks
the platforms' rules. Source: D2 [o]; kinds of the labelling guideline.

Wish and reason seldom stand in one sentence, so the turn is read as a whole: a reward or a wish for proof (截图发我) in the
turn makes any wish for praise, and any wish to take a review back, a paid one; begging and threats make it a pressed one.
A message counts once, by its gravest kind: ``pressured``, ``paid``, ``ask_five_star``, ``invite``.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """Phrase groups of the kinds, and what makes a request a paid or a pressed one."""

    cue: str = "cue/review"
    pressured: str = "review/pressured"
    paid: str = "review/paid"
    five_star: str = "review/five_star"
    invite: str = "review/invite"
    ask: str = "review/ask"
    """A wish for praise, pictures or words that is harmless without a reason in its turn."""
    undo: str = "review/undo"
    """A wish that a review be deleted or changed: pressed, unless the customer asked how that is done."""
    gift: str = "review/gift"
    """A reward; makes a request in the same turn a paid one."""
    proof: str = "review/proof"
    beg: str = "review/beg"
    threat: str = "review/threat"
    how_to: str = "review/how_to"


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The requests of human messages, one a message."""
    within = batch.has(params.cue) & batch.is_human
    if not within.any():
        return []
    groups = (params.pressured, params.paid, params.five_star, params.invite, params.ask, params.undo)
    has = {group: batch.has(group, within=within) for group in groups}
    return [
        SeenSpan(row, hit.start, hit.end, kind)
        for row in np.flatnonzero(np.logical_or.reduce(list(has.values()))).tolist()
        for kind, group in _judged(batch, row, has, params)
        for hit in batch.spans(row, group)[:1]
    ]


def _judged(batch: Batch, row: int, has: dict[str, Bools], params: Params) -> list[tuple[str, str]]:
    """Kind and group of a message's request; nothing where it is none."""
    turn = _turn(batch, row)
    if has[params.pressured][row]:
        return [("pressured", params.pressured)]
    if has[params.undo][row]:
        if batch.has(params.gift, within=turn).any():
            return [("paid", params.undo)]
        asked = int(batch.last_customer[row])
        if asked < 0 or not batch.spans(asked, params.how_to) or batch.has(params.beg, within=turn).any():
            return [("pressured", params.undo)]
    if has[params.paid][row]:
        return [("paid", params.paid)]
    return _wished(batch, row, turn, has, params)


def _wished(batch: Batch, row: int, turn: Bools, has: dict[str, Bools], params: Params) -> list[tuple[str, str]]:
    """Kind and group of a wish that is harmless by itself, by what else stands in its turn."""
    wish = next((group for group in (params.five_star, params.ask, params.invite) if has[group][row]), None)
    if wish is None:
        return []
    praise = wish != params.invite
    if praise and batch.has(params.beg, params.threat, within=turn).any():
        return [("pressured", wish)]
    if batch.has(params.gift, within=turn).any() or (praise and batch.has(params.proof, within=turn).any()):
        return [("paid", wish)]
    if wish == params.five_star:
        return [("ask_five_star", wish)]
    return [("invite", params.invite)] if has[params.invite][row] else []


def _turn(batch: Batch, row: int) -> Bools:
    """The human messages of the row's turn, from the customer's message before it to the one after."""
    mask = np.zeros(len(batch.messages), np.bool_)
    first = max(int(batch.last_customer[row]), int(batch.begin[batch.conversation[row]]))
    stop = int(batch.next_customer[row])
    mask[first:stop] = batch.is_human[first:stop]
    return mask
