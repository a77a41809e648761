"""Where does an agent ask for a review, and how: invited, begged for five stars, paid, pressed?

Why: most shops want the neutral invitation; bought, begged and enforced praise is fraud on the next customer and breaks
the platforms' rules. Source: D2 [o]; kinds of the labelling guideline.

Wish and reason seldom stand in one sentence, so the turn is read as a whole: a reward or a wish for proof (截图发我) in the
turn makes any wish for praise, and any wish to take a review back, a paid one; begging and threats make it a pressed one.
A neutral invitation is bought only by a reward in its own sentence: every turn may speak of coupons. Telling how reviews
are deleted, and answering who asks for that, is no request.
A message counts once, by its gravest kind: ``pressured``, ``paid``, ``ask_five_star``, ``invite``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.matching import Hit
from qaplatform.audit.normalise import mostly_latin
from qaplatform.audit.observing import ObserverParams, SeenSpan

_ENDS = frozenset(".!?;\n。！？；")


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
    """Words of deleting or changing a review; a wish beside them, or a reason, makes them a request."""
    wish: str = "review/wish"
    gift: str = "review/gift"
    """A reward; makes a request for praise in the same turn a paid one."""
    reward: str = "review/reward"
    """A reward that buys a neutral invitation in its sentence."""
    reward_chars: int = 30
    """So far may it stand from the invitation."""
    reward_latin_chars: int = 70
    """So far in a message of Latin letters."""
    proof: str = "review/proof"
    beg: str = "review/beg"
    threat: str = "review/threat"
    how_cue: str = "cue/review_amend"
    how_to: str = "review/how_to"
    """The customer asks how a review is changed."""
    how_messages: int = 8
    """So many messages back may that have been."""


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The requests of human messages, one a message."""
    within = batch.has(params.cue) & batch.is_human
    if not within.any():
        return []
    kinds = (params.pressured, params.paid, params.five_star, params.invite, params.ask, params.undo)
    batch.has(*kinds, within=within)
    has = {group: batch.has(group, within=within) for group in kinds}
    rows = np.flatnonzero(np.logical_or.reduce(list(has.values()))).tolist()
    if not rows:
        return []
    has |= _reasons(batch, rows, params)
    return [
        SeenSpan(row, hit.start, hit.end, kind)
        for row in rows
        for kind, group in _judged(batch, row, has, params)
        for hit in batch.spans(row, group)[:1]
    ]


def _reasons(batch: Batch, rows: list[int], params: Params) -> dict[str, Bools]:
    """What the turns of these messages say beside them, and where customers ask how a review is changed."""
    turns = np.zeros(len(batch.messages), np.bool_)
    for row in rows:
        turns[_turn(batch, row)] = True
    turns &= batch.is_human
    groups = (params.gift, params.proof, params.beg, params.threat, params.wish, params.reward)
    batch.has(*groups, within=turns)
    asks = batch.has(params.how_to, within=batch.has(params.how_cue) & batch.is_customer)
    return {group: batch.has(group, within=turns) for group in groups} | {params.how_to: asks}


def _judged(batch: Batch, row: int, has: Mapping[str, Bools], params: Params) -> list[tuple[str, str]]:
    """Kind and group of a message's request; nothing where it is none."""
    turn = _turn(batch, row)
    if has[params.pressured][row]:
        return [("pressured", params.pressured)]
    told_how = _told_how(batch, row, has, params)
    if has[params.undo][row]:
        if has[params.gift][turn].any():
            return [("paid", params.undo)]
        if has[params.beg][turn].any() or has[params.threat][turn].any():
            return [("pressured", params.undo)]
        if has[params.wish][row] and not told_how:
            return [("pressured", params.undo)]
    if has[params.paid][row]:
        return [("paid", params.paid)]
    return _wished(batch, row, has, params, told_how=told_how)


def _wished(
    batch: Batch, row: int, has: Mapping[str, Bools], params: Params, *, told_how: bool
) -> list[tuple[str, str]]:
    """Kind and group of a wish that is harmless by itself, by what else stands in its turn."""
    turn = _turn(batch, row)
    wish = next((group for group in (params.five_star, params.ask) if has[group][row]), None)
    if wish is not None:
        if has[params.beg][turn].any() or has[params.threat][turn].any():
            return [("pressured", wish)]
        if has[params.gift][turn].any() or has[params.proof][turn].any():
            return [("paid", wish)]
        if wish == params.five_star and not told_how:
            return [("ask_five_star", wish)]
    if not has[params.invite][row]:
        return []
    return [("paid" if has[params.reward][row] and _bought(batch, row, params) else "invite", params.invite)]


def _bought(batch: Batch, row: int, params: Params) -> bool:
    """Whether a reward stands in the sentence of an invitation."""
    text, rewards = batch.texts[row], batch.spans(row, params.reward)
    most_chars = params.reward_latin_chars if mostly_latin(text) else params.reward_chars
    return any(
        _one_sentence(text, sorted((one, reward), key=lambda hit: hit.start), most_chars)
        for one in batch.spans(row, params.invite)
        for reward in rewards
    )


def _one_sentence(text: str, hits: list[Hit], most_chars: int) -> bool:
    return all(
        after.start - before.end <= most_chars and _ENDS.isdisjoint(text[before.end : after.start])
        for before, after in pairwise(hits)
    )


def _told_how(batch: Batch, row: int, has: Mapping[str, Bools], params: Params) -> bool:
    first = max(row - params.how_messages, int(batch.begin[batch.conversation[row]]))
    return bool(has[params.how_to][first:row].any())


def _turn(batch: Batch, row: int) -> slice:
    """The messages of the row's turn, from the customer's message before it to the one after."""
    first = max(int(batch.last_customer[row]), int(batch.begin[batch.conversation[row]]))
    return slice(first, int(batch.next_customer[row]))
