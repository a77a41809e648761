"""The sentences of the benchmark corpus: templates of ``vocabulary.yaml`` with random slots, and planted words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

VOCABULARY = Path(__file__).resolve().parent / "vocabulary.yaml"
_SLOT = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """The words of ``vocabulary.yaml``."""
    words: dict[str, Any] = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    return words


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[str, ...]:
    """Text and slot names in turn."""
    return tuple(_SLOT.split(template))


_DIGITS = {f"n{count}": (10 ** (count - 1), 10**count) for count in (2, 3, 4, 6)}


class Sentences:
    """Sentences out of one random source."""

    def __init__(self, random: Random) -> None:
        words = vocabulary()
        self._random = random
        self._slots: dict[str, list[str]] = words["slots"]
        self._customer: dict[str, list[str]] = words["customer"]
        self._agent: dict[str, list[str]] = words["agent"]
        self._plants: dict[str, dict[str, list[str]]] = words["plants"]
        self._near_misses: dict[str, list[str]] = words["near_misses"]
        self._marks: list[str] = words["marks"]
        self._zero_width: list[str] = words["zero_width"]
        self._emotion_tail: list[str] = words["emotion_tail"]

    def _one(self, some: Sequence[str]) -> str:
        return some[int(self._random.random() * len(some))]

    def filled(self, template: str) -> str:
        """The template with its slots filled."""
        pieces = _pieces(template)
        if len(pieces) == 1:
            return template
        out = list(pieces)
        for index in range(1, len(pieces), 2):
            digits = _DIGITS.get(pieces[index])
            if digits is None:
                out[index] = self._one(self._slots[pieces[index]])
            else:
                low, high = digits
                out[index] = str(low + int(self._random.random() * (high - low)))
        return "".join(out)

    def say(self, who: str, kind: str) -> str:
        """A sentence of a kind."""
        return self.filled(self._one((self._customer if who == "customer" else self._agent)[kind]))

    def planted(self, group: str) -> tuple[str, bool]:
        """Words of a group and whether they are disguised (a third is)."""
        words = self._plants[group]
        chance = self._random.random()
        if chance < 2 / 3:
            return self._one(words["plain"]), False
        if chance < 0.78:
            return self._one(words["disguised"]), True
        filler = self._zero_width if chance < 0.86 else self._marks
        text = self._one(words["plain"])
        mark = self._one(filler)
        if chance < 0.93:
            return mark.join(text), True
        at = 1 + int(self._random.random() * (len(text) - 1))
        return text[:at] + mark + text[at:], True

    def around(self, group: str) -> tuple[str, str]:
        """What an agent writes before and after words of a group."""
        words = self._plants[group]
        return self.filled(self._one(words["before"])), self.filled(self._one(words["after"]))

    def near_miss(self, group: str) -> str:
        """A sentence that holds words of a group and is none."""
        return self._one(self._near_misses[group])

    def emotion_tail(self) -> str:
        """What follows the customer's planted words."""
        return self.filled(self._one(self._emotion_tail))
