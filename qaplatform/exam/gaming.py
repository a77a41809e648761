"""Is a reply written for the marking instead of for the customer?

Why: an exam that words alone can pass trains nobody. Source: D25 [o].

Signs, each with its place: speaking to the examiner or to the machine (``packs/gaming.yaml`` and ``packs/injection.yaml``), naming the
moves instead of making them, heaps of key words, more than one reply can mean, the same again and again, the customer's own words, text
pasted from what the candidate was shown, hidden characters. A reply with a sign earns no act; the sign is kept for the mentor.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Message
from qaplatform.audit.matching import Matcher
from qaplatform.audit.normalise import fold
from qaplatform.audit.phrase_loading import load_phrases
from qaplatform.resources import shipped_file

Kind = Literal[
    "to_the_examiner",
    "injection",
    "labelled",
    "stuffed",
    "listed",
    "repeated",
    "copied",
    "pasted",
    "hidden",
    "too_long",
]
_HEAPS = ("heap/remedy", "heap/other")
_BITS = re.compile(r"[^,，.。!！?？;；~、/|+#\s①-⑳]+")
_ITEM = re.compile(r"(?:^|[\s,;。；，])(?:[0-9a-f][.)、]|[①-⑳]|第[一二三四五六]步)")
_HIDDEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\u034f\u180e\ufe00-\ufe0e\U000e0000-\U000e0fff]"
)
_TURNED = re.compile("[\u202d\u202e]")
_FEWEST_BITS = 5
_BIT_LETTERS = 4
_MOST_BITS_SHORT_RATIO = 0.8
_LITTLE = re.compile("[您你我的了吗吧呢啦啊哦哈在是]")
_MOST_LITTLE_RATIO = 0.4
"""In a heap of key words fewer of the bits hold a pronoun or a particle."""
_MOST_REMEDIES = 4
_HEAP_WORDS = 8
_HEAP_LETTERS_PER_WORD = 6.0
"""More different key words than this, with so few letters to each, are a heap."""
_MOST_TIMES = 3
_MOST_LETTERS = 500
_FEWEST_ITEMS = 4
_FEWEST_HIDDEN = 3
_RUN_LETTERS = 6
_COPIED_RATIO = 0.7
_COPIED_LETTERS = 9
_PASTED_RATIO = 0.8
_PASTED_SENTENCE = 4
_LONG_PASTE_LETTERS = 24
_RETYPED_RATIO = 0.7
"""From this share of a long sentence on, in runs of letters, it was pasted and touched up."""


class Suspicion(msgspec.Struct, frozen=True, order=True):
    """A sign of gaming in characters ``start:end`` of the reply."""

    kind: Kind
    start: int
    end: int


@lru_cache(maxsize=1)
def _words() -> tuple[Matcher, tuple[str, ...]]:
    """The lists, and which of their groups speak to a machine."""
    texts = {
        name: shipped_file("packs", name).read_text(encoding="utf-8") for name in ("gaming.yaml", "injection.yaml")
    }
    book = load_phrases(list(texts), texts.__getitem__)
    return Matcher(book, compiles=False), tuple(
        name for name in book if name not in ("to_the_examiner", "labelled", *_HEAPS)
    )


def suspicions(text: str, before: Sequence[Message], references: Sequence[str] = ()) -> tuple[Suspicion, ...]:
    """The signs in a reply, in order; none for an honest one.

    Args:
        text: What the candidate wrote.
        before: The conversation so far.
        references: Texts the candidate may have seen: messages of good dialogues, the scenario, its policy.
    """
    shown = [_HIDDEN.sub("", text), *references]
    found = [*_written_for_the_marking(shown[0], len(text)), *_hidden(text)]
    for kind, holds in (
        ("stuffed", _is_stuffed(shown[0])),
        ("listed", len(_ITEM.findall(shown[0])) >= _FEWEST_ITEMS),
        ("repeated", _is_repeated(shown[0])),
        ("copied", _is_copied(shown[0], [one.text for one in before if one.role == "customer"])),
        ("pasted", _is_pasted(shown[0], references)),
        ("too_long", len(_bare(text)) > _MOST_LETTERS),
    ):
        if holds:
            found.append(Suspicion(kind, 0, len(text)))  # type: ignore[arg-type]
    return tuple(sorted(set(found), key=lambda one: (one.start, one.end, one.kind)))


def _written_for_the_marking(text: str, size: int) -> Iterator[Suspicion]:
    matcher, machine = _words()
    found = matcher.look("shop", [text])
    for name in matcher.names:
        if name in _HEAPS:
            continue
        kind: Kind = "injection" if name in machine else name  # type: ignore[assignment]
        for hit in found.spans(name, 0):
            yield Suspicion(kind, hit.start, min(hit.end, size))


def _hidden(text: str) -> Iterator[Suspicion]:
    places = [one.start() for one in _HIDDEN.finditer(text)]
    if len(places) >= _FEWEST_HIDDEN or _TURNED.search(text):
        yield Suspicion("hidden", places[0], places[-1] + 1)


def _bare(text: str) -> str:
    """A text's letters and digits, folded."""
    return "".join(char for char in fold(text) if char.isalnum())


def _is_stuffed(text: str) -> bool:
    """Whether it is a heap of key words and no sentences, or promises everything there is."""
    matcher, _ = _words()
    found = matcher.look("shop", [text])
    heap = {name: {text[hit.start : hit.end] for hit in found.spans(name, 0)} for name in _HEAPS}
    words = sum(map(len, heap.values()))
    per_word = _HEAP_LETTERS_PER_WORD * (2 if text.isascii() else 1)
    if len(heap["heap/remedy"]) > _MOST_REMEDIES or (words >= _HEAP_WORDS and len(_bare(text)) < per_word * words):
        return True
    bits = [bit for bit in _BITS.findall(text) if not bit.isdigit()]
    if len(bits) < _FEWEST_BITS or text.isascii():
        return False
    short = sum(len(bit) <= _BIT_LETTERS for bit in bits)
    little = sum(bool(_LITTLE.search(bit)) for bit in bits)
    return short >= _MOST_BITS_SHORT_RATIO * len(bits) and little < _MOST_LITTLE_RATIO * len(bits)


def _is_repeated(text: str) -> bool:
    """Whether the same is said again and again."""
    bits = [bit for bit in _BITS.findall(fold(text)) if len(bit) > 1]
    times = Counter(bits).most_common(1)
    if times and times[0][1] >= _MOST_TIMES and times[0][1] * len(times[0][0]) > len(_bare(text)) / 2:
        return True
    return bool(re.search(r"([^\W\d_]{2,20})\1{2,}", _bare(text)))


def _is_copied(text: str, customer: Sequence[str]) -> bool:
    """Whether it is mostly what the customer wrote."""
    bare = _bare(text)
    return len(bare) >= _COPIED_LETTERS and _share(bare, "\n".join(map(_bare, customer))) >= _COPIED_RATIO


def _is_pasted(text: str, references: Sequence[str]) -> bool:
    """Whether it is mostly made of several sentences it was shown, or of one long one."""
    bare = _bare(text)
    pieces = [one for one in map(_bare, references) if len(one) >= _PASTED_SENTENCE]
    whole = [one for one in pieces if one in bare or (len(one) >= _LONG_PASTE_LETTERS and _is_retyped(one, bare))]
    if len(whole) < 2 and not any(len(one) >= _LONG_PASTE_LETTERS for one in whole):
        return False
    covered = min(len(bare), sum(map(len, whole)))
    return covered >= _PASTED_RATIO * len(bare)


def _is_retyped(reference: str, bare: str) -> bool:
    """Whether a reply is a part of a long sentence it was shown, or holds that sentence with few letters changed."""
    return bare in reference or _share(reference, bare) >= _RETYPED_RATIO


def _share(bare: str, source: str) -> float:
    """How much of a text (0–1) lies in runs of letters that the source holds."""
    if not bare or not source:
        return 0.0
    inside = bytearray(len(bare))
    for start in range(len(bare) - _RUN_LETTERS + 1):
        if bare[start : start + _RUN_LETTERS] in source:
            inside[start : start + _RUN_LETTERS] = b"\1" * _RUN_LETTERS
    return sum(inside) / len(bare)
