"""Does the shop ask for secrets, spell out full sensitive numbers, or give away another customer's data?

Why: a code, a password or a neighbour's phone number in a chat is a loss no apology mends. Source: D10 [H3];
the lists are ours [o].

Order and tracking numbers, hotlines, masked numbers and last digits are no such data; warning a customer never to
give a code is the opposite of asking for it.

Fires:
    customer 10:00:00 绑定不上
    agent    10:00:20 您把刚收到的验证码发给我一下
Silent:
    customer 10:00:00 有人让我报验证码
    agent    10:00:20 我们不会向您要验证码的,任何人要都别给
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("asks_secret", "asks_too_much", "full_number", "another_customer")


class Params(CheckParams, frozen=True):
    """Phrase groups of the faults."""

    secret_cues: tuple[str, ...] = ("cue/secret", "cue/document", "cue/secret_en")
    """Cheap signs: words without one are not searched for the groups that follow. The same holds of the others."""
    secret_groups: tuple[str, ...] = ("asks_secret", "asks_document", "asks_secret_en", "asks_document_en")
    private_cues: tuple[str, ...] = ("cue/private", "cue/secret_en")
    private_groups: tuple[str, ...] = ("asks_private", "asks_private_en")
    digit_cues: tuple[str, ...] = ("cue/digits", "cue/digits_en")
    number_groups: tuple[str, ...] = ("full_id_number", "full_card_number", "full_number_en")
    mention_cues: tuple[str, ...] = ("cue/secret",)
    mention_groups: tuple[str, ...] = ("mentions_code",)
    demand_groups: tuple[str, ...] = ("demands_it",)
    """发我, without saying what: a fault right after a code was spoken of."""
    denial_groups: tuple[str, ...] = ("keeps_it_private", "keeps_it_private_en")
    person_groups: tuple[str, ...] = ("another_person",)
    contact_groups: tuple[str, ...] = ("shop_gives_phone", "shop_gives_house", "names_customer")
    """A person's phone, house or name; a fault beside another person in the same reply turn."""
    other_cues: tuple[str, ...] = ("cue/other_customer", "cue/other_customer_en")
    disclosed_groups: tuple[str, ...] = ("shows_other_customer", "shows_other_customer_en")
    """Another customer's data and the giving of it in one."""
    third_cues: tuple[str, ...] = ("cue/third", "cue/third_en")
    third_groups: tuple[str, ...] = ("asks_of_third", "asks_of_third_en")
    """The customer wants to know what somebody else ordered."""
    tells_groups: tuple[str, ...] = ("tells_of_third", "tells_of_third_en")
    own_phone_groups: tuple[str, ...] = ("spells_own_phone", "spells_own_phone_en")
    phone_groups: tuple[str, ...] = ("shop_gives_phone",)
    house_groups: tuple[str, ...] = ("shop_gives_house",)
    """A phone and a house in one message are somebody's record, unless …"""
    service_groups: tuple[str, ...] = ("service_contact",)
    """… they are the shop's or the courier's."""
    return_groups: tuple[str, ...] = ("wants_return",)
    """Where something is sent back, a phone and a house are the shop's."""
    phone_asked_groups: tuple[str, ...] = ("speaks_of_phone",)
    """The customer speaks of a phone number: then it may be spelled out."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings on the words that ask or give away; see :data:`CODES`."""
    human = batch.is_human
    plain = (
        (params.secret_cues, params.secret_groups, "asks_secret"),
        (params.private_cues, params.private_groups, "asks_too_much"),
        (params.digit_cues, params.number_groups, "full_number"),
        (params.other_cues, params.disclosed_groups, "another_customer"),
    )
    findings = [
        Spot(row, hit.start, hit.end, code)
        for cues, groups, code in plain
        for row in np.flatnonzero(batch.has(*groups, within=batch.has(*cues) & human)).tolist()
        for hit in batch.spans(row, *groups)
    ]
    found = {spot.row for spot in findings}
    rest = (
        (_demands_code(batch, params), params.demand_groups, "asks_secret"),
        (_gives_contact(batch, params), params.contact_groups, "another_customer"),
        (_tells_of_third(batch, params), (*params.tells_groups, *params.house_groups), "another_customer"),
        (_spells_phone(batch, params), (*params.own_phone_groups, *params.phone_groups), "full_number"),
    )
    for rows, groups, code in rest:
        for row in np.flatnonzero(rows).tolist():
            if row not in found:
                found.add(row)
                findings += [Spot(row, hit.start, hit.end, code) for hit in batch.spans(row, *groups)[:1]]
    return judge(batch, findings, applies=batch.any_in_conversation(human))


def _turn(batch: Batch, row: int) -> slice:
    """The rows between the customer's message before and the next one."""
    first = max(int(batch.last_customer[row]) + 1, int(batch.begin[batch.conversation[row]]))
    return slice(first, int(batch.next_customer[row]))


def _demands_code(batch: Batch, params: Params) -> Bools:
    """Rows that say 发我 in a turn in which a code was spoken of, or in the one after."""
    cues = batch.has(*params.mention_cues) & (batch.is_human | batch.is_customer)
    near = np.zeros(len(batch.messages), np.bool_)
    for row in np.flatnonzero(batch.has(*params.mention_groups, within=cues)).tolist():
        said = row if batch.is_customer[row] else min(int(batch.next_customer[row]), int(batch.end_of[row]) - 1)
        answer = int(batch.next_human[said])
        end = int(batch.next_customer[answer]) if answer < batch.end_of[row] else int(batch.end_of[row])
        near[row:end] = True
    demands = batch.has(*params.demand_groups, within=near & batch.is_human)
    return demands & ~batch.has(*params.denial_groups, within=demands)


def _gives_contact(batch: Batch, params: Params) -> Bools:
    """Rows with a phone, a house or a name in a turn that speaks of another customer."""
    out = np.zeros(len(batch.messages), np.bool_)
    for row in np.flatnonzero(batch.has(*params.person_groups) & batch.is_human).tolist():
        out[_turn(batch, row)] = True
    out = batch.has(*params.contact_groups, within=out & batch.is_human)
    return out & ~batch.has(*params.denial_groups, within=out)


def _tells_of_third(batch: Batch, params: Params) -> Bools:
    """Rows that tell what somebody else ordered, in the turns after the customer asked for it.

    Whoever refused once and gives a house away under pressure has told; one the customer named is not given away.
    """
    asked = batch.has(*params.third_groups, within=batch.has(*params.third_cues) & batch.is_customer)
    if not asked.any():
        return asked
    after = (batch.last_of(asked) >= 0) & batch.is_human
    tells = batch.has(*params.tells_groups, within=after)
    houses = batch.has(*params.house_groups, within=after)
    denies = batch.has(*params.denial_groups, within=after)
    refused = batch.last_of(denies)
    out = np.zeros(len(batch.messages), np.bool_)
    for row in np.flatnonzero(tells | houses).tolist():
        told = (tells[row] and refused[row] < 0) or (houses[row] and _is_news(batch, row, params.house_groups))
        out[row] = told and not denies[_turn(batch, row)].any()
    return out


def _is_news(batch: Batch, row: int, groups: tuple[str, ...]) -> bool:
    """Whether the customer did not write these words before."""
    first = int(batch.begin[batch.conversation[row]])
    asked = "\n".join(batch.texts[one] for one in range(first, row) if batch.is_customer[one])
    return any(batch.texts[row][hit.start : hit.end] not in asked for hit in batch.spans(row, *groups))


def _spells_phone(batch: Batch, params: Params) -> Bools:
    """Rows that spell out the customer's full number, which neither stood in the chat nor was asked for."""
    digits = batch.has(*params.digit_cues) & batch.is_human
    record = batch.has(*params.house_groups, within=batch.has(*params.phone_groups, within=digits))
    record &= ~batch.has(*params.service_groups, within=record)
    spelled = batch.has(*params.own_phone_groups, within=digits) | record
    if not spelled.any():
        return spelled
    spoken = batch.last_of(batch.has(*params.phone_asked_groups, within=batch.is_customer))
    returned = batch.last_of(batch.has(*params.return_groups))
    return spelled & (spoken < 0) & ~(record & (returned >= 0))
