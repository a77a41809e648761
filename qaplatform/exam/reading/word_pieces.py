"""Cutting a text into the word pieces a network knows, with their places: the likeliest cut under a unigram model.

Source: Kudo, "Subword Regularization" (2018), as SentencePiece uses it for XLM-RoBERTa.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

SPACE = "▁"
"""Stands for a space, and in front of a text."""
_UNKNOWN_COSTS = 10.0
"""How much less likely than the rarest piece a character is that no piece holds; natural logarithm."""


class Placed(NamedTuple):
    """A piece and the characters ``start:end`` of the text it stands for."""

    number: int
    start: int
    end: int


class WordPieces:
    """The pieces of a network by their text, and how likely each is (natural logarithm)."""

    def __init__(self, numbers: Mapping[str, int], scores: Mapping[str, float], unknown: int) -> None:
        self._known = {text: (number, scores[text]) for text, number in numbers.items()}
        self._longest = max(map(len, self._known))
        self._unknown = unknown, min(scores.values()) - _UNKNOWN_COSTS

    def cut(self, text: str) -> list[Placed]:
        """The pieces of a text in order; nothing for an empty one."""
        chars, places = _spelled(text)
        if not chars:
            return []
        best = [0.0] + [float("-inf")] * len(chars)
        back = [(0, 0)] * (len(chars) + 1)
        unknown, unknown_score = self._unknown
        for start in range(len(chars)):
            so_far = best[start]
            for end in range(start + 1, min(len(chars), start + self._longest) + 1):
                number, score = self._known.get(chars[start:end], (unknown, None))
                if score is None:
                    if end > start + 1:
                        continue
                    score = unknown_score
                if so_far + score > best[end]:
                    best[end], back[end] = so_far + score, (start, number)
        out: list[Placed] = []
        end = len(chars)
        while end:
            start, number = back[end]
            out.append(Placed(number, places[start], places[end - 1] + 1))
            end = start
        return out[::-1]


def _spelled(text: str) -> tuple[str, list[int]]:
    """A text as pieces spell it (compatibility forms, single spaces), and where each of its characters comes from."""
    chars: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for one in unicodedata.normalize("NFKC", char):
            spelled = SPACE if one.isspace() else one
            if spelled != SPACE or (chars and chars[-1] != SPACE):
                chars.append(spelled)
                places.append(at)
    while chars and chars[-1] == SPACE:
        chars.pop()
        places.pop()
    return (SPACE + "".join(chars), [places[0], *places]) if chars else ("", [])
