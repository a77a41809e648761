"""What somebody filled in, out of the form of a question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from flask import request

from qaplatform.services.training.paper_answers import MOST_BLANK_CHARS, MOST_MARKS, Given
from qaplatform.training.scoring import Mark

_MARK = re.compile(r"([0-9]{1,4}):([0-9]{1,6})-([0-9]{1,6})")
_MOST_OPTIONS = 8
_MOST_BLANKS = 30


def given_in_form() -> Given:
    """All of it; what the question at hand does not ask is passed over later."""
    form = request.form
    said = form.get("said")
    blanks = [form.get(f"blank-{number}", "") for number in range(1, _MOST_BLANKS + 1)]
    return Given(
        places=tuple(_steps()) or tuple(_numbers(form.getlist("choice"))),
        said=None if said not in ("true", "false") else said == "true",
        blanks=tuple(blanks),
        text=form.get("text", "").replace("\r\n", "\n"),
        marks=tuple(_marks()),
        quotes=_quotes(),
        verdicts={name[8:]: value for name, value in form.items() if name.startswith("verdict-")},
        score=_score(form.get("score", "")),
    )


def _numbers(values: Iterable[str]) -> list[int]:
    return [int(one) for one in values if one.isascii() and one.isdecimal() and len(one) == 1]


def _steps() -> list[int]:
    """Places of steps by the number each was given; those without one are left out."""
    found = [
        (number, place)
        for place in range(1, _MOST_OPTIONS + 1)
        for number in _numbers([request.form.get(f"step-{place}", "")])
    ]
    return [place for number, place in sorted(found) if number]


def _marks() -> list[Mark]:
    matches = [_MARK.fullmatch(one) for one in request.form.getlist("mark")[:MOST_MARKS]]
    return [Mark(int(one[1]), int(one[2]), int(one[3])) for one in matches if one]


def _quotes() -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for name, value in request.form.items():
        number = name.removeprefix("quote-")
        if name.startswith("quote-") and number.isascii() and number.isdecimal() and len(number) <= len("9999"):
            lines = [one.strip() for one in value.split("\n")][:MOST_MARKS]
            found[int(number)] = tuple(one[:MOST_BLANK_CHARS] for one in lines if one)
    return found


def _score(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
