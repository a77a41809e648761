"""Stretches of a conversation around some messages: the turn they stand in, what they answer, what answers them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints


@dataclass(frozen=True)
class Stretches:
    """For some messages, a stretch of rows each, and what one side says in them."""

    batch: Batch
    who: Bools
    low: Ints
    high: Ints

    def any(self, *groups: str) -> Bools:
        """For each stretch whether any of the groups stands in it."""
        size = len(self.batch.messages)
        edges = np.zeros(size + 1, np.int64)
        full = self.high > self.low
        np.add.at(edges, self.low[full], 1)
        np.add.at(edges, self.high[full], -1)
        within = (np.cumsum(edges[:-1]) > 0) & self.who
        if not within.any():
            return np.zeros(self.low.size, np.bool_)
        return self.holds(self.batch.has(*groups, within=within) & self.who)

    def holds(self, mask: Bools) -> Bools:
        """For each stretch whether the mask holds anywhere in it."""
        count = np.concatenate([[0], np.cumsum(mask)])
        return count[np.maximum(self.high, self.low)] > count[self.low]


def turn_of(batch: Batch, rows: Ints) -> Stretches:
    """The turns human messages stand in: from the customer's last message to the next."""
    begin = batch.begin[:-1][batch.conversation[rows]]
    return Stretches(batch, batch.is_human, np.maximum(batch.last_customer[rows] + 1, begin), batch.next_customer[rows])


def asked_by(batch: Batch, rows: Ints) -> Stretches:
    """The customer's messages that human messages answer: those since the agents' turn before."""
    last = batch.last_customer[rows]
    begin = batch.begin[:-1][batch.conversation[rows]]
    low = np.maximum(batch.last_human[np.maximum(last, 0)] + 1, begin)
    return Stretches(batch, batch.is_customer, np.where(last >= 0, low, 0), np.where(last >= 0, last + 1, 0))


def answers_to(batch: Batch, rows: Ints) -> Stretches:
    """The customer's messages that answer human messages: the burst that follows their turn."""
    first, end = batch.next_customer[rows], batch.end_of[rows]
    inside = first < end
    stop = np.where(inside, np.minimum(batch.next_human[np.where(inside, first, 0)], end), end)
    return Stretches(batch, batch.is_customer, first, stop)
