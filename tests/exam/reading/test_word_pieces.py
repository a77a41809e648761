"""Cutting texts into word pieces: the likeliest cut, with places in what was written."""

from __future__ import annotations

from math import log

import pytest

from qaplatform.exam.reading.word_pieces import SPACE, WordPieces

_LIKELY = {
    SPACE: 0.2,
    "退": 0.02,
    "款": 0.02,
    "退款": 0.05,
    SPACE + "给": 0.02,
    "给": 0.02,
    "您": 0.05,
    "refund": 0.01,
    "re": 0.01,
    "fund": 0.01,
    "(": 0.01,
    "1": 0.01,
    ")": 0.01,
}
UNKNOWN = 99


def _pieces() -> WordPieces:
    numbers = {text: number for number, text in enumerate(_LIKELY)}
    return WordPieces(numbers, {text: log(share) for text, share in _LIKELY.items()}, UNKNOWN)


def _texts(text: str) -> list[str]:
    known = list(_LIKELY)
    return [known[one.number] if one.number < len(known) else "?" for one in _pieces().cut(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("给您退款", [SPACE + "给", "您", "退款"]),
        ("退 款", [SPACE, "退", SPACE, "款"]),
        ("退龘款", [SPACE, "退", "?", "款"]),
        ("refund", [SPACE, "refund"]),
        ("ｒｅｆｕｎｄ", [SPACE, "refund"]),
        ("⑴", [SPACE, "(", "1", ")"]),
    ],
)
def test_the_likeliest_pieces_are_taken(text: str, wanted: list[str]) -> None:
    assert _texts(text) == wanted


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_has_no_pieces(text: str) -> None:
    assert _pieces().cut(text) == []


def test_places_are_characters_of_what_was_written() -> None:
    text = "  给您  退款⑴ "
    assert [text[one.start : one.end] for one in _pieces().cut(text)] == ["给", "您", " ", "退款", "⑴", "⑴", "⑴"]
