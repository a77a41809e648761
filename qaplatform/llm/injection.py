"""Signs that somebody writes to the machine that grades: where they stand, and of which kind.

The words are in ``packs/injection.yaml``; this module looks for them in what is written, in what it reads like without
its disguise (:mod:`qaplatform.llm.readings`), and in what messages of one side say together. Signs are shown to people
and keep such words from being evidence; they judge nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import msgspec
import re2

from qaplatform.audit.phrase_loading import load_phrases
from qaplatform.audit.phrases import PhraseBook
from qaplatform.llm import readings
from qaplatform.llm.readings import Reading
from qaplatform.llm.transcript import Said, hidden_chars
from qaplatform.resources import shipped_file

CODED = ("encoded", "hidden", "disguised")
"""Kinds that are found without words; the others are the groups of ``packs/injection.yaml``."""
_FEWEST_HIDDEN = 3
_FEWEST_LETTERS = 8
"""A phrase that is found by its letters alone has so many."""
_MOST_JOINED_CHARS = 1_500
_MOST_JOINED = 3
_MOST_BETWEEN = 2
"""So many messages of others may stand between two that are read as one."""
_MOST_CHARS = 100_000
"""Of one message; nobody types so much."""
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a0-9]{2,8}\U000e007f")
_UNSEEN_RUN = re.compile("[\U000e0000-\U000e0fff\U000e0100-\U000e01ef]+|[\ufe00-\ufe0f]{3,}")
_TURNED = re.compile("[\u202d\u202e][^\u202c\n]*")
_WOVEN = re.compile(r"(?:\w[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u180e\u3164\u115f\u1160\uffa0\u034f]+\s?){3,}\w?")
_LATIN = re.compile("[A-Za-z]")
_SENTENCE_END = re.compile(r"[.!?。！？;；\n]")


class Sign(msgspec.Struct, frozen=True, order=True):
    """Characters ``start:end`` of the masked text of a message that seem to be written for a machine."""

    message: int
    start: int
    end: int
    kind: str


class _Pattern(NamedTuple):
    """One pattern of the list, and what makes its hits none."""

    kind: str
    found: re2._Regexp[str]
    unless: re2._Regexp[str] | None


class _Patterns:
    """All patterns; only those whose letters a text holds are tried on it, or each would cost a look at every text."""

    def __init__(self, sources: Sequence[tuple[str, str]], unless: Mapping[str, re2._Regexp[str]]) -> None:
        options = re2.Options()
        options.log_errors = False
        self._filter = re2.Filter()
        for _, source in sources:
            self._filter.Add(source, options)
        self._filter.Compile()
        self._patterns = [_Pattern(kind, re2.compile(source, options), unless.get(kind)) for kind, source in sources]

    def in_text(self, text: str) -> list[_Pattern]:
        """Those that are found in a text."""
        return [self._patterns[index] for index in self._filter.Match(text) or ()]


class _Words(NamedTuple):
    """What is looked for; loose patterns need no spaces between words."""

    strict: _Patterns
    loose: _Patterns
    spoken: re.Pattern[str]
    spoken_kinds: dict[str, str]


def injection_words() -> PhraseBook:
    """The groups of ``packs/injection.yaml``."""
    path = shipped_file("packs", "injection.yaml")
    return load_phrases([path.name], lambda _: path.read_text(encoding="utf-8"))


@cache
def _words() -> _Words:
    book = injection_words()
    unless = {id: _compiled(group.unless) for id, group in book.items() if group.unless}
    sources = [(id, pattern) for id, group in book.items() for pattern in group.patterns]
    spoken = {
        readings.spoken(readings.folded(readings.as_written(phrase))).text: id
        for id, group in book.items()
        for phrase in group.phrases
    }
    longest_first = sorted((one for one in spoken if len(one) >= _FEWEST_LETTERS), key=len, reverse=True)
    return _Words(
        _Patterns(sources, unless),
        _Patterns([(id, _loosened(pattern)) for id, pattern in sources], unless),
        re.compile("|".join(map(re.escape, longest_first)) or r"\b\B"),
        spoken,
    )


def _compiled(patterns: Sequence[str]) -> re2._Regexp[str]:
    options = re2.Options()
    options.log_errors = False
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns), options)


def _loosened(pattern: str) -> str:
    return pattern.replace(r"\b", "").replace(" ?", " ").replace(" ", " ?")


def signs_of_injection(messages: Sequence[Said]) -> tuple[Sign, ...]:
    """Where messages seem to be written for a machine that grades, in the order they stand.

    Args:
        messages: A conversation, masked; each number once.

    Returns:
        Places in the masked texts; those of one message do not overlap.
    """
    found: list[Sign] = []
    for one in messages:
        found += (Sign(one.number, *place) for place in _in_text(one.text[:_MOST_CHARS]))
    flagged = {sign.message for sign in found}
    for joined in _joined(messages):
        if not all(one.number in flagged for one in joined):
            found += _across(joined)
    return tuple(_without_overlap(found))


def beyond_signs(message: int, start: int, end: int, text: str, signs: Sequence[Sign]) -> bool:
    """Whether a place lies outside the sentences with signs and all between them: only that may be evidence.

    Args:
        message: The number of the message.
        start: Where the place begins in its masked text.
        end: Where it ends.
        text: The message's masked text.
        signs: What :func:`signs_of_injection` found.
    """
    here = [sign for sign in signs if sign.message == message]
    if not here:
        return True
    first, last = min(sign.start for sign in here), max(sign.end for sign in here)
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, first)), default=0)
    match = _SENTENCE_END.search(text, last)
    return end <= begin or start >= (match.end() if match else len(text))


def _in_text(text: str) -> Iterator[tuple[int, int, str]]:
    """Signs in one text: places as written, and kinds."""
    yield from _unseen(text)
    written = readings.as_written(text)
    plain = readings.folded(written)
    if not plain.text.strip():
        return
    yield from _searched(plain)
    for reading in readings.other_readings(written, plain):
        yield from _searched(reading)
        if reading.how == "encoded":
            yield from _in_words(reading)


def _unseen(text: str) -> Iterator[tuple[int, int, str]]:
    """Characters nobody sees, where there are more than ordinary chats have."""
    if text.isascii() or not hidden_chars(text):
        return
    without_flags = _FLAG.sub(lambda match: "x" * len(match[0]), text)
    for pattern in (_UNSEEN_RUN, _TURNED, _WOVEN):
        for run in pattern.finditer(without_flags):
            if len(run[0]) >= _FEWEST_HIDDEN:
                yield run.start(), run.end(), "hidden"


def _searched(reading: Reading) -> Iterator[tuple[int, int, str]]:
    words = _words()
    for pattern in (words.loose if reading.loose else words.strict).in_text(reading.text):
        hits = list(pattern.found.finditer(reading.text))
        exempt = [match.span() for match in pattern.unless.finditer(reading.text)] if hits and pattern.unless else []
        for hit in hits:
            if not any(begin <= hit.start() and hit.end() <= end for begin, end in exempt):
                yield *reading.original(*hit.span()), reading.how or pattern.kind
    if reading.how != "encoded" and words.spoken.search(readings.spoken_text(reading.text)):
        spoken = readings.spoken(reading)
        for match in words.spoken.finditer(spoken.text):
            yield *spoken.original(*match.span()), reading.how or words.spoken_kinds[match[0]]


def _in_words(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Base64 and the like that read as words: customers do not write so, whatever it says."""
    at = 0
    while at < len(reading.text):
        end = at + 1
        while end < len(reading.text) and reading.begins[end] == reading.begins[at]:
            end += 1
        place = reading.original(at, end)
        if end - at > 1 and place[1] - place[0] > end - at and readings.reads_as_words(reading.text[at:end]):
            yield *place, "encoded"
        at = end


def _joined(messages: Sequence[Said]) -> Iterator[tuple[Said, ...]]:
    """Messages of one side that follow each other closely, as one may have cut a sentence between them."""
    for index, first in enumerate(messages):
        together, between, length = [first], 0, len(first.text)
        for one in messages[index + 1 :]:
            if one.role != first.role:
                between += 1
                if between > _MOST_BETWEEN:
                    break
                continue
            length += len(one.text)
            if len(together) == _MOST_JOINED or length > _MOST_JOINED_CHARS:
                break
            together.append(one)
            yield tuple(together)


def _across(messages: Sequence[Said]) -> Iterator[Sign]:
    """Signs that only several messages hold together, as one sign in each of them."""
    texts = [one.text for one in messages]
    glues: tuple[str, ...] = ("",)
    if _LATIN.match(texts[0][-1:]) and _LATIN.match(texts[1][:1]):
        glues = ("", " ")
    for glue in glues:
        borders, at = [], 0
        for text in texts:
            borders.append((at, at + len(text)))
            at += len(text) + len(glue)
        for start, end, kind in _in_text(glue.join(texts)):
            held = [
                (one, max(start, begin) - begin, min(end, stop) - begin)
                for one, (begin, stop) in zip(messages, borders, strict=True)
                if start < stop and end > begin
            ]
            if len(held) > 1:
                for one, first, last in held:
                    yield Sign(one.number, first, last, kind)


def _without_overlap(signs: Sequence[Sign]) -> Iterator[Sign]:
    """Overlapping signs as one, which has the kind of the first and longest."""
    current: Sign | None = None
    for sign in sorted(signs, key=lambda one: (one.message, one.start, -one.end)):
        if current is None or sign.message != current.message or sign.start >= current.end:
            if current is not None:
                yield current
            current = sign
        elif sign.end > current.end:
            current = msgspec.structs.replace(current, end=sign.end)
    if current is not None:
        yield current
