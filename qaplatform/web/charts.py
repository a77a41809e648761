"""Small charts as plain SVG: places are worked out here, words and colours stand in the template and stylesheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qaplatform.services.home import Day

VERDICT_ORDER = ("pass", "fail", "critical", "pending", "unscored")
"""From the bottom of a bar to its top."""
_WIDTH, _HEIGHT = 700.0, 150.0
_GAP = 0.28
"""Of a bar's room, what is left empty."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar."""

    verdict: str
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A day."""

    day: Day
    x: float
    width: float
    pieces: Sequence[Piece]

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a box of ``width`` by ``height``; ``top`` is the value at its upper edge."""

    bars: Sequence[Bar]
    top: int
    width: float = _WIDTH
    height: float = _HEIGHT


def stacked_days(days: Sequence[Day]) -> Chart:
    """A bar a day, its verdicts on top of each other."""
    top = round_up(max((day.total for day in days), default=0))
    room = _WIDTH / max(len(days), 1)
    bars = []
    for place, day in enumerate(days):
        pieces, filled = [], 0.0
        for verdict in VERDICT_ORDER:
            count = day.verdicts.get(verdict, 0)
            height = count / top * _HEIGHT
            if count:
                pieces.append(Piece(verdict, count, round(_HEIGHT - filled - height, 2), round(height, 2)))
            filled += height
        bars.append(Bar(day, round(room * (place + _GAP / 2), 2), round(room * (1 - _GAP), 2), pieces))
    return Chart(bars, top)


@dataclass(frozen=True, slots=True)
class TwoPartBar:
    """Two amounts on top of each other."""

    name: str
    amounts: tuple[int, int]
    x: float
    width: float
    places: tuple[tuple[float, float], tuple[float, float]]
    """Of each part: where it begins from the top, and its height."""
    label: Literal["", "minor", "major"]
    """Whether there is room for its label; for minor ones only where there is much."""


@dataclass(frozen=True, slots=True)
class TwoPartChart:
    """Bars in a box of ``width`` by ``height``; ``top`` is the value at its upper edge."""

    bars: Sequence[TwoPartBar]
    top: int
    width: float = _WIDTH
    height: float = _HEIGHT


def two_part_bars(amounts: Sequence[tuple[str, int, int]], most_labels: int = 10) -> TwoPartChart:
    """A bar for each name with its two amounts, the first below."""
    top = round_up(max((lower + upper for _name, lower, upper in amounts), default=0))
    room, every = _WIDTH / max(len(amounts), 1), -(-len(amounts) // most_labels)
    bars = []
    for place, (name, lower, upper) in enumerate(amounts):
        low, high = (amount / top * _HEIGHT for amount in (lower, upper))
        places = ((round(_HEIGHT - low, 2), round(low, 2)), (round(_HEIGHT - low - high, 2), round(high, 2)))
        x, width = round(room * (place + _GAP / 2), 2), round(room * (1 - _GAP), 2)
        # The last one always has its label, and the others stand in even steps before it.
        step, between = divmod(len(amounts) - 1 - place, every)
        bars.append(
            TwoPartBar(name, (lower, upper), x, width, places, "" if between else "minor" if step % 3 else "major")
        )
    return TwoPartChart(bars, top)


def round_up(value: int) -> int:
    """The next number that reads well on an axis and has a whole half, such as 4, 10, 20, 24, 40, 60, 100."""
    size = 1
    while True:
        for step in (4, 6, 10, 14, 16, 20, 24, 30):
            if value <= step * size:
                return step * size
        size *= 10
