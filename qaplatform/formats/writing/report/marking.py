"""A message's text as HTML with the findings' words marked in place; nothing foreign gets through as markup."""

# ruff: noqa: S704 -- every piece of a message goes through visible(), every tip through escape().

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from qaplatform.formats.writing.plain import visible

HUES = 8
"""Colours for criteria in the style sheet (``h0`` …); the note's number tells apart what shares one."""
MESSAGE_CHARS = 900
"""Longer messages are cut around the marked words."""
_AROUND = 60
_HEAD = 300


class Mark(NamedTuple):
    """Words ``start`` ≤ place < ``end``; ``number`` is the note they belong to, 0 for a promise."""

    start: int
    end: int
    number: int
    hue: int
    tip: str


def kept(length: int, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """The ranges of a text that are shown: all of it, or its head and the surroundings of its marks."""
    if length <= MESSAGE_CHARS:
        return [(0, length)]
    wanted = [(0, _HEAD)]
    wanted += [(max(0, mark.start - _AROUND), min(length, mark.end + _AROUND, mark.start + _HEAD)) for mark in marks]
    ranges: list[tuple[int, int]] = []
    left = MESSAGE_CHARS
    for first, last in sorted(wanted):
        start = max(first, ranges[-1][1]) if ranges else first
        end = min(last, start + left)
        if end <= start:
            continue
        left -= end - start
        if ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges


def marked(text: str, marks: Sequence[Mark], anchor: str, cut: str) -> Markup:
    """The text with its marks; ``anchor`` begins the ids of the notes, ``cut`` says ``{n}`` characters are left out."""
    fitting = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    ranges = kept(len(text), fitting)
    out: list[str] = []
    hidden = len(text) - sum(end - start for start, end in ranges)
    for place, (start, end) in enumerate(ranges):
        if place:
            out.append('<span class="cut"> … </span>')
        out.append(_range(text, start, end, fitting, anchor))
    if hidden:
        out.append(f'<span class="cut">{escape(cut.format(n=f"{hidden:,}"))}</span>')
    return Markup("".join(out))


def _range(text: str, start: int, end: int, marks: Sequence[Mark], anchor: str) -> str:
    """One range of the text, cut where marks begin or end so that overlapping ones stay well formed."""
    here = [mark for mark in marks if mark.start < end and mark.end > start]
    edges = sorted({start, end} | {min(max(edge, start), end) for mark in here for edge in (mark.start, mark.end)})
    out: list[str] = []
    for left, right in pairwise(edges):
        covering = [mark for mark in here if mark.start < right and mark.end > left]
        piece = visible(text[left:right])
        if not covering:
            out.append(str(piece))
            continue
        first = min(covering, key=lambda mark: (mark.number == 0, mark.end - mark.start))
        css = f"h{first.hue}" if first.number else "promise"
        numbers = " ".join(str(mark.number) for mark in covering if mark.number)
        tips = escape("\n".join(dict.fromkeys(mark.tip for mark in covering)))
        out.append(f'<mark class="{css}" data-n="{numbers}" title="{tips}">{piece}</mark>')
        out.extend(
            f'<sup class="h{mark.hue}"><a href="#{anchor}-{mark.number}">{mark.number}</a></sup>'
            for mark in covering
            if mark.number and right in (mark.end, end)
        )
    return "".join(out)
