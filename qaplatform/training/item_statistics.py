"""How good a question is, by what candidates answered: difficulty, discrimination, what the wrong options did.

* Difficulty p: the mean of the points (0–1); high is easy (Lord & Novick 1968, ch. 15). Its interval is Wilson's (1927) with the
  points as hits; points in between vary less than hits and misses, so it is never too narrow.
* Discrimination: Pearson's correlation of the item's points with the mean of the candidate's *other* items, so that an item
  is not compared with itself (corrected item–rest correlation; Henrysson 1963). Its interval is Fisher's z (1921).
* Distractors: how often each option was chosen, by all and by the upper and lower 27 % of candidates (Kelley 1939).

Feed in one attempt a candidate (the first), and only answers to the present wording of a question. Below the least numbers
nothing is said: figures are ``None`` and ``too_few`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from qaplatform.audit.tallies import Interval, wilson
from qaplatform.training.questions import AnyQuestion, Bank, JudgeChat, MultipleChoice, SingleChoice

LEAST_CANDIDATES = 10
"""For a difficulty."""
LEAST_FOR_DISCRIMINATION = 30
LEAST_OTHER_ITEMS = 4
"""So many other answers a candidate must have given for their rest to mean something."""
KELLEY_SHARE = 0.27
_Z = 1.959964

Notice = Literal["too_easy", "too_hard", "negative", "weak", "unused_distractor", "attractive_distractor"]


class Response(msgspec.Struct, frozen=True):
    """One candidate's answer to one question: points 0–1, and the options chosen where it has some."""

    points: float
    chosen: tuple[str, ...] = ()


class OptionCount(msgspec.Struct, frozen=True):
    """How often an option was chosen, by all and by the best and the weakest 27 %."""

    option: str
    is_right: bool
    count: int
    upper: int
    lower: int


class ItemFigures(msgspec.Struct, frozen=True):
    """Figures of one question; ``None`` where there is not enough data, or no variation, to say."""

    question: str
    candidates: int
    difficulty: float | None = None
    difficulty_interval: Interval | None = None
    discrimination: float | None = None
    discrimination_interval: Interval | None = None
    options: tuple[OptionCount, ...] = ()
    notices: tuple[Notice, ...] = ()
    too_few: bool = True


def item_figures(bank: Bank, sheets: Sequence[Mapping[str, Response]]) -> tuple[ItemFigures, ...]:
    """Figures of every question anybody answered, by id; ``sheets`` holds one mapping (question id → response) a candidate."""
    asked = sorted({id for sheet in sheets for id in sheet if id in bank.questions})
    return tuple(_figures(bank.questions[id], [sheet for sheet in sheets if id in sheet]) for id in asked)


def _figures(question: AnyQuestion, sheets: Sequence[Mapping[str, Response]]) -> ItemFigures:
    count = len(sheets)
    if count < LEAST_CANDIDATES:
        return ItemFigures(question.id, count)
    points = np.array([sheet[question.id].points for sheet in sheets])
    rests = [_rest(sheet, question.id) for sheet in sheets]
    difficulty = float(points.mean())
    pairs = [(float(own), rest) for own, rest in zip(points, rests, strict=True) if rest is not None]
    discrimination = correlation(pairs) if len(pairs) >= LEAST_FOR_DISCRIMINATION else None
    options = _option_counts(question, sheets, rests)
    return ItemFigures(
        question=question.id,
        candidates=count,
        difficulty=difficulty,
        difficulty_interval=_mean_interval(difficulty, count),
        discrimination=discrimination,
        discrimination_interval=fisher(discrimination, len(pairs)) if discrimination is not None else None,
        options=options,
        notices=tuple(_notices(difficulty, discrimination, options if count >= LEAST_FOR_DISCRIMINATION else ())),
        too_few=len(pairs) < LEAST_FOR_DISCRIMINATION,
    )


def _rest(sheet: Mapping[str, Response], id: str) -> float | None:
    others = [one.points for other, one in sheet.items() if other != id]
    return sum(others) / len(others) if len(others) >= LEAST_OTHER_ITEMS else None


def _mean_interval(mean: float, count: int) -> Interval:
    """Wilson's interval of a mean of points; whole hits give exactly :func:`qaplatform.audit.tallies.wilson`."""
    if float(mean * count).is_integer():
        return wilson(round(mean * count), count) or Interval(0.0, 1.0)
    squared = _Z * _Z / count
    centre = (mean + squared / 2) / (1 + squared)
    half = _Z / (1 + squared) * math.sqrt(mean * (1 - mean) / count + squared / (4 * count))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's r; ``None`` where one side does not vary."""
    if len(pairs) < 2:
        return None
    one, other = (np.array(side) for side in zip(*pairs, strict=True))
    one, other = one - one.mean(), other - other.mean()
    spread = math.sqrt(float(one @ one) * float(other @ other))
    # Sums of equal fractions differ by rounding; such a spread is none.
    return None if spread < 1e-12 else max(-1.0, min(1.0, float(one @ other) / spread))


def fisher(r: float, count: int) -> Interval | None:
    """The 95 % interval of a correlation by Fisher's z; ``None`` below four pairs."""
    if count < 4:
        return None
    if abs(r) >= 1:
        return Interval(r, r)
    z, half = math.atanh(r), _Z / math.sqrt(count - 3)
    return Interval(math.tanh(z - half), math.tanh(z + half))


def _option_counts(
    question: AnyQuestion, sheets: Sequence[Mapping[str, Response]], rests: Sequence[float | None]
) -> tuple[OptionCount, ...]:
    if not isinstance(question, SingleChoice | MultipleChoice | JudgeChat) or not question.options:
        return ()
    chosen = [sheet[question.id].chosen for sheet in sheets]
    ranked = sorted((rest, index) for index, rest in enumerate(rests) if rest is not None)
    size = math.floor(KELLEY_SHARE * len(ranked) + 0.5)
    lower = {index for _, index in ranked[:size]}
    upper = {index for _, index in ranked[len(ranked) - size :]}
    return tuple(
        OptionCount(
            option.id,
            option.id in question.answer,
            sum(option.id in one for one in chosen),
            sum(option.id in chosen[index] for index in upper),
            sum(option.id in chosen[index] for index in lower),
        )
        for option in question.options
    )


def _notices(difficulty: float, discrimination: float | None, options: Sequence[OptionCount]) -> list[Notice]:
    """What an author should look at; the bounds are those of Ebel (1972): below 0.2 an item hardly tells anything."""
    found: list[Notice] = []
    if difficulty > 0.95:
        found.append("too_easy")
    if difficulty < 0.25:
        found.append("too_hard")
    if discrimination is not None and discrimination < 0.2:
        found.append("negative" if discrimination < 0 else "weak")
    wrong = [one for one in options if not one.is_right]
    if any(not one.count for one in wrong):
        found.append("unused_distractor")
    if any(one.upper > one.lower for one in wrong):
        found.append("attractive_distractor")
    return found
