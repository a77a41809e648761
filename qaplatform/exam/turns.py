"""A dialogue turn by turn, on a clock that whoever plays it sets: for trying a scenario out where nobody wants to wait.

A message is sent so many seconds after the last thing that happened; then the customer reads, types and says everything
before the next move. The same moves always make the same dialogue.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import Done, State
from qaplatform.exam.playing import settled_down
from qaplatform.exam.scenario import Reference, Reply

MOST_SECONDS = 3600


class Move(msgspec.Struct, frozen=True):
    """What is done after so many seconds: a message sent, or nothing but waiting (empty ``text``)."""

    after_seconds: int
    text: str = ""


class Turn(msgspec.Struct, frozen=True):
    """The dialogue between two moves, and the second it has come to."""

    state: State
    at_seconds: int


def begun(customer: Customer) -> Turn:
    """The customer has written in and said all of it."""
    return _answered(customer, customer.begin(), 0)


def moved_on(customer: Customer, turn: Turn, move: Move) -> Turn:
    """The dialogue after a move; after the end nothing happens any more."""
    at = turn.at_seconds + max(0, min(MOST_SECONDS, move.after_seconds))
    if turn.state.ended is not None:
        return turn
    if move.text.strip():
        return _answered(customer, customer.write(turn.state, move.text.strip(), at), at)
    return _answered(customer, customer.until(turn.state, at), at)


def stopped(customer: Customer, turn: Turn) -> Turn:
    """The candidate ends it now; where it has ended already, nothing changes."""
    return _answered(customer, customer.stop(turn.state, turn.at_seconds), turn.at_seconds)


def turned(customer: Customer, moves: Iterable[Move]) -> Turn:
    """The dialogue of all moves, one after the other."""
    turn = begun(customer)
    for move in moves:
        turn = moved_on(customer, turn, move)
    return turn


def as_reference(moves: Iterable[Move], turn: Turn) -> Reference:
    """Moves as a reference dialogue, with what was read in each message: waiting goes into the next message's time."""
    lines = [number for number, line in enumerate(turn.state.lines) if line.by == "candidate"]
    replies: list[Reply] = []
    waited = 0
    for move in moves:
        waited = min(MOST_SECONDS, waited + max(0, move.after_seconds))
        if move.text.strip() and len(replies) < len(lines):
            acts = [one for one in turn.state.acts if one.line == lines[len(replies)]]
            replies.append(Reply(move.text.strip(), after_seconds=waited, acts=tuple(map(act_words, acts))))
            waited = 0
    return Reference(tuple(replies), seed=turn.state.seed)


def act_words(done: Done) -> str:
    """An act as a reference dialogue names it: ``promises refund due``."""
    return " ".join((done.act, *((done.about,) if done.about else ()), *(("due",) if done.due else ())))


def _answered(customer: Customer, state: State, at_seconds: int) -> Turn:
    state = settled_down(customer, state)
    last = state.lines[-1].at_seconds if state.lines else 0
    ended = state.ended_at_seconds or 0
    return Turn(state, max(at_seconds, last, ended))
