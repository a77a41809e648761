"""How likely does the customer leave dissatisfied, and whose case should a person see first?

Why: people read few chats of many; those in which somebody is being lost should come first. Source: D12 [H1]: emotion over
the conversation, threats, repeated contact, tier, order value; the points below are ours [o], set by reasoning, not fitted.

``risk`` is the logistic of a sum of points. Signs are what can be seen: the customer's feelings and whether they return
after a reply, the last words, what the shop gave (a way, an answer, an act, a refund) or only seemed to give (a form letter),
and the shape of the chat. ``priority`` moves risk towards 1 by the stakes: the higher they are, the less of the distance is left.

Codes of ``reasons`` (the raising ones only, strongest first):

* feelings: ``upset``, ``upset_share``, ``tone``, ``upset_after_reply``, ``ends_upset``, ``not_acknowledged``, ``furious``,
  ``leaving``, ``threat``, ``complaint``
* last words: ``still_bad``, ``resigned``, ``unanswered``, ``customer_spoke_last``, ``open_end``
* the shop: ``no_reply``, ``form_letter``, ``refused``, ``vague_promise``, ``sent_away``
* shape: ``asks_again``, ``customer_writes_more``, ``contacted_before``
* stakes (of the priority only): ``valued_customer``, ``high_order_value``, ``low_csat``, ``repeated_case``
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.observing import CLOSED, ObserverParams, SeenRisk

Floats = NDArray[np.float64]
Signs = dict[str, Floats]


class Params(ObserverParams, frozen=True):
    """Points (log-odds) of each sign, named like its code; shares and sizes have their units in the name."""

    angry_words: tuple[str, ...] = ("feel/angry", "feel/threat")
    tone_words: tuple[str, ...] = ("hint/rhetoric", "hint/against", "hint/loud")
    furious_words: tuple[str, ...] = ("risk/furious",)
    leaving_words: tuple[str, ...] = ("risk/leaving",)
    contact_words: tuple[str, ...] = ("risk/contact_us",)
    threats: tuple[str, ...] = ("feel/threat",)
    thanks_words: tuple[str, ...] = ("end/thanks",)
    farewell_words: tuple[str, ...] = ("end/no_more", "end/ok")
    solved_words: tuple[str, ...] = ("end/solved",)
    praise_words: tuple[str, ...] = ("risk/praise",)
    still_bad_words: tuple[str, ...] = ("risk/still_bad",)
    resigned_words: tuple[str, ...] = ("risk/resigned",)
    before_words: tuple[str, ...] = ("risk/again",)
    way_words: tuple[str, ...] = ("risk/way",)
    fact_words: tuple[str, ...] = ("risk/fact",)
    done_words: tuple[str, ...] = ("risk/done",)
    fixed_words: tuple[str, ...] = ("risk/fixed",)
    granted_words: tuple[str, ...] = ("risk/granted",)
    refused_words: tuple[str, ...] = ("risk/refused",)
    form_words: tuple[str, ...] = ("risk/form_letter",)

    base: float = -0.9
    """A chat without any sign."""

    upset: float = 0.8
    """An episode of displeasure; half for worry or haste."""
    upset_share: float = 1.2
    """Times the share of the customer's messages with angry words."""
    upset_after_reply: float = 0.5
    """Angry words after the shop had replied: the reply did not help."""
    ends_upset: float = 0.5
    """Angry words among the customer's last."""
    not_acknowledged: float = 0.1
    """A feeling the shop never acknowledged."""
    tone: float = 0.8
    """Times the share of the customer's messages that challenge, protest or shout."""
    furious: float = 0.5
    """Swears or passes sentence on the company."""
    leaving: float = 0.6
    """Says that this was the last time."""
    threat: float = 0.4
    """Threatens with a complaint, the authorities, the press, a bad review."""
    complaint: float = 0.5
    """The chat is about the company or its people as such."""
    forgiven_share: float = 0.4
    """What all feelings lose where the customer ends with thanks or a solved problem."""

    still_bad: float = 0.8
    """Says after a reply that it did not help."""
    resigned: float = 0.4
    """Gives up among the last words."""
    unanswered: float = 0.4
    """A question or request to which nobody responded."""
    customer_spoke_last: float = 0.3
    """Something other than thanks or a farewell stands last and got no reply."""
    open_end: float = 0.2
    """The chat is left hanging."""
    thanked: float = -1.3
    """Thanks after a reply, among the last words, and no angry words beside."""
    solved: float = -0.5
    """Says after a reply that it is solved."""
    praise: float = -0.8
    """Praises the shop or its people."""
    confirmed: float = -0.5
    """Ends with the customer's confirmation."""

    no_reply: float = 0.8
    """No human reply at all."""
    form_letter: float = 0.5
    """Sent to private messages or a hotline, thanked for feedback, promised improvement: and nothing else."""
    refused: float = 0.3
    """Something cannot be done."""
    vague_promise: float = 0.2
    """Promises without a time."""
    sent_away: float = 0.3
    """Referred to somebody else."""
    way: float = -0.4
    """Told how to do it."""
    done: float = -0.2
    """Something was done for the customer."""
    fixed: float = -0.5
    """The shop says it is fixed."""
    granted: float = -0.4
    """A refund, replacement or goodwill is granted."""

    asks_again: float = 0.4
    """The same question again after a reply."""
    customer_writes_more: float = 0.2
    """The customer writes clearly more than the shop."""
    contacted_before: float = 0.3
    """Says it is not the first time."""

    last_customer_messages: int = 2
    """How many of the customer's messages are the last words."""
    most_reasons: int = 6
    min_repeat_letters: int = 4
    """Shorter messages (在吗) may be repeated without being asked again."""
    writes_more_ratio: float = 1.5
    """Letters of the customer to letters of the shop from which the customer writes clearly more."""

    threat_stake: float = 0.2
    """Stakes: shares of the distance from the risk to 1."""
    contacted_before_stake: float = 0.15
    valued_tiers: tuple[str, ...] = ("gold", "diamond", "vip", "svip", "plus", "platinum")
    """Customer tiers, lower case."""
    valued_customer_stake: float = 0.2
    high_order_value: float = 1000.0
    """Order value in yuan from which the whole stake counts; below it, its share."""
    high_order_value_stake: float = 0.2
    low_csat: float = 2.0
    """Rating (1–5) up to which the customer is known to be dissatisfied."""
    low_csat_stake: float = 0.4
    repeated_case_stake: float = 0.15
    """``meta.earlier_contacts`` (a number the source gives) is above 0."""


def observe(batch: Batch, params: Params) -> SeenRisk:
    """Risk, priority and reasons of each conversation."""
    last = _tail(batch, batch.is_customer, params.last_customer_messages)
    felt = batch.is_customer & batch.has(*params.angry_words)
    felt[[one.row for one in batch.observe("episodes")]] = True
    words = _last_words(batch, params, felt, last)
    well = np.maximum(words["thanked"], words["solved"])
    kept = 1.0 - params.forgiven_share * well
    signs = {
        **{code: value * kept for code, value in _feelings(batch, params, felt, last).items()},
        **words,
        **_shop(batch, params),
        **_shape(batch, params),
    }
    codes = tuple(signs)
    points = np.stack([getattr(params, code) * signs[code] for code in codes], axis=1)
    risk = 1.0 / (1.0 + np.exp(-(params.base + points.sum(axis=1))))
    stakes = _stakes(batch, params, signs)
    held = np.stack(list(stakes.values()), axis=1)
    priority = 1.0 - (1.0 - risk) * np.prod(1.0 - held, axis=1)
    return SeenRisk(risk, priority, _reasons(codes, points, tuple(stakes), held, params.most_reasons))


def _reasons(codes: tuple[str, ...], points: Floats, stakes: tuple[str, ...], held: Floats, most: int) -> list[tuple[str, ...]]:
    """The raising codes of each conversation, strongest first; stakes that are no sign of risk among them."""
    extra = [place for place, code in enumerate(stakes) if code not in codes]
    named = np.asarray([*codes, *(stakes[place] for place in extra)])
    weight = np.concatenate([points, held[:, extra]], axis=1)
    order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
    raises = np.take_along_axis(weight, order, axis=1) > 0
    names: list[str] = named[order[raises]].tolist()
    ends = np.cumsum(raises.sum(axis=1)).tolist()
    return [tuple(names[begin:end]) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


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
        "upset_share": batch.count_in_conversation(felt) / customers,
        "tone": batch.count_in_conversation(customer & batch.has(*params.tone_words)) / customers,
        "furious": any_of(customer & batch.has(*params.furious_words)) * 1.0,
        "leaving": any_of(customer & batch.has(*params.leaving_words)) * 1.0,
        "complaint": complaint[topics.topic],
        "upset_after_reply": any_of(replied) * 1.0,
        "ends_upset": any_of(replied & last) * 1.0,
        "not_acknowledged": missed,
        "threat": any_of(customer & batch.has(*params.threats)) * 1.0,
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
        "still_bad": any_of(bad) * 1.0,
        "resigned": any_of(back & last & batch.has(*params.resigned_words)) * 1.0,
        "unanswered": unanswered * 1.0,
        "customer_spoke_last": any_of(hanging) * 1.0,
        "open_end": (closed == CLOSED.index("open")) * 1.0,
        "thanked": any_of(good & thanks) * 1.0,
        "solved": any_of(good & batch.has(*params.solved_words)) * 1.0,
        "praise": any_of(batch.is_customer & ~felt & batch.has(*params.praise_words)) * 1.0,
        "confirmed": (closed == CLOSED.index("confirmed")) * 1.0,
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
    vague, away = np.zeros(len(batch), np.bool_), np.zeros(len(batch), np.bool_)
    vague[batch.conversation[[one.row for one in batch.observe("promises") if not one.concrete]]] = True
    away[batch.conversation[[one.row for one in batch.observe("transfers") if one.kind == "referral_away"]]] = True
    return {
        "no_reply": ~replied * 1.0,
        "form_letter": (replied & form & ~helps) * 1.0,
        "refused": says(params.refused_words) * 1.0,
        "vague_promise": vague * 1.0,
        "sent_away": away * 1.0,
        "way": way * 1.0,
        "done": done * 1.0,
        "fixed": fixed * 1.0,
        "granted": granted * 1.0,
    }


def _shape(batch: Batch, params: Params) -> Signs:
    customer = batch.is_customer
    size = batch.letters.astype(np.float64)
    wrote = np.bincount(batch.conversation, np.where(customer, size, 0.0), minlength=len(batch))
    answered = np.bincount(batch.conversation, np.where(batch.is_human, size, 0.0), minlength=len(batch))
    turns = batch.count_in_conversation(customer & batch.ends_burst)
    before = batch.any_in_conversation(customer & batch.has(*params.before_words))
    return {
        "asks_again": _asked_again(batch, params) * 1.0,
        "customer_writes_more": ((wrote > answered * params.writes_more_ratio) & (turns > 1)) * 1.0,
        "contacted_before": before * 1.0,
    }


def _asked_again(batch: Batch, params: Params) -> Bools:
    """Conversations in which the customer sends the same words again after a human reply."""
    rows = np.flatnonzero(batch.is_customer & (batch.letters >= params.min_repeat_letters))
    texts = batch.texts
    heard = np.fromiter((hash(texts[row]) for row in rows.tolist()), np.int64, rows.size)
    order = np.lexsort((rows, heard, batch.conversation[rows]))
    rows, heard = rows[order], heard[order]
    same = (heard[1:] == heard[:-1]) & (batch.conversation[rows[1:]] == batch.conversation[rows[:-1]])
    again = np.zeros(len(batch), np.bool_)
    again[batch.conversation[rows[1:][same & (batch.last_human[rows[1:]] > rows[:-1])]]] = True
    return again


def _stakes(batch: Batch, params: Params, signs: Signs) -> Signs:
    """Shares of the distance from the risk to 1, by code."""
    count = len(batch)
    valued, value, rated, repeated = (np.zeros(count) for _ in range(4))
    for index, one in enumerate(batch.conversations):
        if one.customer is not None:
            valued[index] = (one.customer.tier or "").lower() in params.valued_tiers
            value[index] = one.customer.order_value or 0.0
        if one.csat is not None:
            rated[index] = one.csat <= params.low_csat
        if one.meta:
            earlier = one.meta.get("earlier_contacts")
            repeated[index] = isinstance(earlier, (int, float)) and earlier > 0
    return {
        "threat": signs["threat"] * params.threat_stake,
        "contacted_before": signs["contacted_before"] * params.contacted_before_stake,
        "valued_customer": valued * params.valued_customer_stake,
        "high_order_value": np.clip(value / params.high_order_value, 0.0, 1.0) * params.high_order_value_stake,
        "low_csat": rated * params.low_csat_stake,
        "repeated_case": repeated * params.repeated_case_stake,
    }


def _tail(batch: Batch, mask: Bools, count: int) -> Bools:
    """The last ``count`` rows of ``mask`` in each conversation."""
    so_far = np.cumsum(mask)
    total = np.concatenate([[0], so_far])[batch.begin[1:]]
    tail: Bools = mask & (so_far > total[batch.conversation] - count)
    return tail
