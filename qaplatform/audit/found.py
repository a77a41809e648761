"""What a matcher found in a block of messages: which groups stand where, and in which words.

The scan of patterns only says that one ends somewhere. The exact words are found here, by RE2, for the few messages
anybody asks about; where a literal phrase stands is known at once. A group's hit that lies inside a match of the
group's ``unless`` patterns is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
import re2
from numpy.typing import NDArray

from qaplatform.audit.literals import Literals
from qaplatform.audit.normalise import Joined, Part, View, fold, sound_view

if TYPE_CHECKING:
    from qaplatform.audit.matching import Matcher
    from qaplatform.audit.scanning import Scan

Side = Literal["customer", "shop"]
How = Literal["pattern", "phrase", "sound"]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CLAUSE_MARKS = frozenset(",.!?;")


class Hit(msgspec.Struct, frozen=True, gc=False):
    """Words of a message in original characters, and how they were found."""

    start: int
    end: int
    how: How


_NO_HITS: tuple[Hit, ...] = ()
_NOTHING: Ints = np.empty(0, np.int64)
# The wrapper's finditer costs three times what the search itself does.
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 - the wrapper has no other door


class _Keyed:
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


class _Phrases(_Keyed):
    """Hits of literal phrases, by key: characters ``first`` to ``last`` of a view, and if they need a look."""

    def __init__(self, keys: Ints, view: View, how: How, first: Ints, last: Ints, doubtful: Bools) -> None:
        super().__init__(keys)
        self.view = view
        self.how = how
        self.first = first
        self.last = last
        self.doubtful = doubtful

    @classmethod
    def of(cls, literals: Literals, view: View, how: How, count: int) -> _Phrases:
        """Find the phrases of ``count`` messages."""
        number, first = literals.find(view.codes)
        key = literals.group[number] * count + np.searchsorted(view.char_ends, first)
        order = np.argsort(key, kind="stable")
        number, first = number[order], first[order]
        last: Ints = first + literals.size[number] - 1
        spread = view.place[last] - view.place[first] != last - first
        return cls(key[order], view, how, first, last, spread | literals.edged[number])

    def part(self, groups: Sequence[int], count: int, messages: Ints) -> _Phrases:
        """The hits of some groups (ascending) in some messages (ascending); these are numbered anew."""
        if not messages.size:
            return self._chosen(_NOTHING, _NOTHING)
        bounds = np.searchsorted(self.keys, [edge for group in groups for edge in (group * count, (group + 1) * count)])
        places, keys = [_NOTHING], [_NOTHING]
        for group, begin, end in zip(groups, bounds[::2].tolist(), bounds[1::2].tolist(), strict=True):
            if end > begin:
                message = self.keys[begin:end] - group * count
                local = np.searchsorted(messages, message)
                inside = messages[np.minimum(local, messages.size - 1)] == message
                places.append(np.flatnonzero(inside) + begin)
                keys.append(local[inside] + group * messages.size)
        return self._chosen(np.concatenate(keys), np.concatenate(places))

    def _chosen(self, keys: Ints, places: Ints) -> _Phrases:
        first, last, doubtful = self.first[places], self.last[places], self.doubtful[places]
        return _Phrases(keys, self.view, self.how, first, last, doubtful)

    def hits(self, key: int, text: str, origin: int) -> list[Hit]:
        """The hits of a key in its message's original text, which begins at ``origin`` of the block's."""
        hits = []
        for place in range(*self.run(key)):
            places = self.view.place[self.first[place] : self.last[place] + 1]
            start, end = int(places[0]) - origin, int(places[-1]) - origin + 1
            if not self.doubtful[place] or _stands(text, (places - origin).tolist()):
                hits.append(Hit(start, end, self.how))
        return hits


class Found:
    """What a matcher found in one side's messages."""

    def __init__(
        self,
        matcher: Matcher,
        side: Side,
        texts: Sequence[str],
        views: Joined | Part,
        patterns: Scan | None,
        phrases: tuple[_Phrases, ...] | None = None,
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
        return self._scan.run(self._views.utf8) if self._scan is not None else (_NOTHING, _NOTHING)

    @cached_property
    def _pattern_ends(self) -> tuple[Ints, Ints]:
        """Groups of pattern hits, and the characters of the plain view at which they end."""
        scan = self._scan
        if scan is None:
            return _NOTHING, _NOTHING
        number, end = self._scanned
        hit = ~scan.exempts[number]
        chars = np.cumsum((np.frombuffer(self._views.utf8, np.uint8) & 0xC0) != 0x80)
        return scan.group[number[hit]], chars[end[hit] - 1] - 1

    @cached_property
    def _patterns(self) -> tuple[_Keyed, _Keyed]:
        """Keys of pattern hits, and of exempting hits; each once."""
        scan = self._scan
        if scan is None:
            return _Keyed(_NOTHING), _Keyed(_NOTHING)
        if not scan.worth_it(len(self.texts)):
            return self._one_by_one(scan.groups)
        number, end = self._scanned
        key = scan.group[number] * self._count + np.searchsorted(self._views.byte_ends, end)
        exempts = scan.exempts[number]
        return _Keyed(_once(key[~exempts])), _Keyed(_once(key[exempts]))

    def _one_by_one(self, groups: Sequence[int]) -> tuple[_Keyed, _Keyed]:
        """The same without a database: every group in every message. Exempting patterns only where there is a hit."""
        texts = self._views.utf8.split(b"\n")[:-1]
        phrased = {key for phrases in self._phrases for key in phrases.keys.tolist()}
        hits, exempting = [], []
        for group in groups:
            ready, base = self.matcher.regexes[group], group * self._count
            for message, text in enumerate(texts):
                hit = ready.patterns is not None and _occurs(ready.patterns, text)
                if hit:
                    hits.append(base + message)
                if ready.unless is not None and (hit or base + message in phrased) and _occurs(ready.unless, text):
                    exempting.append(base + message)
        return _Keyed(np.asarray(hits, np.int64)), _Keyed(np.asarray(exempting, np.int64))

    @cached_property
    def _phrases(self) -> tuple[_Phrases, ...]:
        sought = self.matcher.sought[self._side]
        found = []
        if sought.phrases is not None and self.texts:
            found.append(_Phrases.of(sought.phrases, self.tight, "phrase", self._count))
        if sought.sounds is not None and self.texts:
            found.append(_Phrases.of(sought.sounds, sound_view(self.tight), "sound", self._count))
        return tuple(found)

    def messages(self, name: str) -> Ints:
        """The side's messages (sorted local indices) in which the group stands."""
        return _once(self.standing(name))

    def standing(self, name: str) -> Ints:
        """Like :meth:`messages`, unsorted and with repetitions: what a mask needs.

        A group the book has not stands nowhere: a rubric need not bring the words of every observer.
        """
        group = self.matcher.number.get(name)
        if group is None or group not in self._present:
            return _NOTHING
        return self._keys(group, group) - group * self._count

    @cached_property
    def _present(self) -> frozenset[int]:
        """Groups of which anything was found at all: in a short text, few."""
        keys = np.concatenate([self._patterns[0].keys, *(phrases.keys for phrases in self._phrases)])
        return frozenset(np.flatnonzero(np.bincount(keys // self._count)).tolist())

    def ends(self, name: str) -> Ints:
        """The characters of the plain view at which the group's hits end (ascending, each once), exempted ones too."""
        group = self.matcher.number.get(name, -1)
        of, last = self._pattern_ends
        found = [last[of == group]]
        for phrases in self._phrases:
            begin, end = np.searchsorted(phrases.keys, (group * self._count, (group + 1) * self._count))
            found.append(np.searchsorted(self.plain.place, phrases.view.place[phrases.last[begin:end]]))
        return _once(np.concatenate(found))

    def pairs(self, first: str, last: str) -> tuple[Ints, Ints]:
        """Group numbers and local messages, sorted by both, of all groups from ``first`` to ``last`` in the book.

        One pass over their keys, where :meth:`messages` would need one a group.
        """
        keys = _once(self._keys(self.matcher.number[first], self.matcher.number[last]))
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
            return _NOTHING
        keys = sure[0] if len(sure) == 1 else np.concatenate(sure)
        if exempt_end == exempt and not doubtful:
            return keys
        exempted = np.isin(keys, self._patterns[1].keys[exempt:exempt_end])
        look = _once(np.concatenate([keys[exempted], *doubtful]))
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
        hits = self._search(ready.patterns, message) if ready.patterns is not None and key in patterns else []
        for phrases in self._phrases:
            hits += phrases.hits(key, self.texts[message], int(self._views.origin[message]))
        if not hits:
            return _NO_HITS
        if ready.unless is not None and key in exempting:
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

    def _search(self, regex: re2._Regexp[bytes], message: int) -> list[Hit]:
        text = self._views.bytes_of(message)
        find, size, at = regex._regexp.Match, len(text), 0  # noqa: SLF001
        hits = []
        while at < size:
            begin, end = find(_ANYWHERE, text, at, size)[0]
            if begin < 0:
                break
            if end > begin:
                start = len(text[:begin].decode())
                first, last = self._views.original(message, start, start + len(text[begin:end].decode()))
                hits.append(Hit(first, last, "pattern"))
            at = max(end, begin + 1)
        return hits


def _occurs(regex: re2._Regexp[bytes], text: bytes) -> bool:
    return bool(regex._regexp.Match(_ANYWHERE, text, 0, len(text))[0][0] >= 0)  # noqa: SLF001


def _once(keys: Ints) -> Ints:
    """Sorted, each once; quicker than numpy's own for the few that mostly come."""
    ordered = np.sort(keys)
    if ordered.size < 2:
        return ordered
    new = np.empty(ordered.size, np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _leftmost_longest(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


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
