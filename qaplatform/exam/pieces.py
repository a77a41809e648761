"""Cutting a reply into the pieces that each do one thing, with their place in what was written."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import msgspec

_MARKS = frozenset(",，。!！?？;；~～…\n\r")
_DIGITS = frozenset("0123456789")
_LONG_LETTERS = 12
"""A piece without any mark that is longer is cut before words with which people begin anew."""
_FEWEST_BEFORE = 2
_OPENERS = re.compile(
    "请问|麻烦您|我帮|我马上|我先|我这就|我去|我给|我们这边|这边给|您先|您别|您直接|您把|您可以|运费我|今天就|然后|马上给|没问题|亲这|可以的亲"
)


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Characters ``start:end`` of a reply, its closing mark included."""

    text: str
    start: int
    end: int
    letters: int
    """How many letters and digits it has."""


def pieces(text: str) -> tuple[Piece, ...]:
    """The clauses of a reply in order; what holds no letter or digit is left out."""
    out: list[Piece] = []
    start = 0
    for index in range(len(text)):
        if _ends(text, index):
            out += _cut(text, start, index + 1)
            start = index + 1
    out += _cut(text, start, len(text))
    return tuple(out)


def letters(text: str) -> int:
    """How many letters and digits a text has."""
    return sum(char.isalnum() for char in text)


def _ends(text: str, index: int) -> bool:
    char = text[index]
    if char in _MARKS:
        return True
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    if char == ".":
        return not (before in _DIGITS and after in _DIGITS)
    if char.isspace():
        return _is_han(before) and _is_han(after)
    return ord(char) > 0x2000 and unicodedata.category(char) == "So"


def _is_han(char: str) -> bool:
    return bool(char) and "\u3400" <= char <= "\u9fff"


def _cut(text: str, start: int, end: int) -> list[Piece]:
    """The pieces of a stretch without marks inside."""
    cuts = [start]
    if letters(text[start:end]) > _LONG_LETTERS:
        for found in _OPENERS.finditer(text, start, end):
            if found.start() - cuts[-1] >= _FEWEST_BEFORE:
                cuts.append(found.start())
    cuts.append(end)
    out = []
    for cut, last in pairwise(cuts):
        first = last - len(text[cut:last].lstrip())
        count = letters(text[first:last])
        if count:
            out.append(Piece(text[first:last], first, last, count))
    return out
