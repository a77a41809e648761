"""What raises or lowers the risk of a dissatisfied customer: each sign as one number by conversation.

Part of the observer ``risk``, which gives every sign its points; a sign is 0 where it is absent and 1 where it holds,
shares and sizes lie between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.observing import CLOSED

if TYPE_CHECKING:
    from qaplatform.audit.observers.risk import Params

Floats = NDArray[np.float64]
Signs = dict[str, Floats]


def signs(batch: Batch, params: Params) -> Signs:
    """All signs by code."""
    last = _tail(batch, batch.is_customer, params.last_customer_messages)
    felt = batch.is_customer & batch.has(*params.angry_words)
    felt[[one.row for one in batch.observe("episodes")]] = True
    words = _last_words(batch, params, felt, last)
    kept = 1.0 - params.forgiven_share * np.maximum(words["thanked"], words["solved"])
    return {
        **{code: value * kept for code, value in _feelings(batch, params, felt, last).items()},
        **words,
        **_shop(batch, params),
        **_shape(batch, params),
    }


def _number(holds: Bools) -> Floats:
    return holds.astype(np.float64)


def _feelings(batch: Batch, params: Params, felt: Bools, last: Bools) -> Signs:
    any_of = batch.any_in_conversation
    episodes = batch.observe("episodes")
    upset = np.zeros(len(batch))
    missed = np.zeros(len(batch))
    place = batch.conversation[[one.row for one in episodes]] if episodes else np.empty(0, np.int64)
    np.maximum.at(upset, place, [1.0 if one.kind == "displeased" else 0.5 for one in episodes])
    np.maximum.at(missed, place, [float(one.verdict == "missing") for one in episodes])
    replied = felt & (batch.last_human >= 0)
    customers = np.maximum(batch.count_in_conversation(batch.is_customer), 1)
    customer, topics = batch.is_customer, batch.observe("topic")
    complaint = np.asarray([path[0] == "complaint" for path in topics.paths], np.float64)
    return {
        "upset": upset,
        "upset_share": (batch.count_in_conversation(felt) / customers).astype(np.float64),
        "tone": (batch.count_in_conversation(customer & batch.has(*params.tone_words)) / customers).astype(np.float64),
        "furious": _number(any_of(customer & batch.has(*params.furious_words))),
        "leaving": _number(any_of(customer & batch.has(*params.leaving_words))),
        "complaint": complaint[topics.topic],
        "upset_after_reply": _number(any_of(replied)),
        "ends_upset": _number(any_of(replied & last)),
        "not_acknowledged": missed,
        "threat": _number(any_of(customer & batch.has(*params.threats))),
    }


def _last_words(batch: Batch, params: Params, felt: Bools, last: Bools) -> Signs:
    any_of = batch.any_in_conversation
    back = batch.is_customer & (batch.last_human >= 0)
    bad = back & batch.has(*params.still_bad_words)
    thanks = batch.has(*params.thanks_words)
    farewell = thanks | batch.has(*params.farewell_words)
    unanswered = np.zeros(len(batch), np.bool_)
    unanswered[batch.conversation[batch.observe("unanswered")]] = True
    closed = batch.observe("closing").closed
    good = back & last & ~felt & ~bad
    hanging = back & ~farewell & (batch.next_human >= batch.end_of) & (batch.letters > 1)
    return {
        "still_bad": _number(any_of(bad)),
        "resigned": _number(any_of(back & last & batch.has(*params.resigned_words))),
        "unanswered": _number(unanswered),
        "customer_spoke_last": _number(any_of(hanging)),
        "open_end": _number(closed == CLOSED.index("open")),
        "thanked": _number(any_of(good & thanks)),
        "solved": _number(any_of(good & batch.has(*params.solved_words))),
        "praise": _number(any_of(batch.is_customer & ~felt & batch.has(*params.praise_words))),
        "confirmed": _number(closed == CLOSED.index("confirmed")),
    }


def _shop(batch: Batch, params: Params) -> Signs:
    human = batch.is_human & (batch.letters > 0)

    def says(groups: tuple[str, ...]) -> Bools:
        return batch.any_in_conversation(human & batch.has(*groups))

    contact = batch.has(*params.contact_words)
    way = batch.any_in_conversation(human & batch.has(*params.way_words) & ~contact)
    done, fixed = says(params.done_words), says(params.fixed_words)
    granted, form = says(params.granted_words), says(params.form_words)
    fact = batch.any_in_conversation(human & batch.has(*params.fact_words) & ~contact)
    helps = way | done | fixed | granted | fact
    replied = batch.any_in_conversation(human)

    def at(rows: list[int]) -> Floats:
        holds = np.zeros(len(batch))
        if rows:
            holds[batch.conversation[rows]] = 1.0
        return holds

    return {
        "no_reply": _number(~replied),
        "form_letter": _number(replied & form & ~helps),
        "refused": _number(says(params.refused_words)),
        "blunt": at([one.row for one in batch.observe("blunt")]),
        "vague_promise": at([one.row for one in batch.observe("promises") if not one.concrete]),
        "sent_away": at([one.row for one in batch.observe("transfers") if one.kind == "referral_away"]),
        "way": _number(way),
        "done": _number(done),
        "fixed": _number(fixed),
        "granted": _number(granted),
    }


def _shape(batch: Batch, params: Params) -> Signs:
    customer = batch.is_customer
    size = batch.letters.astype(np.float64)
    wrote = np.bincount(batch.conversation, np.where(customer, size, 0.0), minlength=len(batch))
    answered = np.bincount(batch.conversation, np.where(batch.is_human, size, 0.0), minlength=len(batch))
    turns = batch.count_in_conversation(customer & batch.ends_burst)
    before = batch.any_in_conversation(customer & batch.has(*params.before_words))
    return {
        "asks_again": _number(_asked_again(batch, params)),
        "long_chat": np.clip((turns / params.long_turns - 1 / 3) * 1.5, 0.0, 1.0),
        "customer_writes_more": _number((wrote > answered * params.writes_more_ratio) & (turns > 1)),
        "contacted_before": _number(before),
    }


def _asked_again(batch: Batch, params: Params) -> Bools:
    """Conversations in which the customer sends the same words again after a human reply."""
    rows = _alike(
        np.flatnonzero(batch.is_customer & (batch.letters >= params.min_repeat_letters)), batch, batch.letters
    )
    texts = batch.texts
    heard = np.zeros(len(texts), np.int64)
    heard[rows] = [hash(texts[row]) for row in rows.tolist()]
    rows = _alike(rows, batch, heard)
    earlier, later = rows[:-1], rows[1:]
    same = (heard[earlier] == heard[later]) & (batch.conversation[earlier] == batch.conversation[later])
    again = np.zeros(len(batch), np.bool_)
    again[batch.conversation[later[same & (batch.last_human[later] > earlier)]]] = True
    return again


def _alike(rows: Ints, batch: Batch, value: Ints) -> Ints:
    """Those of the rows whose value another one of their conversation has too, by conversation, value and row."""
    rows = rows[np.lexsort((rows, value[rows], batch.conversation[rows]))]
    same = (np.diff(value[rows]) == 0) & (np.diff(batch.conversation[rows]) == 0)
    return rows[np.append(same, [False]) | np.insert(same, 0, [False])] if rows.size else rows


def _tail(batch: Batch, mask: Bools, count: int) -> Bools:
    """The last ``count`` rows of ``mask`` in each conversation."""
    so_far = np.cumsum(mask)
    total = np.concatenate([[0], so_far])[batch.begin[1:]]
    tail: Bools = mask & (so_far > total[batch.conversation] - count)
    return tail
