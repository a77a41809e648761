"""What is unusual among conversations of its own kind: scores, durations and numbers of messages far from the middle.

By robust z (median and median absolute deviation; Iglewicz and Hoaglin 1993), beside the same agent's and beside the same topic's
conversations; where there are too few of either, beside all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import msgspec
import numpy as np

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
    for beside, rows in _groups(some):
        for what, values, either_side in _figures(rows):
            for row, z in _deviations(rows, values):
                if (abs(z) if either_side else -z) < LEAST_DEVIATION:
                    continue
                before = found.get(row.id)
                if before is None or (-abs(z), what, beside) < (
                    -abs(before.deviation),
                    before.what,
                    before.compared_with,
                ):
                    found[row.id] = Unusual(what, round(z, 2), beside)
    return found


def _groups(some: Sequence[Measured]) -> Iterator[tuple[Beside, list[Measured]]]:
    alone = {one.id for one in some}
    for beside in ("agent", "topic"):
        groups: dict[object, list[Measured]] = {}
        for one in some:
            key = one.agent_id if beside == "agent" else one.topic
            if key is not None:
                groups.setdefault(key, []).append(one)
        for group in groups.values():
            if len(group) >= LEAST_BESIDE:
                alone.difference_update(one.id for one in group)
                yield ("agent" if beside == "agent" else "topic"), group
    if alone and len(some) >= LEAST_BESIDE:
        # All of them make the middle, though only those without a group of their own are measured by it.
        yield "all", list(some)


def _figures(rows: Sequence[Measured]) -> Iterator[tuple[What, list[float], bool]]:
    nan = math.nan
    yield "score", [nan if one.score is None else one.score for one in rows], False
    # Times and counts spread by factors, not by sums.
    yield (
        "duration",
        [nan if one.duration_seconds is None else math.log1p(max(one.duration_seconds, 0)) for one in rows],
        True,
    )
    yield "messages", [math.log1p(max(one.message_count, 0)) for one in rows], True


def _deviations(rows: Sequence[Measured], values: Sequence[float]) -> Iterator[tuple[Measured, float]]:
    figures = np.array(values)
    known = figures[~np.isnan(figures)]
    if len(known) < LEAST_BESIDE:
        return
    from_middle = figures - np.median(known)
    spread = float(np.median(np.abs(from_middle[~np.isnan(from_middle)]))) / _TO_SIGMA
    if spread < 1e-9:
        # More than half are the same.
        spread = float(np.mean(np.sort(np.abs(from_middle[~np.isnan(from_middle)])))) / _MEAN_TO_SIGMA
    if spread < 1e-9:
        return
    for place in np.flatnonzero(np.abs(np.nan_to_num(from_middle)) >= LEAST_DEVIATION * spread).tolist():
        yield rows[place], float(from_middle[place]) / spread
