"""Hits of literal phrases in a block, ready to be asked group by group in columns, or message by message."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.literals import Literals
from qaplatform.audit.normalise import View, fold

How = Literal["pattern", "phrase", "sound"]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CLAUSE_MARKS = frozenset(",.!?;")
NOTHING: Ints = np.empty(0, np.int64)


class Hit(msgspec.Struct, frozen=True, gc=False):
    """Words of a message in original characters, and how they were found."""

    start: int
    end: int
    how: How


class Keyed:
    """Sorted keys (group × count + message), of which one asks in columns or one by one."""

    def __init__(self, keys: Ints) -> None:
        self.keys = keys

    @cached_property
    def _listed(self) -> list[int]:
        listed: list[int] = self.keys.tolist()
        return listed

    def run(self, key: int) -> tuple[int, int]:
        """The first and behind the last place at which a key stands."""
        listed = self._listed
        first = bisect_left(listed, key)
        last = first
        while last < len(listed) and listed[last] == key:
            last += 1
        return first, last

    def __contains__(self, key: int) -> bool:
        listed = self._listed
        place = bisect_left(listed, key)
        return place < len(listed) and listed[place] == key


class PhraseHits(Keyed):
    """Hits of literal phrases, by key: characters ``first`` to ``last`` of a view, and if they need a look."""

    def __init__(self, keys: Ints, view: View, how: How, first: Ints, last: Ints, doubtful: Bools) -> None:
        super().__init__(keys)
        self.view = view
        self.how = how
        self.first = first
        self.last = last
        self.doubtful = doubtful

    @classmethod
    def of(cls, literals: Literals, view: View, how: How, count: int) -> PhraseHits:
        """Find the phrases of ``count`` messages."""
        number, first = literals.find(view.codes)
        key = literals.group[number] * count + np.searchsorted(view.char_ends, first)
        order = np.argsort(key, kind="stable")
        number, first = number[order], first[order]
        last: Ints = first + literals.size[number] - 1
        spread = view.place[last] - view.place[first] != last - first
        return cls(key[order], view, how, first, last, spread | literals.edged[number])

    def part(self, groups: Sequence[int], count: int, messages: Ints) -> PhraseHits:
        """The hits of some groups (ascending) in some messages (ascending); these are numbered anew."""
        if not messages.size:
            return self._chosen(NOTHING, NOTHING)
        listed = self._listed
        places, keys = [NOTHING], [NOTHING]
        for group in groups:
            begin = bisect_left(listed, group * count)
            end = bisect_left(listed, (group + 1) * count, begin)
            if end > begin:
                message = self.keys[begin:end] - group * count
                local = messages.searchsorted(message)
                inside = messages[np.minimum(local, messages.size - 1)] == message
                places.append(inside.nonzero()[0] + begin)
                keys.append(local[inside] + group * messages.size)
        if len(keys) == 1:
            return self._chosen(NOTHING, NOTHING)
        return self._chosen(np.concatenate(keys), np.concatenate(places))

    def _chosen(self, keys: Ints, places: Ints) -> PhraseHits:
        first, last, doubtful = self.first[places], self.last[places], self.doubtful[places]
        return PhraseHits(keys, self.view, self.how, first, last, doubtful)

    def hits(self, key: int, text: str, origin: int) -> list[Hit]:
        """The hits of a key in its message's original text, which begins at ``origin`` of the block's."""
        hits = []
        for place in range(*self.run(key)):
            places = self.view.place[self.first[place] : self.last[place] + 1]
            start, end = int(places[0]) - origin, int(places[-1]) - origin + 1
            if not self.doubtful[place] or _stands(text, (places - origin).tolist()):
                hits.append(Hit(start, end, self.how))
        return hits


def once(keys: Ints) -> Ints:
    """Keys sorted, each once; quicker than numpy's own for the few that mostly come."""
    ordered = np.sort(keys)
    if ordered.size < 2:
        return ordered
    new = np.empty(ordered.size, np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _stands(text: str, places: list[int]) -> bool:
    """Whether a spread or word-edged phrase, whose characters stand at ``places``, is one a reader would see.

    不。可。能 is a disguise; 要不,可能是… runs over a clause and is none. ASCII words must be whole words.
    """
    before, after = text[max(places[0] - 1, 0) : places[0]], text[places[-1] + 1 : places[-1] + 2]
    if (_is_latin(before) and _is_latin(text[places[0]])) or (_is_latin(text[places[-1]]) and _is_latin(after)):
        return False
    if places[-1] - places[0] == len(places) - 1:
        return True
    gaps = [text[a + 1 : b] for a, b in pairwise(places)]
    marked = any(char in _CLAUSE_MARKS for gap in gaps for char in _folded(gap))
    return not marked or all(gaps)


def _is_latin(char: str) -> bool:
    """Whether a character (or none) is a Latin letter, in full width as well."""
    return (folded := _folded(char)).isascii() and folded.isalpha()


@lru_cache(maxsize=4096)
def _folded(gap: str) -> str:
    return fold(gap) if gap else ""
