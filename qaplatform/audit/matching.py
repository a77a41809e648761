"""One matcher for all phrase groups of a rubric.

A :class:`Matcher` is compiled once from a phrase book. For a block of messages it makes one pass a
side (customer, shop) and view over the folded text, for patterns with Hyperscan and for literal
phrases with :mod:`qaplatform.audit.literals`; what it found is asked of the :class:`Found` it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, groupby
from typing import TypeAlias

import numpy as np
import re2
from numpy.typing import NDArray

from qaplatform.audit.found import Found, Side
from qaplatform.audit.keeping import Store
from qaplatform.audit.literals import Literals
from qaplatform.audit.normalise import Joined, folded_tight, sounds
from qaplatform.audit.phrase_hits import Hit, How
from qaplatform.audit.phrases import PhraseBook, PhraseGroup
from qaplatform.audit.scanning import Scan, in_block

__all__ = ["SIDES", "Found", "Hit", "How", "Matcher", "Side", "Store"]

SIDES: tuple[Side, ...] = ("customer", "shop")

_MIN_SOUND_CHARS = 3
_AUTOMATON_BYTES = 16 << 20
"""RE2 keeps the states of its automaton in so much memory at most; few need a tenth of it."""
_SOURCE_BYTES = 8 << 10
"""So much of a group's patterns is one automaton: the states of many together are more than there is room for, and are
made again and again, seventy times as slowly."""
# The shop repeats what the customer said: 您说的"没办法" is the customer's word, not the agent's.
_WHOSE = "(?:您|你|客户|顾客|买家|亲)"
_QUOTED = (rf'{_WHOSE}[^"\n]{{0,12}}"[^"\n]{{1,60}}"', rf"{_WHOSE}[^'\n]{{0,12}}'[^'\n]{{1,60}}'")


Automata: TypeAlias = "tuple[re2._Regexp[bytes], ...]"  # noqa: SLF001 - its type has no public name
"""Together they find what a group looks for."""


@dataclass(frozen=True)
class Regexes:
    """What finds a group's words exactly; of most groups nothing is ever found, and theirs are not compiled."""

    sources: tuple[str, ...]
    exempting: tuple[str, ...]

    @cached_property
    def patterns(self) -> Automata:
        """Find the longest match."""
        return _joined(self.sources)

    @cached_property
    def unless(self) -> Automata:
        """Find what exempts."""
        return _joined(self.exempting)

    @cached_property
    def occurs(self) -> Automata:
        """Tell whether the patterns occur in a block, and stop there; the longest match is sought to the block's end."""
        return _joined(self.sources, longest=False)


def _joined(patterns: Sequence[str], *, longest: bool = True) -> Automata:
    options = re2.Options()
    options.longest_match = longest
    options.log_errors = False
    options.max_mem = _AUTOMATON_BYTES
    parts: list[list[bytes]] = []
    room = 0
    for pattern in patterns:
        source = b"(?:%b)" % in_block(pattern)
        if len(source) > room:
            parts.append([])
            room = _SOURCE_BYTES
        parts[-1].append(source)
        room -= len(source)
    return tuple(re2.compile(b"(?m)" + b"|".join(part), options) for part in parts)


def _unless(group: PhraseGroup) -> tuple[str, ...]:
    return group.unless + (_QUOTED if group.quoting_exempt else ())


def _searched_in(group: PhraseGroup, side: Side) -> bool:
    return group.who in ("any", "customer" if side == "customer" else "agent")


def _has_word_edge(phrase: str) -> bool:
    return (phrase[0].isascii() and phrase[0].isalpha()) or (phrase[-1].isascii() and phrase[-1].isalpha())


def _expressions(index: int, group: PhraseGroup) -> list[tuple[bytes, int, bool]]:
    """What Hyperscan looks for: expression, group, whether it only exempts."""
    hits = [(in_block(pattern), index, False) for pattern in group.patterns]
    return hits + [(in_block(pattern), index, True) for pattern in _unless(group)]


def _phrases(index: int, group: PhraseGroup) -> list[tuple[str, int, bool]]:
    phrases = dict.fromkeys(folded_tight(group.phrases))
    return [(phrase, index, _has_word_edge(phrase)) for phrase in phrases]


def _by_sound(index: int, group: PhraseGroup) -> list[tuple[str, int, bool]]:
    """Homophones of the phrases that have at least three Chinese characters."""
    if not group.homophones:
        return []
    return [
        (heard, index, False)
        for heard in dict.fromkeys(sounds(group.phrases))
        if sum("\ue000" < char < "\uf8ff" for char in heard) >= _MIN_SOUND_CHARS
    ]


@dataclass(frozen=True)
class Sought:
    """What is looked for in one side's messages; ``None`` where there is nothing of the kind."""

    patterns: Scan | None
    phrases: Literals | None
    sounds: Literals | None


@dataclass(frozen=True)
class Family:
    """The groups whose id begins alike: names, the first and last of each run in the book, and each one's position."""

    names: tuple[str, ...]
    runs: tuple[tuple[str, str], ...]
    position: NDArray[np.int64]
    """By group of the book, of use for its members only."""


class Matcher:
    """Finds the phrase groups of a book in blocks of messages."""

    def __init__(self, book: PhraseBook, store: Store | None = None, *, compiles: bool = True) -> None:
        """Take a book, whose loader has refused what cannot be compiled; databases are kept in ``store``.

        ``compiles=False`` is for who looks at single messages and must never wait: making a database takes seconds.
        """
        self._book, self._store, self._compiles = book, store, compiles
        self._patterns: dict[tuple[Side, tuple[str, ...]], Scan | None] = {}
        self._splits: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._families: dict[str, Family] = {}
        self.names: tuple[str, ...] = tuple(book)
        self.number: Mapping[str, int] = {name: index for index, name in enumerate(self.names)}
        self.asked = frozenset(name for name, group in book.items() if group.asked)
        self.regexes = [Regexes(group.patterns, _unless(group)) for group in book.values()]
        """By group number."""
        self.sought: Mapping[Side, Sought] = {side: self._sought(side) for side in SIDES}

    def _sought(self, side: Side) -> Sought:
        groups = [(self.number[name], group) for name, group in self._book.items() if _searched_in(group, side)]
        phrases = [entry for index, group in groups for entry in _phrases(index, group)]
        sounds = [entry for index, group in groups for entry in _by_sound(index, group)]
        return Sought(
            self.patterns(side, tuple(name for name in self.names if name not in self.asked)),
            Literals(phrases) if phrases else None,
            Literals(sounds) if sounds else None,
        )

    def patterns(self, side: Side, groups: tuple[str, ...]) -> Scan | None:
        """What scans one side for the patterns of some groups; made once."""
        key = side, groups
        if key not in self._patterns:
            chosen = [(self.number[name], self._book[name]) for name in groups if name in self.number]
            searched = [(index, group) for index, group in chosen if _searched_in(group, side)]
            entries = [entry for index, group in searched for entry in _expressions(index, group)]
            self._patterns[key] = Scan(entries, self._store, compiles=self._compiles) if entries else None
        return self._patterns[key]

    def prepare(self) -> None:
        """Make the databases that every message is looked through with, so that other processes find them kept."""
        for sought in self.sought.values():
            if sought.patterns is not None:
                sought.patterns.prepare()

    def split(self, groups: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Groups that are looked for everywhere, and ``asked`` ones."""
        known = self._splits.get(groups)
        if known is None:
            asked = tuple(name for name in groups if name in self.asked)
            known = self._splits[groups] = tuple(name for name in groups if name not in self.asked), asked
        return known

    def family(self, prefix: str) -> Family:
        """The groups whose id begins with ``prefix``."""
        known = self._families.get(prefix)
        if known is None:
            belongs = [name.startswith(prefix) for name in self.names]
            runs = [
                list(run) for inside, run in groupby(zip(self.names, belongs, strict=True), lambda x: x[1]) if inside
            ]
            known = self._families[prefix] = Family(
                tuple(compress(self.names, belongs)),
                tuple((run[0][0], run[-1][0]) for run in runs),
                np.cumsum(belongs) - 1,
            )
        return known

    def look(self, side: Side, texts: Sequence[str], groups: tuple[str, ...] | None = None) -> Found:
        """Scan one side's messages; what was found is asked of the returned value, by local message index.

        Without ``groups`` all patterns but those of ``asked`` groups are looked for; phrases all of them.
        """
        patterns = self.sought[side].patterns if groups is None else self.patterns(side, groups)
        return Found(self, side, texts, Joined.of(texts), patterns)
