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

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("asks_secret", "full_number", "another_customer")


class Params(CheckParams, frozen=True):
    """Phrase groups of the three faults."""

    secret_groups: tuple[str, ...] = ("asks_secret",)
    number_groups: tuple[str, ...] = ("full_id_number", "full_card_number")
    person_groups: tuple[str, ...] = ("another_person",)
    contact_groups: tuple[str, ...] = ("shop_gives_phone", "shop_gives_house")
    """A person's phone or house; a fault beside another person in the same reply turn."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings on the words that ask (``asks_secret``) or give away (``full_number``, ``another_customer``)."""
    findings: list[Spot] = []
    for groups, code in ((params.secret_groups, "asks_secret"), (params.number_groups, "full_number")):
        for row in np.flatnonzero(batch.has(*groups) & batch.is_human).tolist():
            findings += [Spot(row, hit.start, hit.end, code) for hit in batch.spans(row, *groups)]
    person, contact = batch.has(*params.person_groups), batch.has(*params.contact_groups)
    for row in np.flatnonzero(contact & batch.is_human).tolist():
        first, last = int(batch.last_customer[row]) + 1, int(batch.next_customer[row])
        if (person[first:last] & batch.is_human[first:last]).any():
            spans = batch.spans(row, *params.contact_groups)
            findings += [Spot(row, hit.start, hit.end, "another_customer") for hit in spans[:1]]
    return judge(batch, findings, applies=batch.any_in_conversation(batch.is_human))
