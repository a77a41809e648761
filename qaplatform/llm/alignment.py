"""Where a quote stands in a text that is nearly the same, and how the two differ.

Both are views of letters and digits only (``audit/normalise.py``, tight). Few edits are allowed, so one of the quote's
blocks stands in the text as it is: only around such places is looked closer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import msgspec

_MOST_SEEDS = 12
_MOST_CHARS = 300
"""A longer quote has no slips: it stands there as it is, or nowhere."""
_CHARS_AN_EDIT = 8
_MOST_EDITS = 8
_FEWEST_BETWEEN = 3
"""Two edits nearer than so many equal characters are a changed word."""


class Edit(msgspec.Struct, frozen=True):
    """One difference: ``swap`` (another character), ``lack`` (the quote lacks one), ``extra`` (it has one too many).

    ``quoted`` and ``written`` are places in the quote and in the text; where there is no character, the place before
    which it would stand.
    """

    kind: Literal["swap", "lack", "extra"]
    quoted: int
    written: int


class Alignment(msgspec.Struct, frozen=True):
    """A quote lies on ``start:end`` of a text, with these edits."""

    start: int
    end: int
    edits: tuple[Edit, ...]


def allowed_edits(chars: int) -> int:
    """How many edits a quote of so many characters may have."""
    return min(chars // _CHARS_AN_EDIT, _MOST_EDITS)


def near(quote: str, text: str) -> Iterator[Alignment]:
    """Alignments with at least one and not too many edits, those that stand apart; each place once."""
    most = allowed_edits(len(quote))
    if not most or len(quote) > _MOST_CHARS or len(text) + most < len(quote):
        return
    seen: set[Alignment] = set()
    for diagonal in _diagonals(quote, text, most + 1):
        for found in _aligned(quote, text, diagonal, most):
            if not found.edits or found in seen:
                continue
            seen.add(found)
            places = [edit.quoted for edit in found.edits]
            if all(later - sooner > _FEWEST_BETWEEN for sooner, later in pairwise(places)):
                yield found


def _diagonals(quote: str, text: str, blocks: int) -> list[int]:
    """Where the quote would begin in the text, by the blocks of it that stand there unchanged."""
    size = len(quote) // blocks
    found: dict[int, None] = {}
    for block in range(blocks):
        begin = block * size
        piece = quote[begin : begin + size] if block < blocks - 1 else quote[begin:]
        at = text.find(piece)
        while at >= 0 and len(found) < _MOST_SEEDS:
            found[at - begin] = None
            at = text.find(piece, at + 1)
    return list(found)


def _aligned(quote: str, text: str, diagonal: int, most: int) -> tuple[Alignment, ...]:
    """The cheapest alignments near a diagonal: one that rather swaps, one that rather lacks."""
    low, high = max(diagonal - most, 0), min(diagonal + len(quote) + most, len(text))
    width, far = high - low, most + 1
    if width <= 0:
        return ()
    rows: list[list[int]] = [[0] * (width + 1)]
    band = 2 * most + 1
    for i, char in enumerate(quote, start=1):
        before, row = rows[-1], [far] * (width + 1)
        middle = i + diagonal - low
        begin = max(middle - band, 0)
        if begin == 0:
            row[0] = min(i, far)
            begin = 1
        for j in range(begin, min(middle + band, width) + 1):
            swap = before[j - 1] + (char != text[low + j - 1])
            best = min(swap, before[j] + 1, row[j - 1] + 1)
            row[j] = min(best, far)
        rows.append(row)
    last = rows[-1]
    cost = min(last)
    if cost > most:
        return ()
    end = max(j for j, one in enumerate(last) if one == cost)
    return tuple(_traced(quote, text, rows, (low, end), swaps_first=first) for first in (True, False))


def _traced(quote: str, text: str, rows: list[list[int]], place: tuple[int, int], *, swaps_first: bool) -> Alignment:
    edits: list[Edit] = []
    low, end = place
    i, j = len(quote), end
    while i:
        here = rows[i][j]
        lacks = j and here == rows[i][j - 1] + 1 and i < len(quote)
        if (swaps_first or not lacks) and j and here == rows[i - 1][j - 1] + (quote[i - 1] != text[low + j - 1]):
            i, j = i - 1, j - 1
            if quote[i] != text[low + j]:
                edits.append(Edit("swap", i, low + j))
        elif j and here == rows[i][j - 1] + 1:
            j -= 1
            edits.append(Edit("lack", i, low + j))
        else:
            i -= 1
            edits.append(Edit("extra", i, low + j))
    return Alignment(low + j, low + end, tuple(reversed(edits)))
