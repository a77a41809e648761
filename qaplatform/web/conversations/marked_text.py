"""Words of a message marked in place: findings with their numbers, promises, what is masked, what was searched for.

One pass over a message: marks may overlap in any way, and every character is written once. Nothing foreign gets through
as markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from qaplatform.formats.writing.plain import visible

Kind = Literal["critical", "severe", "major", "minor", "hint", "cited", "sign", "promise", "found", "masked"]
_RANK: dict[Kind, int] = {
    "critical": 0,
    "severe": 1,
    "major": 2,
    "minor": 3,
    "hint": 4,
    "cited": 5,
    "sign": 6,
    "promise": 7,
    "found": 8,
    "masked": 9,
}
MOST_MARKS = 200
"""Marks drawn in one message; what lies beyond them stands in the scorecard only."""
_JOINER = "\u200d"
_MODIFIERS = ("\u200d", "\ufe0f", "\ufe0e", "\u20e3")
_SKIN_TONES = range(0x1F3FB, 0x1F400)


class Mark(NamedTuple):
    """Characters ``start:end`` of the text that is shown; ``number`` is a finding's or a quotation's, 0 for what has none."""

    start: int
    end: int
    kind: Kind
    number: int = 0
    tip: str = ""


def marked(text: str, marks: Iterable[Mark], number_word: str = "%s", cited_word: str = "%s") -> Markup:
    """The text as HTML with its marks.

    Each numbered mark is followed by a link to ``#finding-<number>`` with the id ``spot-<number>``; ``number_word`` says
    for screen readers what the number is of (``%s`` stands for it). What a model cites has letters instead, and leads to
    ``#citing-<number>``.
    """
    fitting = _fitting(text, marks)
    if not fitting:
        return visible(text)
    begins: dict[int, list[Mark]] = {}
    ends: dict[int, list[Mark]] = {}
    for mark in fitting:
        begins.setdefault(mark.start, []).append(mark)
        ends.setdefault(mark.end, []).append(mark)
    out: list[str] = []
    here: dict[Mark, None] = {}
    for left, right in pairwise(sorted({0, len(text), *begins, *ends})):
        here |= dict.fromkeys(begins.get(left, ()))
        piece = visible(text[left:right])
        out.append(_piece(piece, here) if here else str(piece))
        for mark in ends.get(right, ()):
            del here[mark]
            if mark.number:
                cites = mark.kind == "cited"
                out.append(
                    cited_link(mark.number, cited_word) if cites else number_link(mark.number, mark.kind, number_word)
                )
    return Markup("".join(out))  # noqa: S704 - every piece is escaped


def number_link(number: int, kind: Kind, number_word: str) -> Markup:
    """The number of a finding, which leads to its criterion."""
    return Markup('<a class="spot spot-{}" id="spot-{}" href="#finding-{}" aria-label="{}">{}</a>').format(
        kind, number, number, number_word % number, number
    )


def cited_link(number: int, cited_word: str) -> Markup:
    """The letter of words that a model cites, which leads to its answer."""
    letter = letter_of(number)
    return Markup('<a class="spot spot-cited" id="cited-{}" href="#citing-{}" aria-label="{}">{}</a>').format(
        number, number, cited_word % letter, letter
    )


def letter_of(number: int) -> str:
    """A, B, … Z, AA, AB …: 1 is A."""
    letters = ""
    while number > 0:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _fitting(text: str, marks: Iterable[Mark]) -> Sequence[Mark]:
    """The marks that lie within the text, each once, drawn out to whole signs (half an emoji is none)."""
    size = len(text)
    found: dict[Mark, None] = {}
    for mark in marks:
        if not 0 <= mark.start < mark.end <= size:
            continue
        start, end = mark.start, mark.end
        while start > 0 and _belongs(text, start):
            start -= 1
        while end < size and _belongs(text, end):
            end += 1
        found[mark._replace(start=start, end=end)] = None
        if len(found) == MOST_MARKS:
            break
    return list(found)


def _belongs(text: str, place: int) -> bool:
    """Whether the character at a place is a part of the sign before it."""
    char = text[place]
    if char.isascii():
        return False
    return (
        char in _MODIFIERS or text[place - 1] == _JOINER or ord(char) in _SKIN_TONES or unicodedata.combining(char) != 0
    )


def _piece(piece: Markup, here: Iterable[Mark]) -> str:
    """A piece under at least one mark, drawn as the heaviest of them."""
    marks = sorted(here, key=lambda mark: (_RANK[mark.kind], mark.end - mark.start))
    classes = [f"hit-{marks[0].kind}"]
    if any(mark.kind == "masked" for mark in marks[1:]):
        classes.append("hit-masked")
    if any(mark.kind == "found" for mark in marks[1:]):
        classes.append("hit-found")
    numbers = " ".join(str(mark.number) for mark in marks if mark.number and mark.kind != "cited")
    tips = "\n".join(dict.fromkeys(mark.tip for mark in marks if mark.tip))
    said = "".join(
        f' {name}="{escape(value)}"' for name, value in (("data-numbers", numbers), ("title", tips)) if value
    )
    return f'<mark class="hit {" ".join(classes)}"{said}>{piece}</mark>'
