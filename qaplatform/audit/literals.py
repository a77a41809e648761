"""Literal phrases found in a block of folded characters, whole columns at once.

Most places in a text begin no phrase. A place is looked at only where the hash of its two characters is that of some
phrase's first two; what is left is compared with the phrases exactly. The cost hardly depends on how many phrases
there are, no object is made for a hit, and there is nothing to compile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hits = tuple[Ints, Ints]

_LEAST_BITS, _MOST_BITS = 10, 20
_SPARSENESS_BITS = 8
"""So many bits more than the phrases need: one place in 256 is looked at in vain."""
_NO_PLACES: Ints = np.empty(0, np.int64)


class Literals:
    """Phrases by number; of each its ``group``, its ``size`` in folded characters, and whether it has a word edge."""

    def __init__(self, entries: Sequence[tuple[str, int, bool]]) -> None:
        """Take (folded phrase of at least one character, group, has a word edge) each."""
        entries = sorted(entries, key=lambda entry: entry[0][:2])
        self.group: Ints = np.asarray([entry[1] for entry in entries], np.int64)
        self.edged: NDArray[np.bool_] = np.asarray([entry[2] for entry in entries], np.bool_)
        self.size: Ints = np.asarray([len(entry[0]) for entry in entries], np.int64)
        self._chars = np.zeros((len(entries), int(self.size.max())), np.uint32)
        for row, (phrase, _, _) in enumerate(entries):
            self._chars[row, : len(phrase)] = [ord(char) for char in phrase]
        pairs = np.flatnonzero(self.size > 1)
        self._pair, self._first, self._count = _runs(_key(self._chars[pairs, 0], self._chars[pairs, 1]), pairs)
        self._single, self._single_first, self._single_count = _runs(
            self._chars[self.size == 1, 0].astype(np.uint64), np.flatnonzero(self.size == 1)
        )
        bits = min(max(int(self._pair.size).bit_length() + _SPARSENESS_BITS, _LEAST_BITS), _MOST_BITS)
        self._shift = np.uint32(32 - bits)
        self._known = np.zeros(1 << bits, np.bool_)
        if pairs.size:
            self._known[self._hash(self._chars[pairs, 0], self._chars[pairs, 1])] = True

    def _hash(self, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint32]:
        mixed = first * np.uint32(0x9E3779B1)
        mixed += second
        mixed *= np.uint32(0x85EBCA6B)
        mixed >>= self._shift
        return mixed

    def find(self, codes: NDArray[np.uint32]) -> Hits:
        """Phrase numbers and the places (indices into ``codes``) where they begin; overlapping hits are all there."""
        places, entries = self._pairs_in(codes)
        if self._single.size:
            there = np.flatnonzero(np.isin(codes, self._single.astype(np.uint32)))
            slot = np.searchsorted(self._single, codes[there].astype(np.uint64))
            more, single = _spread(there, self._single_first[slot], self._single_count[slot])
            places, entries = np.concatenate([places, more]), np.concatenate([entries, single])
        return entries, places

    def _pairs_in(self, codes: NDArray[np.uint32]) -> Hits:
        if codes.size < 2 or not self._pair.size:
            return _NO_PLACES, _NO_PLACES
        places = np.flatnonzero(self._known[self._hash(codes[:-1], codes[1:])])
        if not places.size:
            return _NO_PLACES, _NO_PLACES
        key = _key(codes[places], codes[places + 1])
        slot = np.searchsorted(self._pair, key)
        slot[slot == self._pair.size] = 0
        right = self._pair[slot] == key
        places, slot = places[right], slot[right]
        places, entries = _spread(places, self._first[slot], self._count[slot])
        whole_places, whole_entries = [], []
        for column in range(2, self._chars.shape[1] + 1):
            ends = self.size[entries] == column
            whole_places.append(places[ends])
            whole_entries.append(entries[ends])
            places, entries = places[~ends], entries[~ends]
            if not places.size:
                break
            goes_on = codes.take(places + column, mode="clip") == self._chars[entries, column]
            places, entries = places[goes_on], entries[goes_on]
        return np.concatenate(whole_places), np.concatenate(whole_entries)


def _key(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return (first.astype(np.uint64) << np.uint64(32)) | second


def _runs(keys: NDArray[np.uint64], numbers: Ints) -> tuple[NDArray[np.uint64], Ints, Ints]:
    """Each key once, the first of its numbers and how many there are; the numbers of a key follow each other."""
    order = np.argsort(keys, kind="stable")
    unique, first, count = np.unique(keys[order], return_index=True, return_counts=True)
    return unique, numbers[order][first] if keys.size else _NO_PLACES, count


def _spread(places: Ints, first: Ints, count: Ints) -> Hits:
    """Each place once for every number from ``first`` on."""
    before = np.cumsum(count) - count
    numbers = np.repeat(first - before, count) + np.arange(int(count.sum()))
    return np.repeat(places, count), numbers
