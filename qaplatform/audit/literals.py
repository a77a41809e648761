"""Literal phrases found in a block of folded characters, whole columns at once.

Most places in a text begin no phrase. A place is looked at only where the hash of its first characters is that of some
phrase's; what is left is compared with the phrases exactly. The cost hardly depends on how many phrases there are, no
object is made for a hit, and there is nothing to compile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.uint32]

_HEADS = (1, 2, 3)
"""Phrases are told by their first character, two, or three: all they have, or enough to be rarely mistaken."""
_LEAST_BITS, _MOST_BITS = 10, 20
_SPARSENESS_BITS = 7
"""So many bits more than the heads need: one place in 128 or more is looked at in vain."""
_CODE_BITS = np.uint64(21)

_NONE: tuple[Ints, Ints] = np.empty(0, np.int64), np.empty(0, np.int64)


class Literals:
    """Phrases by number; of each its ``group``, its ``size`` in folded characters, and whether it has a word edge."""

    def __init__(self, entries: Sequence[tuple[str, int, bool]]) -> None:
        """Take (folded phrase of at least one character, group, has a word edge) each."""
        entries = sorted(entries, key=lambda entry: entry[0])
        self.group: Ints = np.asarray([entry[1] for entry in entries], np.int64)
        self.edged: NDArray[np.bool_] = np.asarray([entry[2] for entry in entries], np.bool_)
        self.size: Ints = np.asarray([len(entry[0]) for entry in entries], np.int64)
        chars = np.zeros((len(entries), int(self.size.max(initial=1))), np.uint32)
        for row, (phrase, _, _) in enumerate(entries):
            chars[row, : len(phrase)] = [ord(char) for char in phrase]
        heads = np.minimum(self.size, _HEADS[-1])
        chosen = [(head, np.flatnonzero(heads == head)) for head in _HEADS]
        self._tiers = [_Tier(head, chars, self.size, numbers) for head, numbers in chosen if numbers.size]

    def find(self, codes: Codes) -> tuple[Ints, Ints]:
        """Phrase numbers and the places (indices into ``codes``) where they begin; overlapping hits are all there."""
        found = [one for one in (tier.find(codes) for tier in self._tiers) if one is not _NONE]
        if len(found) < 2:
            return found[0] if found else _NONE
        return np.concatenate([numbers for numbers, _ in found]), np.concatenate([places for _, places in found])


class _Tier:
    """The phrases that are told by ``head`` characters."""

    def __init__(self, head: int, chars: Codes, sizes: Ints, numbers: Ints) -> None:
        self._head = head
        columns = list(chars[numbers, :head].T)
        keys = _key(columns)
        order = np.argsort(keys, kind="stable")
        self._numbers = numbers[order]
        self._chars, self._sizes = chars[self._numbers], sizes[self._numbers]
        self._keys, self._first, self._count = np.unique(keys[order], return_index=True, return_counts=True)
        bits = min(max(int(self._keys.size).bit_length() + _SPARSENESS_BITS, _LEAST_BITS), _MOST_BITS)
        self._shift = np.uint32(32 - bits)
        self._known = np.zeros(1 << bits, np.bool_)
        self._known[self._hash(columns)] = True

    def _hash(self, columns: Sequence[Codes]) -> Codes:
        mixed: Codes = columns[0] * np.uint32(0x9E3779B1)
        for column in columns[1:]:
            mixed += column
            mixed *= np.uint32(0x85EBCA6B)
        mixed >>= self._shift
        return mixed

    def find(self, codes: Codes) -> tuple[Ints, Ints]:
        """Phrase numbers and where they begin."""
        head, last = self._head, codes.size - self._head + 1
        columns = [codes[column : max(last + column, 0)] for column in range(head)]
        places = self._known.take(self._hash(columns)).nonzero()[0]
        if not places.size:
            return _NONE
        key = _key([codes[places + column] for column in range(head)])
        slot = np.searchsorted(self._keys, key)
        slot[slot == self._keys.size] = 0
        right = self._keys[slot] == key
        places, slot = places[right], slot[right]
        if not places.size:
            return _NONE
        places, entries = _spread(places, self._first[slot], self._count[slot])
        whole: list[tuple[Ints, Ints]] = []
        for column in range(head, self._chars.shape[1] + 1):
            if not places.size:
                break
            ends = self._sizes[entries] == column
            whole.append((entries[ends], places[ends]))
            places, entries = places[~ends], entries[~ends]
            if places.size:
                goes_on = codes.take(places + column, mode="clip") == self._chars[entries, column]
                places, entries = places[goes_on], entries[goes_on]
        return self._numbers[np.concatenate([one for one, _ in whole])], np.concatenate([place for _, place in whole])


def _key(columns: Sequence[Codes]) -> NDArray[np.uint64]:
    """Up to three characters as one number."""
    key = columns[0].astype(np.uint64)
    for column in columns[1:]:
        key <<= _CODE_BITS
        key |= column
    return key


def _spread(places: Ints, first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Each place once for every number from ``first`` on."""
    before = np.cumsum(count) - count
    numbers = np.repeat(first - before, count) + np.arange(int(count.sum()))
    return np.repeat(places, count), numbers
