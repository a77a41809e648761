"""What is unusual among conversations of its own kind: scores, durations and numbers of messages far from the middle.

By robust z (median and median absolute deviation; Iglewicz and Hoaglin 1993), beside the same agent's and beside the same topic's
conversations; where there are too few of either, beside all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
What = Literal["score", "duration", "messages"]
Beside = Literal["agent", "topic", "all"]
LEAST_DEVIATION = 3.5
"""As the authors of the measure advise."""
LEAST_BESIDE = 8
"""Fewer have no middle worth speaking of."""
_TO_SIGMA = 0.6745
_MEAN_TO_SIGMA = 0.7979


class Measured(Protocol):
    """What is looked at of a conversation."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def agent_id(self) -> int | None:
        """Whose it is."""

    @property
    def topic(self) -> str | None:
        """What it is about."""

    @property
    def score(self) -> float | None:
        """0–100."""

    @property
    def duration_seconds(self) -> float | None:
        """From the first message to the last."""

    @property
    def message_count(self) -> int:
        """Of all sides."""


class Unusual(msgspec.Struct, frozen=True):
    """What is most unusual about a conversation, by how much, and beside which others."""

    what: What
    deviation: float
    """Robust standard deviations, negative below the middle."""
    compared_with: Beside


def outlying(some: Sequence[Measured]) -> dict[int, Unusual]:
    """The unusual ones by id; high scores are nothing unusual worth a look."""
    found: dict[int, Unusual] = {}
    figures = _figures(some)
    for beside, rows in _groups(some):
        for what, values, either_side in figures:
            for place, z in _deviations(values[rows]):
                if (abs(z) if either_side else -z) < LEAST_DEVIATION:
                    continue
                id = some[int(rows[place])].id
                before = found.get(id)
                if before is None or (-abs(z), what, beside) < (
                    -abs(before.deviation),
                    before.what,
                    before.compared_with,
                ):
                    found[id] = Unusual(what, round(z, 2), beside)
    return found


def _groups(some: Sequence[Measured]) -> Iterator[tuple[Beside, Places]]:
    """Places of those that are measured by each other."""
    is_alone = np.ones(len(some), np.bool_)
    keys: Sequence[tuple[Beside, Sequence[object]]] = (
        ("agent", [one.agent_id for one in some]),
        ("topic", [one.topic for one in some]),
    )
    for beside, values in keys:
        groups: dict[object, list[int]] = {}
        for place, key in enumerate(values):
            if key is not None:
                groups.setdefault(key, []).append(place)
        for group in groups.values():
            if len(group) >= LEAST_BESIDE:
                rows = np.array(group, np.int64)
                is_alone[rows] = False
                yield beside, rows
    if is_alone.any() and len(some) >= LEAST_BESIDE:
        # All of them make the middle, though only those without a group of their own are measured by it.
        yield "all", np.arange(len(some))


def _figures(some: Sequence[Measured]) -> list[tuple[What, NDArray[np.float64], bool]]:
    """What is measured, not a number where it is not known; and whether far above is as unusual as far below."""
    # What is not known (None) becomes not a number. Times and counts spread by factors, not by sums.
    scores = np.array([one.score for one in some], np.float64)
    durations = np.array([one.duration_seconds for one in some], np.float64)
    messages = np.array([one.message_count for one in some], np.float64)
    return [
        ("score", scores, False),
        ("duration", np.log1p(np.maximum(durations, 0)), True),
        ("messages", np.log1p(np.maximum(messages, 0)), True),
    ]


def _deviations(figures: NDArray[np.float64]) -> Iterator[tuple[int, float]]:
    """Places that are far from the middle, and how far."""
    known = np.sort(figures)[: len(figures) - int(np.isnan(figures).sum())]  # what is not known is sorted to the end
    if len(known) < LEAST_BESIDE:
        return
    middle = _middle(known)
    away = np.sort(np.abs(known - middle))
    spread = _middle(away) / _TO_SIGMA
    if spread < 1e-9:
        # More than half are the same.
        spread = float(away.sum()) / len(away) / _MEAN_TO_SIGMA
    if spread < 1e-9:
        return
    from_middle = figures - middle
    for place in np.flatnonzero(np.abs(from_middle) >= LEAST_DEVIATION * spread).tolist():
        yield place, float(from_middle[place]) / spread


def _middle(in_order: NDArray[np.float64]) -> float:
    """The median of sorted figures; numpy's own looks at much more, of hundreds of small groups."""
    last = len(in_order) - 1
    return float(in_order[last // 2] + in_order[(last + 1) // 2]) / 2
