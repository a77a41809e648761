"""What counts as personal data in a chat, and how a place that holds some is told.

The finders (``personal_numbers``, ``personal_words``, ``personal_places``) work on one message's plain view
(``normalise.py``): half width, lower case, simplified, without invisible characters. What one of them has found is
blanked before the next one looks, so that no telephone number becomes part of an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Kind = Literal[
    "phone",
    "landline",
    "id_card",
    "bank_card",
    "email",
    "address",
    "name",
    "wechat",
    "qq",
    "plate",
    "order",
    "tracking",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

BLANK = "\0"
"""Stands where something was found already; no pattern of ours matches it."""


class Found(NamedTuple):
    """Characters ``start:end`` of a folded text; equal values of a kind are the same number, address or name."""

    kind: Kind
    start: int
    end: int
    value: str

    def moved(self, place: tuple[int, int]) -> Found:
        """The same, in other characters."""
        return self._replace(start=place[0], end=place[1])


def blanked(text: str, found: Iterable[Found]) -> str:
    """The text with what was found blanked, character for character."""
    for one in found:
        text = text[: one.start] + BLANK * (one.end - one.start) + text[one.end :]
    return text
