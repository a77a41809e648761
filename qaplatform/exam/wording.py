"""Which of several ways of saying a thing is taken: by seed, through a stable hash, never by the order of chance.

What is said for the second time is said differently, until all ways were used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

from qaplatform.exam.scenario import Scenario

Item = TypeVar("Item")


def stable_number(seed: int, *words: str) -> int:
    """A number that depends on the seed and the words only, the same in every process."""
    content = "\x1f".join((str(seed), *words)).encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")


def drawn(ways: Sequence[Item], seed: int, key: str, time: int) -> Item:
    """The way taken the ``time``-th time (from 0): the ways in an order of the seed's, round and round."""
    order = sorted(range(len(ways)), key=lambda one: (stable_number(seed, key, str(time // len(ways)), str(one)), one))
    return ways[order[time % len(ways)]]


def variant(scenario: Scenario, seed: int) -> Mapping[str, str]:
    """The names and figures of this seed."""
    return drawn(scenario.variants, seed, f"{scenario.id}:variant", 0) if scenario.variants else {}


def filled(text: str, slots: Mapping[str, str]) -> str:
    """A text with its ``{names}`` filled in; names that nobody gave stay as they are."""
    for name, value in slots.items():
        text = text.replace("{" + name + "}", value)
    return text
