"""Before the chat ends, does the agent ask whether it is solved or whether there is anything else?

Why: a case is closed when the customer says so, not when the agent has finished typing. Source: D6 [H2].

Passes as well where the customer clearly confirmed and was thanked or seen off. A question that sells (再拍一件吗) or asks about
something else is no check; one in the middle does not cover a second matter raised after it. Not applicable where
the chat breaks off: nothing was handled yet, the agent is still looking into it, or the customer's question stands last.

Fires:
    customer 10:00:00 水少送了一箱
    agent    10:00:20 给您补一箱,下午送到
    customer 10:00:40 好
    agent    10:00:50 祝您生活愉快,再见
Silent:
    customer 10:00:00 水少送了一箱
    agent    10:00:20 给您补一箱,下午送到
    customer 10:00:40 好
    agent    10:00:50 请问还有其他可以帮您的吗?
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, judge, whole

CODES = ("not_asked",)


class Params(CheckParams, frozen=True):
    """Phrase groups of a chat's last words."""

    checks: tuple[str, ...] = ("close/check",)
    farewells: tuple[str, ...] = ("close/farewell",)
    thanks_back: tuple[str, ...] = ("close/thanks_back", "close/farewell")
    holding: tuple[str, ...] = ("close/holding",)
    greetings: tuple[str, ...] = ("greeting",)
    new_matter: tuple[str, ...] = ("end/new_matter",)
    confirmed: tuple[str, ...] = ("end/solved", "end/thanks")
    acknowledged: tuple[str, ...] = ("end/ok", "end/solved", "end/thanks", "end/no_more")
    unsolved: tuple[str, ...] = ("end/unsolved",)
    greeting_letters: int = 12
    """A greeting of at most this many letters and digits handles nothing."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail with ``not_asked`` on the last human message of a handled chat."""
    human, customer = batch.is_human, batch.is_customer
    last_of = batch.last_in_conversation
    greeting = batch.has(*params.greetings) & (batch.letters <= params.greeting_letters)
    handling = human & ~greeting & (batch.last_customer >= 0)
    words = customer & (batch.letters > 0)
    accepted = customer & batch.has(*params.acknowledged)
    confirmed = customer & batch.has(*params.confirmed) & ~batch.has(*params.unsolved)
    last_human, last_words = last_of(human), last_of(words)
    last_check = last_of(handling & batch.has(*params.checks))
    last_matter = last_of(customer & batch.has(*params.new_matter))
    first_handling = batch.first_in_conversation(handling)

    holding = np.zeros(len(batch), np.bool_)
    known = last_human >= 0
    holding[known] = batch.has(*params.holding)[last_human[known]] & (last_human > last_words)[known]
    answered = (first_handling >= 0) & (last_of(accepted) > first_handling)
    seen_off = last_of(handling & batch.has(*params.farewells)) >= 0
    hanging = (last_words > last_human) & (last_of(accepted | confirmed) < last_words)
    applies = (first_handling >= 0) & (answered | seen_off | (last_check >= 0)) & ~holding & ~hanging

    asked = (last_check >= 0) & ~((last_matter > last_check) & (last_human > last_matter))
    confirmation = last_of(confirmed & (batch.rows > first_handling[batch.conversation]))
    thanked = (confirmation >= 0) & (last_of(human & batch.has(*params.thanks_back)) > confirmation)
    failed = np.flatnonzero(applies & ~asked & ~thanked)
    return judge(batch, [whole(batch, row, "not_asked") for row in last_human[failed].tolist()], applies=applies)
