"""Comparing programs in one run: both sides in turn, medians, ratios, and how far they scatter."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Better = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Setup:
    """How to measure: ``quick`` on small sizes, and by which full rubric (a name or a path)."""

    quick: bool = False
    rubric: str = "ecommerce-service"


@dataclass(frozen=True, slots=True)
class Figure:
    """Repeated measurements of one thing: median, least and greatest, and the floor it is to keep, if any."""

    name: str
    values: tuple[float, ...]
    unit: str = "×"
    floor: float | None = None
    better: Better = "most"
    """Whether the floor is the ``least`` or the ``most`` that is allowed."""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def kept(self) -> bool | None:
        """Whether the median keeps the floor; ``None`` where there is none."""
        if self.floor is None:
            return None
        return self.median >= self.floor if self.better == "least" else self.median <= self.floor

    def row(self) -> str:
        """The figure as a line of a Markdown table."""
        sign = "≥" if self.better == "least" else "≤"
        floor = "" if self.floor is None else f"{sign} {_short(self.floor)}"
        said = {True: "yes", False: "**no**", None: ""}[self.kept]
        low, high = _short(min(self.values)), _short(max(self.values))
        return f"| {self.name} | {_short(self.median)} {self.unit} | {low}–{high} | {floor} | {said} |"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEAD = "| figure | median | min–max | floor | kept |\n|---|---|---|---|---|"


def one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def alternate(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of every side, round after round, forwards and backwards in turn; the first one warms up.

    CPU time of this process, the system's work for it included, rather than the clock on the wall: what else the
    machine does then matters little.
    """
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(-1, rounds):
        names = list(sides)
        for name in names if turn % 2 else reversed(names):
            begun = time.process_time()
            sides[name]()
            spent = time.process_time() - begun
            if turn >= 0:
                seconds[name].append(spent)
    return seconds


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """Round by round, how many times ``under`` goes into ``over``."""
    return tuple(a / b for a, b in zip(over, under, strict=True))
