"""How the peer of comparison (b) finds words: folding, an Aho–Corasick automaton, places in the original text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from qaplatform.audit.normalise import fold_table

_CLAUSE_MARKS = frozenset(",.!?;")
_MANY = 0xFFFFFFFF


class Fold(dict[int, str | None]):
    """A table for ``str.translate``, filled as characters turn up; ``tight`` keeps only letters and digits."""

    def __init__(self, *, tight: bool) -> None:
        self._tight = tight

    def __missing__(self, code: int) -> str | None:
        table = fold_table()
        folded = int(table.fold[code])
        codes = table.many[code].tolist() if folded == _MANY else [folded] if folded else []
        text = "".join(chr(one) for one in codes if not self._tight or table.letter[one])
        self[code] = text or None
        return self[code]


PLAIN, TIGHT = Fold(tight=False), Fold(tight=True)


class Word(NamedTuple):
    """A phrase of the automaton: the groups it belongs to, folded length, whether it begins or ends in a letter a–z."""

    groups: tuple[str, ...]
    size: int
    edged: bool


class Automaton(Protocol):
    """What is asked of an Aho–Corasick automaton: for every hit its last character and its word."""

    def iter(self, text: str) -> Iterator[tuple[int, Word]]:
        """All hits, overlapping ones too."""


Build = Callable[[Mapping[str, Word]], Automaton]


def pyahocorasick(words: Mapping[str, Word]) -> Automaton:
    """The automaton the figures are taken with."""
    import ahocorasick  # noqa: PLC0415  lives in the benchmarks' environment only

    automaton = ahocorasick.Automaton()
    for phrase, word in words.items():
        automaton.add_word(phrase, word)
    automaton.make_automaton()
    return automaton


Hits = dict[str, list[tuple[int, int]]]
_NONE: Hits = {}


class Words:
    """All literal phrases of one side, found in one pass over a text."""

    def __init__(self, groups: Mapping[str, Sequence[str]], build: Build) -> None:
        by_phrase: dict[str, list[str]] = {}
        for group, phrases in groups.items():
            for phrase in dict.fromkeys(one.translate(TIGHT) for one in phrases):
                by_phrase.setdefault(phrase, []).append(group)
        words = {}
        for phrase, names in by_phrase.items():
            edged = any(char.isascii() and char.isalpha() for char in (phrase[0], phrase[-1]))
            words[phrase] = Word(tuple(names), len(phrase), edged)
        self._automaton = build(words)

    def find(self, text: str, *, tuned: bool) -> Hits:
        """Spans by group: leftmost-longest, in order."""
        if tuned:
            found = list(self._automaton.iter(text.translate(TIGHT)))
            if not found:
                return _NONE
            places = [index for index, char in enumerate(text) for _ in TIGHT[ord(char)] or ""]
        else:
            folded, places = _folded(text)
            found = list(self._automaton.iter(folded))
        spans: Hits = {}
        for last, word in found:
            at = places[last - word.size + 1 : last + 1]
            if (word.edged or at[-1] - at[0] != word.size - 1) and not _stands(text, at):
                continue
            for group in word.groups:
                spans.setdefault(group, []).append((at[0], at[-1] + 1))
        return {group: _leftmost_longest(some) for group, some in spans.items()}


def _folded(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text, folded, and where each stood."""
    chars: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        for letter in TIGHT[ord(char)] or "":
            chars.append(letter)
            places.append(index)
    return "".join(chars), places


def _leftmost_longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(spans) == 1:
        return spans
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _stands(text: str, at: list[int]) -> bool:
    """Whether a reader would see the word: whole where it is Latin, not running over a clause's end."""
    before, after = text[at[0] - 1 : at[0]], text[at[-1] + 1 : at[-1] + 2]
    for edge, beyond in ((text[at[0]], before), (text[at[-1]], after)):
        if edge.isascii() and edge.isalpha() and beyond.isascii() and beyond.isalpha():
            return False
    gaps = [text[a + 1 : b] for a, b in pairwise(at)]
    marked = any(char in _CLAUSE_MARKS for gap in gaps if gap for char in gap.translate(PLAIN))
    return not marked or all(gaps)
