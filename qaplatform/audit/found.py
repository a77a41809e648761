"""What a matcher found in a block of messages: which groups stand where, and in which words.

The scans only say that a pattern ends somewhere. The exact words are found here, by RE2, for the few messages
anybody asks about; literal phrases have a known length, so their words are known at once. A group's hit that lies
inside a match of the group's ``unless`` patterns is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
import re2
from numpy.typing import NDArray

from qaplatform.audit.normalise import View, fold, plain_view, sound_view, tight_view

if TYPE_CHECKING:
    from qaplatform.audit.matching import Matcher

Side = Literal["customer", "shop"]
How = Literal["pattern", "phrase", "sound"]

_CLAUSE_MARKS = frozenset(",.!?;")


class Hit(msgspec.Struct, frozen=True, gc=False):
    """Words of a message in original characters, and how they were found."""

    start: int
    end: int
    how: How


_NO_HITS: tuple[Hit, ...] = ()
_NOTHING: NDArray[np.int64] = np.empty(0, np.int64)
# The wrapper's finditer costs three times what the search itself does.
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 - the wrapper has no other door


@dataclass(frozen=True)
class _Literals:
    """Hits of literal phrases: group and message (sorted by both), folded characters, and if they need a look."""

    view: View
    how: How
    key: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    doubtful: NDArray[np.bool_]


class _Literal(msgspec.Struct, frozen=True, gc=False):
    """One literal hit: original characters ``start:end``, folded characters ``begin:stop`` of its view."""

    start: int
    end: int
    begin: int
    stop: int
    found: _Literals
    doubtful: bool

    @property
    def how(self) -> How:
        return self.found.how


@dataclass(frozen=True, slots=True)
class _Table:
    """What was found of one group, by key."""

    patterns: set[int]
    exempting: set[int]
    literals: dict[int, list[_Literal]]


@dataclass
class Found:
    """What a matcher found in one side's messages."""

    matcher: Matcher
    side: Side
    texts: Sequence[str]
    _spans: dict[int, tuple[Hit, ...]] = field(default_factory=dict)
    _tables: dict[int, _Table] = field(default_factory=dict)

    @cached_property
    def plain(self) -> View:
        """The plain view of the side's messages."""
        return plain_view(self.texts)

    @cached_property
    def tight(self) -> View:
        """The tight view of the side's messages."""
        return tight_view(self.plain)

    @property
    def _count(self) -> int:
        return max(len(self.texts), 1)

    @cached_property
    def _patterns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Keys (group × count + message) of pattern hits, and of exempting hits; sorted, unique."""
        scan = self.matcher.scan(self.side, "plain")
        if scan is None or not self.texts:
            empty = np.empty(0, np.int64)
            return empty, empty
        number, end = scan.run(self.plain.utf8)
        key = scan.group[number] * self._count + np.searchsorted(self.plain.byte_ends, end)
        exempts = scan.exempts[number]
        return np.unique(key[~exempts]), np.unique(key[exempts])

    @cached_property
    def _literals(self) -> tuple[_Literals, ...]:
        found: list[_Literals] = []
        for name, how in (("tight", "phrase"), ("sound", "sound")):
            scan = self.matcher.scan(self.side, name)
            if scan is None or not self.texts:
                continue
            view = self.tight if name == "tight" else sound_view(self.tight)
            number, end = scan.run(view.utf8)
            if not number.size:
                continue
            message = np.searchsorted(view.byte_ends, end)
            key = scan.group[number] * self._count + message
            order = np.argsort(key, kind="stable")
            number, end, key = number[order], end[order], key[order]
            # Bytes → folded characters: count the bytes that begin one.
            begins = np.cumsum((np.frombuffer(view.utf8, np.uint8) & 0xC0) != 0x80)
            last = begins[end - 1] - 1
            first = begins[end - scan.size[number]] - 1
            spread = view.place[last] - view.place[first] != last - first
            found.append(_Literals(view, how, key, first, last + 1, spread | scan.edged[number]))  # type: ignore[arg-type]
        return tuple(found)

    def messages(self, name: str) -> NDArray[np.int64]:
        """The side's messages (sorted local indices) in which the group stands."""
        return np.unique(self.standing(name))

    def standing(self, name: str) -> NDArray[np.int64]:
        """Like :meth:`messages`, unsorted and with repetitions: what a mask needs.

        A group the book has not stands nowhere: a rubric need not bring the words of every observer.
        """
        group = self.matcher.number.get(name)
        if group is None:
            return _NOTHING
        return self._keys(group, group) - group * self._count if group in self._present else _NOTHING

    @cached_property
    def _present(self) -> frozenset[int]:
        """Groups of which anything was found at all: in a short text, few."""
        columns = (self._patterns[0], *(literals.key for literals in self._literals))
        return frozenset(np.unique(np.concatenate(columns) // self._count).tolist())

    def pairs(self, first: str, last: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Group numbers and local messages, sorted by both, of all groups from ``first`` to ``last`` in the book.

        One pass over their keys, where :meth:`messages` would need one a group.
        """
        keys = np.unique(self._keys(self.matcher.number[first], self.matcher.number[last]))
        group, message = np.divmod(keys, self._count)
        return group, message

    @cached_property
    def _bounds(self) -> tuple[list[int], ...]:
        """Where each group's keys begin, in pattern hits, in exempting hits and in each kind of literals."""
        edges = np.arange(len(self.matcher.names) + 1) * self._count
        columns = (*self._patterns, *(literals.key for literals in self._literals))
        return tuple(np.searchsorted(keys, edges).tolist() for keys in columns)

    def _keys(self, first: int, last: int) -> NDArray[np.int64]:
        """Keys at which a group of the run ``first`` to ``last`` really stands."""
        (hit, hit_end), (exempt, exempt_end), *rest = ((bounds[first], bounds[last + 1]) for bounds in self._bounds)
        sure = [self._patterns[0][hit:hit_end]] if hit_end > hit else []
        doubtful: list[NDArray[np.int64]] = []
        for (begin, end), literals in zip(rest, self._literals, strict=True):
            if end > begin:
                keys, unsure = literals.key[begin:end], literals.doubtful[begin:end]
                if unsure.any():
                    sure.append(keys[~unsure])
                    doubtful.append(keys[unsure])
                else:
                    sure.append(keys)
        if not sure:
            return _NOTHING
        keys = sure[0] if len(sure) == 1 else np.concatenate(sure)
        if exempt_end == exempt and not doubtful:
            return keys
        exempted = np.isin(keys, self._patterns[1][exempt:exempt_end])
        look = np.unique(np.concatenate([keys[exempted], *doubtful]))
        names, count = self.matcher.names, self._count
        passed = [key for key in look.tolist() if self.spans(names[key // count], key % count)]
        return np.concatenate([keys[~exempted], np.asarray(passed, np.int64)])

    def spans(self, name: str, message: int) -> tuple[Hit, ...]:
        """Where the group stands in one message: leftmost-longest, exempted words left out, in order."""
        group = self.matcher.number.get(name)
        if group is None:
            return _NO_HITS
        key = group * self._count + message
        spans = self._spans.get(key)
        if spans is None:
            spans = self._spans[key] = self._resolve(group, message, key)
        return spans

    def _resolve(self, group: int, message: int, key: int) -> tuple[Hit, ...]:
        table = self._tables.get(group)
        if table is None:
            table = self._tables[group] = self._table(group)
        hits: list[Hit] = []
        ready = self.matcher.regexes[group]
        if key in table.patterns and ready.patterns is not None:
            hits += self._search(ready.patterns, message)
        for literal in table.literals.get(key, ()):
            if not literal.doubtful or _stands(self.texts[message], literal):
                hits.append(Hit(literal.start, literal.end, literal.how))
        if not hits:
            return _NO_HITS
        if key in table.exempting and ready.unless is not None:
            covers = self._search(ready.unless, message)
            hits = [hit for hit in hits if not any(c.start <= hit.start and hit.end <= c.end for c in covers)]
        if len(hits) < 2:
            return tuple(hits)
        hits.sort(key=_leftmost_longest)
        kept: list[Hit] = []
        for hit in hits:
            if not kept or hit.start >= kept[-1].end:
                kept.append(hit)
        return tuple(kept)

    def _table(self, group: int) -> _Table:
        """Everything found of one group, ready to be asked message by message."""
        bounds = group * self._count, (group + 1) * self._count
        patterns, exempting = (set(keys[slice(*np.searchsorted(keys, bounds))].tolist()) for keys in self._patterns)
        literals: dict[int, list[_Literal]] = {}
        for found in self._literals:
            part = slice(*np.searchsorted(found.key, bounds))
            view, keys, begin, end = found.view, found.key[part], found.begin[part], found.end[part]
            origin = view.origin[keys - bounds[0]]
            for key, start, stop, first, last, doubtful in zip(
                keys.tolist(),
                (view.place[begin] - origin).tolist(),
                (view.place[end - 1] - origin + 1).tolist(),
                begin.tolist(),
                end.tolist(),
                found.doubtful[part].tolist(),
                strict=True,
            ):
                literals.setdefault(key, []).append(_Literal(start, stop, first, last, found, doubtful))
        return _Table(patterns, exempting, literals)

    def _search(self, regex: re2._Regexp[bytes], message: int) -> list[Hit]:
        text = self.plain.bytes_of(message)
        find, size, at = regex._regexp.Match, len(text), 0  # noqa: SLF001
        hits = []
        while at < size:
            begin, end = find(_ANYWHERE, text, at, size)[0]
            if begin < 0:
                break
            if end > begin:
                start = len(text[:begin].decode())
                first, last = self.plain.original(message, start, start + len(text[begin:end].decode()))
                hits.append(Hit(first, last, "pattern"))
            at = max(end, begin + 1)
        return hits


def _leftmost_longest(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _stands(text: str, literal: _Literal) -> bool:
    """Whether a spread or word-edged literal hit is one a reader would see.

    不。可。能 is a disguise; 要不,可能是… runs over a clause and is none. ASCII words must be whole words.
    """
    view = literal.found.view
    origin = int(view.place[literal.begin]) - literal.start
    places = (view.place[literal.begin : literal.stop] - origin).tolist()
    before, after = text[max(places[0] - 1, 0) : places[0]], text[places[-1] + 1 : places[-1] + 2]
    if (_is_latin(before) and _is_latin(text[places[0]])) or (_is_latin(text[places[-1]]) and _is_latin(after)):
        return False
    gaps = [text[a + 1 : b] for a, b in pairwise(places)]
    marked = any(char in _CLAUSE_MARKS for gap in gaps for char in _folded(gap))
    return not marked or all(gaps)


def _is_latin(char: str) -> bool:
    """Whether a character (or none) is a Latin letter, in full width as well."""
    return (folded := _folded(char)).isascii() and folded.isalpha()


def _folded(gap: str) -> str:
    return fold(gap) if gap else ""
