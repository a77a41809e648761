"""How likely does the customer leave dissatisfied, and whose case should a person see first?

Why: people read few chats of many; those in which somebody is being lost come first. Source: D12 [H1] (emotion,
threats, repeated contact, tier, order value); the points are ours [o], set by reasoning, round, fitted to nothing.

``risk`` is the logistic of a sum of points. What counts is what can be seen: the customer's feelings and whether they
return after a reply, the last words, what the shop gave (a way, an answer, an act, a refund) or only seemed to give (a
form letter), and the shape of the chat. Feelings fade where the customer ends with thanks or a solved problem.
``priority`` goes from the risk towards 1: each stake takes its share of the distance that is left.

Codes of ``reasons`` (only what raises, strongest first):

* feelings: ``upset``, ``upset_share``, ``tone``, ``upset_after_reply``, ``ends_upset``, ``not_acknowledged``,
  ``furious``, ``leaving``, ``threat``, ``complaint``
* last words: ``still_bad``, ``resigned``, ``unanswered``, ``customer_spoke_last``, ``open_end``
* the shop: ``no_reply``, ``form_letter``, ``refused``, ``blunt``, ``vague_promise``, ``sent_away``
* shape: ``asks_again``, ``long_chat``, ``customer_writes_more``, ``contacted_before``
* stakes, of the priority only: ``valued_customer``, ``high_order_value``, ``low_csat``, ``repeated_case``
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.observers._risk_signs import Floats, Signs, signs
from qaplatform.audit.observing import ObserverParams, SeenRisk


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
    confirmed: float = -0.3
    """Ends with the customer's confirmation; a routine 没有了 says little."""

    no_reply: float = 0.8
    """No human reply at all."""
    form_letter: float = 0.5
    """Sent to private messages or a hotline, thanked for feedback, promised improvement: and nothing else."""
    refused: float = 0.3
    """Something cannot be done."""
    blunt: float = 0.4
    """Wording that starts a fight."""
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
    long_chat: float = 0.5
    """Back and forth for many turns; the whole of it from ``long_turns``."""
    customer_writes_more: float = 0.2
    """The customer writes clearly more than the shop."""
    contacted_before: float = 0.3
    """Says it is not the first time."""

    last_customer_messages: int = 2
    """How many of the customer's messages are the last words."""
    most_reasons: int = 6
    long_turns: int = 15
    """Customer turns (bursts) of a chat that is long in full; a third of them is not long at all."""
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
    seen = signs(batch, params)
    codes = tuple(seen)
    points = np.stack([getattr(params, code) * seen[code] for code in codes], axis=1)
    risk = 1.0 / (1.0 + np.exp(-(params.base + points.sum(axis=1))))
    stakes = _stakes(batch, params, seen)
    held = np.stack(list(stakes.values()), axis=1)
    stake = 1.0 - np.prod(1.0 - held, axis=1)
    priority = risk + (1.0 - risk) * stake
    reasons = _reasons(codes, points, tuple(stakes), held, params.most_reasons)
    return SeenRisk(risk, priority, reasons, seen, stake)


def _reasons(
    codes: tuple[str, ...], points: Floats, stakes: tuple[str, ...], held: Floats, most: int
) -> list[tuple[str, ...]]:
    """The raising codes of each conversation, strongest first; stakes that are no sign of risk among them."""
    extra = [place for place, code in enumerate(stakes) if code not in codes]
    named = np.asarray([*codes, *(stakes[place] for place in extra)])
    weight = np.concatenate([points, held[:, extra]], axis=1)
    order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
    raises = np.take_along_axis(weight, order, axis=1) > 0
    names: list[str] = named[order[raises]].tolist()
    ends = np.cumsum(raises.sum(axis=1)).tolist()
    return [tuple(names[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


def _stakes(batch: Batch, params: Params, seen: Signs) -> Signs:
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
        "threat": seen["threat"] * params.threat_stake,
        "contacted_before": seen["contacted_before"] * params.contacted_before_stake,
        "valued_customer": valued * params.valued_customer_stake,
        "high_order_value": np.clip(value / params.high_order_value, 0.0, 1.0) * params.high_order_value_stake,
        "low_csat": rated * params.low_csat_stake,
        "repeated_case": repeated * params.repeated_case_stake,
    }
