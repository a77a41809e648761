"""Does the shop ask whether all is solved, and how does the chat end?

Why: a case is closed only when the customer confirms or a follow-up was made. Source: D6 [H2]; what counts as an open or
pending end is the labelling guideline's.

The closing check is the first human message that asks whether it is solved or whether there is anything else; in the
customer's first turn 有什么可以帮您 is an opening, not a check. How a chat ends is read from its last words: an
unanswered question leaves it ``open``; thanks or a solved problem are ``confirmed``, unless a callback, a review or another
department is still to come; a bare 好的 with work left is ``pending``.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.observing import CLOSED, ObserverParams, SeenClosing

_CONFIRMED, _PENDING, _OPEN, _UNCLEAR = (CLOSED.index(name) for name in ("confirmed", "pending", "open", "unclear"))


class Params(ObserverParams, frozen=True):
    """Phrase groups of the last words."""

    checks: tuple[str, ...] = ("close/check",)
    outstanding: tuple[str, ...] = ("close/outstanding",)
    callback: tuple[str, ...] = ("close/callback",)
    input_wanted: tuple[str, ...] = ("close/needs_input",)
    own_try: tuple[str, ...] = ("close/dm",)
    thanks: tuple[str, ...] = ("end/thanks",)
    solved: tuple[str, ...] = ("end/solved",)
    no_more: tuple[str, ...] = ("end/no_more",)
    ok: tuple[str, ...] = ("end/ok",)
    unsolved: tuple[str, ...] = ("end/unsolved",)
    questions: tuple[str, ...] = ("ask/question",)
    last_customer_messages: int = 3
    """How many of the customer's last messages are read for thanks or a solved problem."""
    last_human_messages: int = 4
    """How many of the shop's last messages are read for what is still to come."""


def observe(batch: Batch, params: Params) -> SeenClosing:
    """The closing check and the end of each conversation."""
    check = batch.is_human & batch.has(*params.checks) & (batch.last_customer >= 0)
    return SeenClosing(batch.first_in_conversation(check), _ends(batch, params))


def _tail(batch: Batch, mask: Bools, count: int) -> Bools:
    """The last ``count`` rows of ``mask`` in each conversation."""
    so_far = np.cumsum(mask)
    total = np.concatenate([[0], so_far])[batch.begin[1:]]
    tail: Bools = mask & (so_far > total[batch.conversation] - count)
    return tail


def _ends(batch: Batch, params: Params) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    any_of, size = batch.any_in_conversation, len(batch)
    customer_tail = _tail(batch, batch.is_customer, params.last_customer_messages)
    last_customer = batch.last_in_conversation(batch.is_customer)
    last_human = batch.last_in_conversation(batch.is_human)
    at_customer, at_human = np.maximum(last_customer, 0), np.maximum(last_human, 0)
    has_customer, has_human = last_customer >= 0, last_human >= 0

    def last_says(rows: Ints, known: Bools, *groups: str) -> Bools:
        return known & batch.has(*groups)[rows] if len(batch.texts) else np.zeros(size, np.bool_)

    open_asked = np.zeros(size, np.bool_)
    open_asked[batch.conversation[batch.observe("unanswered")]] = True
    content = batch.is_customer & ~batch.has(*params.thanks, *params.no_more, *params.ok, *params.solved)
    hanging = any_of(content & (batch.next_human >= batch.end_of) & (batch.letters >= 2))
    thanked = any_of(customer_tail & batch.has(*params.thanks, *params.solved) & ~batch.has(*params.unsolved))
    done = any_of(customer_tail & batch.has(*params.no_more))
    said_ok = last_says(at_customer, has_customer, *params.ok)
    human_tail = _tail(batch, batch.is_human, params.last_human_messages)
    callback = any_of(human_tail & batch.has(*params.callback))
    outstanding = any_of(human_tail & batch.has(*params.outstanding))
    own_try = last_says(at_human, has_human, *params.own_try)
    input_wanted = last_says(at_human, has_human, *params.input_wanted) & ~last_says(
        at_human, has_human, *params.checks
    )
    unsolved = last_says(at_customer, has_customer, *params.unsolved)

    out = np.full(size, _UNCLEAR, np.int8)
    rules: tuple[tuple[Bools, int], ...] = (
        (open_asked | (hanging & ~thanked) | ~has_human, _OPEN),
        (thanked & ~callback, _CONFIRMED),
        (thanked | (done & callback), _PENDING),
        (done & ~callback, _CONFIRMED),
        (own_try, _PENDING),
        (unsolved, _OPEN),
        (said_ok & outstanding, _PENDING),
        (input_wanted, _OPEN),
        (outstanding, _PENDING),
        (said_ok, _CONFIRMED),
    )
    undecided = np.ones(size, np.bool_)
    for holds, end in rules:
        out[undecided & holds] = end
        undecided &= ~holds
    return out
