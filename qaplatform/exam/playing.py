"""Playing a dialogue from given replies: reference dialogues, tests, and a dialogue put together again from what was stored."""

from __future__ import annotations

from collections.abc import Iterable

from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import State
from qaplatform.exam.scenario import Reference


def played(customer: Customer, texts: Iterable[tuple[int, str]], *, until_seconds: int | None = None) -> State:
    """The dialogue of messages at their seconds, in order; ended by the candidate at ``until_seconds`` where it is given."""
    state = customer.begin()
    for at_seconds, text in texts:
        state = customer.write(state, text, at_seconds)
    return state if until_seconds is None else customer.stop(state, until_seconds)


def reference_played(customer: Customer, reference: Reference) -> State:
    """A reference dialogue: each reply so long after the customer's last message, or after the reply before it.

    What is left after the last reply goes its way: the customer ends it, leaves or the time runs out.
    """
    state = customer.begin()
    for reply in reference.replies:
        if not reply.at_once:
            state = settled_down(customer, state)
        last = state.lines[-1].at_seconds if state.lines else 0
        state = customer.write(state, reply.says, last + reply.after_seconds)
        if state.ended is not None:
            break
    state = settled_down(customer, state)
    if state.ended is None and state.ending is None:
        return customer.stop(state, state.lines[-1].at_seconds + 1)
    return customer.until(state, customer.scenario.clock.ends_after_seconds)


def settled_down(customer: Customer, state: State) -> State:
    """The dialogue once the customer has read and said everything; it has then come to the time of their last message."""
    while state.ended is None and (state.coming or state.unheard):
        moment = customer.next_moment(state)
        if moment is None:
            break
        state = customer.until(state, moment)
    return state
