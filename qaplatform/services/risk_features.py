"""What a learned risk looks at: the words of both sides as character n-grams, and what the audit observed.

Words are looked at in their normalised form (``audit/normalise``), digits all read as ``0``. N-grams are known by slots,
numbers that a hash gives them: from a slot no words can be read. The sides stay apart, and so do a customer's first
words, what they wrote after a reply, and the last words of both.

What is part of a label, a rating above all, is no feature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.audited import Audited
from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.checking import FAIL, OUTCOMES, PASS
from qaplatform.audit.normalise import SEPARATOR, plain_view
from qaplatform.audit.observing import SeenRisk, SeenTopics

FEATURES_VERSION = 1
"""Raised with every change after which the same conversation has other features: older models are not used any more."""
SLOT_BITS = 20
LONGEST_GRAM = 4
BLOCKS = ("customer", "customer_first", "customer_after", "customer_last", "agent", "agent_last")
"""Whose words: all of the customer's, those before and after the first reply, those since the last reply; the shop's."""
_LAST_MESSAGES = 3
"""The last words are so many messages at most."""
_COUNTED = 4
"""Counts above this say no more."""

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """How often n-grams stand in conversations: one entry for each conversation and slot, in their order."""

    row: Ints
    slot: Slots
    count: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """Features of some conversations; a number that a conversation has not is 0."""

    count: int
    grams: Mapping[str, Grams]
    numbers: Mapping[str, Floats]
    rule_risk: Floats
    """The risk by the rules, 0–1."""


class Looking:
    """The n-grams of a batch's messages."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        codes = plain_view(batch.texts).codes.astype(np.uint64)
        self.codes = np.where((codes >= 48) & (codes <= 57), np.uint64(48), codes)
        is_end = codes == SEPARATOR
        self.message: Ints = np.cumsum(is_end) - is_end
        self._is_end = is_end

    @cached_property
    def blocks(self) -> Mapping[str, Bools]:
        """For each block, the messages that belong to it."""
        batch = self._batch
        customer, human = batch.is_customer, batch.is_human
        replied = batch.last_human >= 0
        return {
            "customer": customer,
            "customer_first": customer & ~replied,
            "customer_after": customer & replied,
            "customer_last": _last_burst(batch, customer & replied, batch.last_human),
            "agent": human,
            "agent_last": _last_burst(batch, human, batch.last_customer),
        }

    def places(self, size: int) -> Ints:
        """Where n-grams of a size begin."""
        last = self.codes.size - size + 1
        if last <= 0:
            return np.empty(0, np.int64)
        whole = (self.message[:last] == self.message[size - 1 :]) & ~self._is_end[size - 1 :]
        return np.flatnonzero(whole)

    def hashes(self, size: int, places: Ints) -> NDArray[np.uint64]:
        """Hashes of the n-grams that begin at places."""
        hashed = np.full(places.size, size, np.uint64)
        for step in range(size):
            hashed = (hashed ^ self.codes[places + step]) * np.uint64(0x9E3779B97F4A7C15)
            hashed ^= hashed >> np.uint64(29)
        return hashed

    def text(self, place: int, size: int) -> str:
        """The n-gram at a place, folded."""
        return "".join(map(chr, self.codes[place : place + size].tolist()))


def slots_of(block: str, hashes: NDArray[np.uint64]) -> Slots:
    """The slots of n-grams in a block."""
    salt = np.uint64(0xD1B54A32D192ED03 * (BLOCKS.index(block) + 1) % 2**64)
    mixed = (hashes ^ salt) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(mixed >> np.uint64(64 - SLOT_BITS), np.int64)


def features_of(audited: Audited, known: Mapping[str, Bools] | None = None) -> Features:
    """Features of an audited batch; ``known`` are the slots that are of any interest, by block (a mask), if not all are."""
    batch = audited.batch
    risk: SeenRisk = batch.observe("risk")
    return Features(len(batch), _grams(Looking(batch), batch, known), dict(_numbers(audited)), risk.risk)


def joined(parts: Sequence[Features]) -> Features:
    """Features of several batches, one behind the other."""
    begin = np.cumsum([0, *(one.count for one in parts)])
    names = sorted({name for one in parts for name in one.numbers})
    numbers = {name: np.concatenate([one.numbers.get(name, np.zeros(one.count)) for one in parts]) for name in names}
    grams = {
        block: Grams(
            np.concatenate([one.grams[block].row + first for one, first in zip(parts, begin, strict=False)]),
            np.concatenate([one.grams[block].slot for one in parts]),
            np.concatenate([one.grams[block].count for one in parts]),
        )
        for block in BLOCKS
    }
    return Features(int(begin[-1]), grams, numbers, np.concatenate([one.rule_risk for one in parts]))


def _last_burst(batch: Batch, mask: Bools, other_before: Ints) -> Bools:
    """The last messages of a side with none of the other side's between them."""
    last = batch.last_in_conversation(mask)[batch.conversation]
    same = mask & (last >= 0) & (other_before == other_before[np.maximum(last, 0)])
    so_far = np.cumsum(same)
    left = so_far[np.maximum(last, 0)] - so_far
    return np.asarray(same & (left < _LAST_MESSAGES))


def _grams(looking: Looking, batch: Batch, known: Mapping[str, Bools] | None) -> dict[str, Grams]:
    found: dict[str, list[Ints]] = {block: [] for block in BLOCKS}
    for size in range(1, LONGEST_GRAM + 1):
        places = looking.places(size)
        hashes, message = looking.hashes(size, places), looking.message[places]
        for block, mask in looking.blocks.items():
            mine = mask[message]
            slots = slots_of(block, hashes[mine])
            keys = (batch.conversation[message[mine]] << SLOT_BITS) | slots
            found[block].append(keys if known is None else keys[known[block][slots]])
    return {block: _counted(np.concatenate(keys)) for block, keys in found.items()}


def _counted(keys: Ints) -> Grams:
    unique, count = np.unique(keys, return_counts=True)
    return Grams(unique >> SLOT_BITS, unique & ((1 << SLOT_BITS) - 1), count.astype(np.float64))


def _numbers(audited: Audited) -> Iterator[tuple[str, Floats]]:
    """Everything that is not words, by name."""
    batch = audited.batch
    risk: SeenRisk = batch.observe("risk")
    kept = np.clip(risk.risk, 1e-4, 1 - 1e-4)
    yield "rule/logit", np.log(kept / (1 - kept))
    for code, value in risk.signs.items():
        yield f"sign/{code}", value
    yield from _shape(batch)
    yield from _criteria(audited)
    yield from _observed(batch)
    groups, group, row = batch.family("")
    standing = np.zeros((len(groups), len(batch)))
    standing[group, batch.conversation[row]] = 1.0
    for number in np.flatnonzero(standing.any(axis=1)).tolist():
        yield f"said/{groups[number]}", standing[number]


def _shape(batch: Batch) -> Iterator[tuple[str, Floats]]:
    count = batch.count_in_conversation
    letters = batch.letters.astype(np.float64)
    for side, mask in (("customer", batch.is_customer), ("agent", batch.is_human)):
        messages = count(mask)
        wrote = np.bincount(batch.conversation, np.where(mask, letters, 0.0), minlength=len(batch))
        last = batch.last_in_conversation(mask)
        yield f"size/{side}_messages", np.log1p(messages)
        yield f"size/{side}_letters", np.log1p(wrote)
        yield f"size/{side}_last", np.where(last >= 0, np.log1p(letters[np.maximum(last, 0)]), 0.0)
    yield "size/customer_turns", np.log1p(count(batch.is_customer & batch.ends_burst))
    yield "size/automatic", np.log1p(count(batch.is_automatic))
    last_said = batch.last_in_conversation(batch.is_customer | batch.is_human)
    yield "shape/customer_last", np.asarray((last_said >= 0) & batch.is_customer[np.maximum(last_said, 0)], np.float64)
    yield from _waits(batch)


def _waits(batch: Batch) -> Iterator[tuple[str, Floats]]:
    """How long customers waited, as far as it is known: the first and the longest time."""
    rows = np.flatnonzero(batch.is_customer & batch.ends_burst & (batch.next_human < batch.end_of))
    waited = batch.seconds[batch.next_human[rows]] - batch.seconds[rows]
    fine = np.isfinite(waited) & (waited >= 0)
    rows, waited = rows[fine], np.log1p(waited[fine])
    longest, first, timed = np.zeros(len(batch)), np.zeros(len(batch)), np.zeros(len(batch))
    where = batch.conversation[rows]
    np.maximum.at(longest, where, waited)
    first[where[::-1]] = waited[::-1]
    timed[where] = 1.0
    yield "wait/known", timed
    yield "wait/first", first
    yield "wait/longest", longest


def _criteria(audited: Audited) -> Iterator[tuple[str, Floats]]:
    outcome = audited.scores.outcome
    for column, criterion in enumerate(audited.rubric.criteria):
        for code in (PASS, FAIL):
            holds = outcome[:, column] == code
            if holds.any():
                yield f"criterion/{criterion.id}/{OUTCOMES[code]}", holds.astype(np.float64)
    yield "criterion/failed", np.log1p((outcome == FAIL).sum(axis=1))
    score = np.asarray(audited.scores.score, np.float64)
    yield "criterion/lost", np.where(np.isnan(score), 0.0, 100.0 - score) / 100.0


def _observed(batch: Batch) -> Iterator[tuple[str, Floats]]:
    """How often things were observed, by kind, and the topic."""
    seen = Counter((name, int(batch.conversation[row])) for name, row in _places_seen(batch))
    columns: dict[str, Floats] = {}
    for (name, index), times in seen.items():
        columns.setdefault(name, np.zeros(len(batch)))[index] = np.log1p(min(times, _COUNTED))
    yield from columns.items()
    topics: SeenTopics = batch.observe("topic")
    for number, path in enumerate(topics.paths):
        holds = topics.topic == number
        if path and holds.any():
            yield f"topic/{'/'.join(path)}", holds.astype(np.float64)


def _places_seen(batch: Batch) -> Iterator[tuple[str, int]]:
    for one in batch.observe("episodes"):
        yield f"episode/{one.kind}", one.row
        yield f"episode/{one.verdict}", one.row
    for one in batch.observe("promises"):
        yield f"promise/{'concrete' if one.concrete else 'vague'}", one.row
        if one.kept is not None:
            yield f"promise/{'kept' if one.kept else 'broken'}", one.row
    for one in batch.observe("transfers"):
        yield f"transfer/{one.kind}", one.row
    for name in ("blunt", "review_requests", "off_platform", "absolute"):
        for one in batch.observe(name):
            yield f"observed/{name}", one.row
    for row in batch.observe("unanswered").tolist():
        yield "observed/unanswered", row
