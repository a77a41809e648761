"""Before the chat ends, does the agent ask whether it is solved or whether there is anything else?

Why: a case is closed when the customer says so, not when the agent has finished typing. Source: D6 [H2].

Passes as well where the customer clearly confirmed and was thanked or seen off, and where the agent, the thing done,
asks at the very end whether that is all right. A question that sells (再拍一件吗) or asks about something else is no
check; one in the middle does not cover a second matter raised after it. Not applicable where the chat breaks off:
nothing was handled yet, the agent is still looking into it or waits for something of the customer's, or the customer's
question stands last.

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

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.checking import CheckParams, Outcomes, judge, whole

CODES = ("not_asked",)


class Params(CheckParams, frozen=True):
    """Phrase groups of a chat's last words."""

    consent: tuple[str, ...] = ("close/consent",)
    done: tuple[str, ...] = ("close/done",)
    farewells: tuple[str, ...] = ("close/farewell",)
    thanks_back: tuple[str, ...] = ("close/thanks_back", "close/farewell")
    holding: tuple[str, ...] = ("close/holding",)
    asks_data: tuple[str, ...] = ("close/asks_data",)
    later: tuple[str, ...] = ("end/later",)
    """The customer goes to fetch what was asked for."""
    wants_input: tuple[str, ...] = ("close/needs_input",)
    greetings: tuple[str, ...] = ("greeting",)
    openings: tuple[str, ...] = ("close/opening",)
    new_matter: tuple[str, ...] = ("end/new_matter",)
    confirmed: tuple[str, ...] = ("end/solved", "end/thanks")
    works: tuple[str, ...] = ("end/works",)
    acknowledged: tuple[str, ...] = ("end/ok", "end/solved", "end/thanks", "end/no_more")
    no_answer: tuple[str, ...] = ("needs_no_answer",)
    unsolved: tuple[str, ...] = ("end/unsolved",)
    questions: tuple[str, ...] = ("ask/question",)
    first_human_messages: int = 3
    """Among so many of the shop's first messages greetings are looked for."""
    greeting_letters: int = 5
    """A greeting of at most this many letters and digits handles nothing."""
    opening_letters: int = 20
    """A greeting that asks what the matter is handles nothing either up to this length."""
    statement_letters: int = 12
    """Up to this length a customer's last words that neither ask nor complain accept what was said."""
    told_messages: int = 3
    """In so many of the shop's last messages it may say that the thing is done."""
    last_customer_messages: int = 3
    """In so many of the customer's last messages a plain yes or 亮了 is looked for."""


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail with ``not_asked`` on the last human message of a handled chat."""
    human, customer = batch.is_human, batch.is_customer
    last_of = batch.last_in_conversation
    handling = human & (batch.last_customer >= 0)
    handling &= ~_greets(batch, params, handling) | batch.observe("closing").asks
    words = customer & (batch.letters > 0)
    late = _last(batch, words, params.last_customer_messages)
    last_human, last_words = last_of(human), last_of(words)
    last_matter = last_of(customer & batch.has(*params.new_matter))
    asks = handling & batch.observe("closing").asks
    unasked = last_of(asks) <= last_matter
    confirmed = customer & batch.has(*params.confirmed)
    # Where the question was asked, only words after the shop's last may change anything.
    unclear = late & ~confirmed & (unasked[batch.conversation] | (batch.rows > last_human[batch.conversation]))
    # Both at once: what was searched is kept.
    batch.has(*params.works, *params.no_answer, within=unclear)
    confirmed |= batch.has(*params.works, within=unclear)
    confirmed &= ~batch.has(*params.unsolved)
    asks |= handling & _all_right(batch, params, last_human, unasked)
    accepted = confirmed | (customer & batch.has(*params.acknowledged)) | _accepted(batch, params, late, asks)
    accepted |= batch.has(*params.no_answer, within=unclear)
    last_check = last_of(asks)
    first_handling = batch.first_in_conversation(handling)

    answered = (first_handling >= 0) & (last_of(accepted) > first_handling)
    farewell = handling & batch.has(*params.farewells)
    seen_off = last_of(farewell) >= 0
    hanging = (last_words > last_human) & (last_of(accepted) < last_words)
    waiting = _waiting(batch, params, last_human, farewell)
    applies = answered | seen_off | (last_check >= 0)
    told = (first_handling >= 0) & ~applies & ~hanging & ~waiting
    applies = (applies | _told_done(batch, params, told)) & (first_handling >= 0) & ~hanging & ~waiting

    asked = (last_check >= 0) & ~((last_matter > last_check) & (last_human > last_matter))
    confirmation = last_of(confirmed & (batch.rows > first_handling[batch.conversation]))
    thanked = (confirmation >= 0) & (last_of(human & batch.has(*params.thanks_back)) > confirmation)
    failed = np.flatnonzero(applies & ~asked & ~thanked)
    return judge(batch, [whole(batch, row, "not_asked") for row in last_human[failed].tolist()], applies=applies)


def _last(batch: Batch, mask: Bools, count: int) -> Bools:
    """The last ``count`` rows of ``mask`` in each conversation."""
    so_far = np.cumsum(mask)
    total = np.concatenate([[0], so_far])[batch.begin[1:]]
    last: Bools = mask & (so_far > total[batch.conversation] - count)
    return last


def _greets(batch: Batch, params: Params, human: Bools) -> Bools:
    """Openings that handle nothing, among the first human messages."""
    so_far = np.cumsum(human)
    before = np.concatenate([[0], so_far])[batch.begin[:-1]]
    early = human & (so_far - before[batch.conversation] <= params.first_human_messages)
    longest = np.where(batch.has(*params.openings), params.opening_letters, params.greeting_letters)
    early &= batch.letters <= longest
    return batch.has(*params.greetings, within=early)


def _rows(batch: Batch, rows: Ints) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[rows[rows >= 0]] = True
    return mask


def _all_right(batch: Batch, params: Params, last_human: Ints, wanted: Bools) -> Bools:
    """In the shop's last turn, with something done in it: 这样行吗. Before the deed it is a proposal.

    Only in conversations that are ``wanted``.
    """
    ends = np.where(last_human >= 0, batch.next_customer[last_human], -1)[batch.conversation]
    turn = batch.is_human & (batch.next_customer == ends) & wanted[batch.conversation]
    asks = turn & batch.has(*params.consent, within=turn)
    within = turn & batch.any_in_conversation(asks)[batch.conversation]
    done = batch.any_in_conversation(within & batch.has(*params.done, within=within))
    return np.asarray(asks & done[batch.conversation], np.bool_)


def _accepted(batch: Batch, params: Params, late: Bools, asks: Bools) -> Bools:
    """Of the customer's last messages: short words that are no answer to a question of the agent's."""
    answers_question = (batch.has(*params.wants_input) & ~asks)[np.maximum(batch.last_human, 0)]
    statement = late & (batch.letters <= params.statement_letters) & ~answers_question
    statement &= ~batch.has(*params.questions) & ~batch.has(*params.unsolved)
    return statement


def _told_done(batch: Batch, params: Params, wanted: Bools) -> Bools:
    """The shop's last messages say that the thing is done: handled, even if the customer wrote nothing more."""
    told = _last(batch, batch.is_human, params.told_messages) & wanted[batch.conversation]
    return batch.any_in_conversation(batch.has(*params.done, within=told))


def _waiting(batch: Batch, params: Params, last_human: Ints, farewell: Bools) -> Bools:
    """The agent's last word asks to hold on or for something only the customer has, or the customer fetches that."""
    last = _rows(batch, last_human) & ~farewell
    fetching = last & batch.has(*params.later)[batch.last_customer]
    asked_before = _rows(batch, batch.last_human[batch.last_customer][fetching & (batch.last_customer >= 0)])
    data = batch.has(*params.asks_data, within=(last & ~batch.observe("closing").asks) | asked_before)
    waits = last & (batch.has(*params.holding) | data)
    waits |= fetching & data[batch.last_human[batch.last_customer]]
    return batch.any_in_conversation(waits)
