"""Chinese numerals as people type them in times and addresses."""

from __future__ import annotations

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "幺": 1, "两": 2}


def with_places(text: str) -> int:
    """A numeral below 1000 that is written with places (一百二十八, 十二); one character of it is its digit.

    Raises:
        KeyError: a character is no numeral.
    """
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit
