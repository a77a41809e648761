"""What a matcher found in a block of messages: which groups stand where, and in which words.

The scan of patterns only says that one ends somewhere. The exact words are found here, by RE2, for the few messages
anybody asks about; where a literal phrase stands is known at once. A group's hit that lies inside a match of the
group's ``unless`` patterns is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import re2

from qaplatform.audit.normalise import Joined, Part, View, sound_view
from qaplatform.audit.phrase_hits import NOTHING, Hit, Ints, Keyed, PhraseHits, once

if TYPE_CHECKING:
    from qaplatform.audit.matching import Automata, Matcher, Regexes
    from qaplatform.audit.scanning import Scan

Side = Literal["customer", "shop"]


_FEW = 256
_NO_HITS: tuple[Hit, ...] = ()
# The wrapper's finditer costs three times what the search itself does.
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 - the wrapper has no other door


class Found:
    """What a matcher found in one side's messages."""

    def __init__(
        self,
        matcher: Matcher,
        side: Side,
        texts: Sequence[str],
        views: Joined | Part,
        patterns: Scan | None,
        phrases: tuple[PhraseHits, ...] | None = None,
    ) -> None:
        self.matcher = matcher
        self.texts = texts
        self._side: Side = side
        self._views = views
        self._count = max(len(texts), 1)
        self._scan = patterns if texts else None
        self._spans: dict[int, tuple[Hit, ...]] = {}
        if phrases is not None:
            self._phrases = phrases

    @property
    def plain(self) -> View:
        """The plain view of the side's messages."""
        return self._views.plain

    @property
    def tight(self) -> View:
        """The tight view of the side's messages."""
        return self._views.tight

    def part(self, groups: tuple[str, ...], messages: Ints) -> Found:
        """What some groups (``asked`` ones too) find in some of the messages (ascending); nothing is folded again."""
        numbers = sorted(self.matcher.number[name] for name in groups if name in self.matcher.number)
        phrases = tuple(one.part(numbers, self._count, messages) for one in self._phrases)
        texts = [self.texts[message] for message in messages.tolist()]
        patterns = self.matcher.patterns(self._side, groups)
        return Found(self.matcher, self._side, texts, self._views.part(messages), patterns, phrases)

    @cached_property
    def _scanned(self) -> tuple[Ints, Ints]:
        """Pattern numbers and the bytes of the plain view at which they end."""
        return self._scan.run(self._views.utf8) if self._scan is not None else (NOTHING, NOTHING)

    @cached_property
    def _pattern_ends(self) -> tuple[Ints, Ints]:
        """Groups of pattern hits, and the characters of the plain view at which they end."""
        scan = self._scan
        if scan is None:
            return NOTHING, NOTHING
        number, end = self._scanned
        hit = ~scan.exempts[number]
        chars = np.cumsum((np.frombuffer(self._views.utf8, np.uint8) & 0xC0) != 0x80)
        return scan.group[number[hit]], chars[end[hit] - 1] - 1

    @cached_property
    def _patterns(self) -> tuple[Keyed, Keyed]:
        """Keys of pattern hits, and of exempting hits; each once."""
        scan = self._scan
        if scan is None:
            return Keyed(NOTHING), Keyed(NOTHING)
        if not scan.worth_it(len(self.texts)):
            return self._by_group(scan.groups)
        number, end = self._scanned
        key = scan.group[number] * self._count + np.searchsorted(self._views.byte_ends, end)
        exempts = scan.exempts[number]
        return Keyed(once(key[~exempts])), Keyed(once(key[exempts]))

    def _by_group(self, groups: Sequence[int]) -> tuple[Keyed, Keyed]:
        """The same without a database: one search a group. Exempting patterns are looked for where there is a hit."""
        phrased: dict[int, set[int]] = {}
        for phrases in self._phrases:
            for group, message in zip(*(part.tolist() for part in np.divmod(phrases.keys, self._count)), strict=True):
                phrased.setdefault(group, set()).add(message)
        hits, exempting = [], []
        for group in groups:
            ready, base = self.matcher.regexes[group], group * self._count
            messages = self._searched(ready) if ready.sources else []
            hits += [base + message for message in messages]
            said = sorted({*messages, *phrased.get(group, ())})
            if said and ready.unless:
                exempting += [
                    base + message
                    for message in said
                    if _search(ready.unless, self._views.bytes_of(message), 0)[0] >= 0
                ]
        return Keyed(np.asarray(hits, np.int64)), Keyed(np.asarray(exempting, np.int64))

    def _searched(self, ready: Regexes) -> list[int]:
        """The messages in which a group's patterns are found."""
        text, ends, found = self._views.utf8, self._views.byte_ends.tolist(), set[int]()
        for occurs in ready.occurs:
            at = 0
            while at < len(text):
                begin, end = _search((occurs,), text, at)
                if begin < 0:
                    break
                message = bisect_left(ends, begin)
                # What runs on into the next message is no hit, but may hide a shorter one.
                if end <= ends[message] or _search(ready.patterns, self._views.bytes_of(message), 0)[0] >= 0:
                    found.add(message)
                at = ends[message] + 1
        return sorted(found)

    @cached_property
    def _phrases(self) -> tuple[PhraseHits, ...]:
        sought = self.matcher.sought[self._side]
        found = []
        if sought.phrases is not None and self.texts:
            found.append(PhraseHits.of(sought.phrases, self.tight, "phrase", self._count))
        if sought.sounds is not None and self.texts:
            found.append(PhraseHits.of(sought.sounds, sound_view(self.tight), "sound", self._count))
        return tuple(found)

    def messages(self, name: str) -> Ints:
        """The side's messages (sorted local indices) in which the group stands."""
        return once(self.standing(name))

    def standing(self, name: str) -> Ints:
        """Like :meth:`messages`, unsorted and with repetitions: what a mask needs.

        A group the book has not stands nowhere: a rubric need not bring the words of every observer.
        """
        if name not in self.present:
            return NOTHING
        group = self.matcher.number[name]
        return self._keys(group, group) - group * self._count

    @cached_property
    def present(self) -> frozenset[str]:
        """Groups of which anything was found at all: in a short text, few."""
        columns = [column.keys for column in (self._patterns[0], *self._phrases) if column.keys.size]
        if not columns:
            return frozenset()
        groups = np.concatenate(columns) // self._count
        numbers = groups if groups.size < _FEW else np.bincount(groups).nonzero()[0]
        return frozenset(map(self.matcher.names.__getitem__, numbers.tolist()))

    def ends(self, name: str) -> Ints:
        """The characters of the plain view at which the group's hits end (ascending, each once), exempted ones too."""
        group = self.matcher.number.get(name, -1)
        of, last = self._pattern_ends
        found = [last[of == group]]
        for phrases in self._phrases:
            begin, end = np.searchsorted(phrases.keys, (group * self._count, (group + 1) * self._count))
            found.append(np.searchsorted(self.plain.place, phrases.view.place[phrases.last[begin:end]]))
        return once(np.concatenate(found))

    def pairs(self, first: str, last: str) -> tuple[Ints, Ints]:
        """Group numbers and local messages, sorted by both, of all groups from ``first`` to ``last`` in the book.

        One pass over their keys, where :meth:`messages` would need one a group.
        """
        keys = once(self._keys(self.matcher.number[first], self.matcher.number[last]))
        group, message = np.divmod(keys, self._count)
        return group, message

    @cached_property
    def _bounds(self) -> tuple[list[int], ...]:
        """Where each group's keys begin, in pattern hits, in exempting hits and in each kind of phrases."""
        edges = np.arange(len(self.matcher.names) + 1) * self._count
        columns = (*self._patterns, *self._phrases)
        return tuple(
            np.searchsorted(column.keys, edges).tolist() if column.keys.size else [0] * edges.size for column in columns
        )

    def _keys(self, first: int, last: int) -> Ints:
        """Keys at which a group of the run ``first`` to ``last`` really stands."""
        (hit, hit_end), (exempt, exempt_end), *rest = ((bounds[first], bounds[last + 1]) for bounds in self._bounds)
        sure = [self._patterns[0].keys[hit:hit_end]] if hit_end > hit else []
        doubtful: list[Ints] = []
        for (begin, end), phrases in zip(rest, self._phrases, strict=True):
            if end > begin:
                keys, unsure = phrases.keys[begin:end], phrases.doubtful[begin:end]
                if unsure.any():
                    sure.append(keys[~unsure])
                    doubtful.append(keys[unsure])
                else:
                    sure.append(keys)
        if not sure:
            return NOTHING
        keys = sure[0] if len(sure) == 1 else np.concatenate(sure)
        if exempt_end == exempt and not doubtful:
            return keys
        exempted = np.isin(keys, self._patterns[1].keys[exempt:exempt_end])
        look = once(np.concatenate([keys[exempted], *doubtful]))
        names, count = self.matcher.names, self._count
        passed = [key for key in look.tolist() if self.spans(names[key // count], key % count)]
        return np.concatenate([keys[~exempted], np.asarray(passed, np.int64)])

    def spans(self, name: str, message: int) -> tuple[Hit, ...]:
        """Where the group stands in one message: leftmost-longest, exempted words left out, in order."""
        group = self.matcher.number.get(name)
        if group is None:
            return _NO_HITS
        key = group * self._count + message
        if key not in self._hit:
            return _NO_HITS
        spans = self._spans.get(key)
        if spans is None:
            spans = self._spans[key] = self._resolve(group, message, key)
        return spans

    @cached_property
    def _hit(self) -> frozenset[int]:
        """All keys at which anything was found: most of what is asked is not there."""
        keys = [self._patterns[0].keys, *(phrases.keys for phrases in self._phrases)]
        return frozenset(np.concatenate(keys).tolist())

    def _resolve(self, group: int, message: int, key: int) -> tuple[Hit, ...]:
        ready = self.matcher.regexes[group]
        patterns, exempting = self._patterns
        hits = self._words(ready.patterns, message) if key in patterns else []
        for phrases in self._phrases:
            hits += phrases.hits(key, self.texts[message], int(self._views.origin[message]))
        if not hits:
            return _NO_HITS
        if key in exempting:
            covers = self._words(ready.unless, message)
            hits = [hit for hit in hits if not any(c.start <= hit.start and hit.end <= c.end for c in covers)]
        if len(hits) < 2:
            return tuple(hits)
        hits.sort(key=_leftmost_longest)
        kept: list[Hit] = []
        for hit in hits:
            if not kept or hit.start >= kept[-1].end:
                kept.append(hit)
        return tuple(kept)

    def _words(self, automata: Automata, message: int) -> list[Hit]:
        text, at = self._views.bytes_of(message), 0
        hits = []
        while at < len(text):
            begin, end = _search(automata, text, at)
            if begin < 0:
                break
            if end > begin:
                start = len(text[:begin].decode())
                first, last = self._views.original(message, start, start + len(text[begin:end].decode()))
                hits.append(Hit(first, last, "pattern"))
            at = max(end, begin + 1)
        return hits


def _search(automata: Automata, text: bytes, at: int) -> tuple[int, int]:
    """Bytes of the first match from ``at`` on, of several there the longest; -1 where there is none."""
    first = -1, -1
    for one in automata:
        begin, end = one._regexp.Match(_ANYWHERE, text, at, len(text))[0]  # noqa: SLF001
        if begin >= 0 and (first[0] < 0 or (begin, -end) < (first[0], -first[1])):
            first = begin, end
    return first


def _leftmost_longest(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end
