"""A batch of conversations as columns: the unit every observer and check works on.

One conversation is a batch of one; there is no second implementation. Messages of all conversations
stand one after another and are numbered over the whole batch (``row``); :meth:`Batch.number` gives a
message's number in its own conversation. Boolean columns and the primitives below find the
candidates without a loop; Python may loop over candidates, never over all messages.

Words used here:

* *human* – an agent message a person wrote for the customer: no automatic reply, no internal note.
* *visible* – whatever the customer can see: customer, human, automatic and bot messages.
* *reply turn* of a customer message – all human messages up to the customer's next message.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.clock import block_seconds
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.matching import Matcher
from qaplatform.audit.words import Bools, Ints, Words

if TYPE_CHECKING:
    from qaplatform.audit.observing import ObserverSet

__all__ = ["Batch", "Bools", "Ints"]

_ROLE_CODES = {"customer": 0, "agent": 1, "bot": 2, "system": 3}


class Batch(Words):
    """Columns over the messages of ``conversations``, and what the matcher found in them."""

    def __init__(
        self, conversations: Sequence[Conversation], matcher: Matcher, context: Context, observers: ObserverSet
    ) -> None:
        self.conversations = conversations
        self.context = context
        self._observers = observers
        self._observed: dict[str, Any] = {}
        self.messages: list[Message] = list(chain.from_iterable([one.messages for one in conversations]))
        roles = map(_ROLE_CODES.__getitem__, map(attrgetter("role"), self.messages))
        self._role = np.frombuffer(bytes(roles), np.int8)
        super().__init__(list(map(attrgetter("text"), self.messages)), self._of_role(0), matcher)
        sizes = np.fromiter([len(one.messages) for one in conversations], np.int64, len(conversations))
        self.begin: Ints = np.zeros(len(conversations) + 1, np.int64)
        np.cumsum(sizes, out=self.begin[1:])
        self.conversation: Ints = np.repeat(np.arange(len(conversations)), sizes)
        """For each message, the index of its conversation in the batch."""
        self.end_of: Ints = self.begin[1:][self.conversation]
        """For each message, the row after the last of its conversation."""
        self.rows: Ints = np.arange(len(self.messages))

    def __len__(self) -> int:
        """How many conversations."""
        return len(self.conversations)

    # --- who ---------------------------------------------------------------------------------

    @cached_property
    def _kinds(self) -> list[str]:
        return list(map(attrgetter("kind"), self.messages))

    def _of_kind(self, kind: str) -> Bools:
        """Messages of a kind few are of."""
        mask = np.zeros(len(self.messages), np.bool_)
        if kind in self._kinds:
            mask[[row for row, one in enumerate(self._kinds) if one == kind]] = True
        return mask

    def _of_role(self, code: int) -> Bools:
        return np.asarray(self._role == code, np.bool_)

    @cached_property
    def is_note(self) -> Bools:
        """Internal notes, which the customer never sees."""
        return self._of_kind("note")

    @cached_property
    def is_automatic(self) -> Bools:
        """Automatic replies and bots, seen by the customer."""
        auto = np.frombuffer(bytes(map(attrgetter("auto"), self.messages)), np.bool_)
        return (self._of_role(2) | (auto & self._of_role(1))) & ~self.is_note

    @cached_property
    def is_customer(self) -> Bools:
        """Customer messages."""
        return self._of_role(0) & ~self.is_note

    @cached_property
    def is_human(self) -> Bools:
        """What a person of the shop wrote to the customer."""
        return self._of_role(1) & ~self.is_automatic & ~self.is_note

    @cached_property
    def is_system(self) -> Bools:
        """System lines, transfers among them."""
        return self._of_role(3)

    @cached_property
    def is_transfer(self) -> Bools:
        """System transfer lines."""
        return self._of_kind("transfer")

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """When each message was sent, in seconds since 1970; NaN where that is unknown."""
        return block_seconds(list(map(attrgetter("sent_at"), self.messages)), ZoneInfo(self.context.timezone))

    @cached_property
    def limit_seconds(self) -> NDArray[np.float64]:
        """Reply limit at each message's time by the context; NaN off duty or without a time."""
        return self.context.limits(self.seconds)

    def agent(self, row: int) -> str | None:
        """Who wrote an agent message."""
        return self.messages[row].agent

    @cached_property
    def main_agent(self) -> list[str | None]:
        """For each conversation the agent of its first human message."""
        first = self.first_in_conversation(self.is_human)
        return [self.messages[row].agent if row >= 0 else None for row in first.tolist()]

    @cached_property
    def several_agents(self) -> Bools:
        """Conversations in which more than one named agent wrote."""
        agents = list(map(attrgetter("agent"), self.messages))
        known = {agent: number for number, agent in enumerate(set(agents) - {None})} | {None: -1}
        code = np.fromiter(map(known.__getitem__, agents), np.int64, len(agents))
        rows = np.flatnonzero(self.is_human & (code >= 0))
        if not rows.size:
            return np.zeros(len(self), np.bool_)
        where = self.conversation[rows]
        other = (where[1:] == where[:-1]) & (code[rows[1:]] != code[rows[:-1]])
        several = np.zeros(len(self), np.bool_)
        several[where[1:][other]] = True
        return several

    # --- where ---------------------------------------------------------------------------------

    def number(self, row: int) -> int:
        """A message's number in its conversation, from 0."""
        return row - int(self.begin[self.conversation[row]])

    def next_of(self, mask: Bools) -> Ints:
        """For each message, the next *later* row of its conversation where ``mask`` holds, else ``end_of``."""
        size = len(self.messages)
        here = np.where(mask, self.rows, size)
        after = np.full(size, size, np.int64)
        if size:
            after[:-1] = np.minimum.accumulate(here[::-1])[::-1][1:]
        return np.minimum(after, self.end_of)

    def last_of(self, mask: Bools) -> Ints:
        """For each message, the nearest *earlier* row of its conversation where ``mask`` holds, else -1."""
        size = len(self.messages)
        here = np.where(mask, self.rows, -1)
        before = np.full(size, -1, np.int64)
        if size:
            before[1:] = np.maximum.accumulate(here)[:-1]
        return np.where(before >= self.begin[self.conversation], before, -1)

    @cached_property
    def next_customer(self) -> Ints:
        """The customer's next message, else ``end_of``."""
        return self.next_of(self.is_customer)

    @cached_property
    def next_human(self) -> Ints:
        """The next human message, else ``end_of``."""
        return self.next_of(self.is_human)

    @cached_property
    def last_customer(self) -> Ints:
        """The customer's message before this one, else -1."""
        return self.last_of(self.is_customer)

    @cached_property
    def last_human(self) -> Ints:
        """The human message before this one, else -1."""
        return self.last_of(self.is_human)

    @cached_property
    def ends_burst(self) -> Bools:
        """Customer messages after which the customer's next message, if any, follows some human message."""
        last: Bools = self.next_customer == self.end_of
        return self.is_customer & ((self.next_human < self.next_customer) | last)

    def reply_rows(self, row: int) -> list[int]:
        """The reply turn of a customer message: the human rows up to the customer's next message.

        Further messages of the same burst are passed over first.
        """
        first = int(self.next_human[row])
        end = int(self.end_of[row])
        if first >= end:
            return []
        stop = int(self.next_customer[first])
        return [first + int(step) for step in np.flatnonzero(self.is_human[first:stop])]

    def first_in_conversation(self, mask: Bools) -> Ints:
        """For each conversation the first row where ``mask`` holds, else -1."""
        out = np.full(len(self), -1, np.int64)
        rows = np.flatnonzero(mask)[::-1]
        out[self.conversation[rows]] = rows
        return out

    def last_in_conversation(self, mask: Bools) -> Ints:
        """For each conversation the last row where ``mask`` holds, else -1."""
        out = np.full(len(self), -1, np.int64)
        rows = np.flatnonzero(mask)
        out[self.conversation[rows]] = rows
        return out

    def any_in_conversation(self, mask: Bools) -> Bools:
        """For each conversation whether ``mask`` holds anywhere."""
        out = np.zeros(len(self), np.bool_)
        out[self.conversation[mask]] = True
        return out

    def count_in_conversation(self, mask: Bools) -> Ints:
        """For each conversation how often ``mask`` holds."""
        return np.bincount(self.conversation[mask], minlength=len(self)).astype(np.int64)

    # --- what -----------------------------------------------------------------------------------

    def observe(self, observer: str) -> Any:
        """What an observer of this rubric saw in the batch, computed once."""
        seen = self._observed.get(observer)
        if seen is None:
            seen = self._observed[observer] = self._observers.run(observer, self)
        return seen
