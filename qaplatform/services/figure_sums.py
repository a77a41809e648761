"""Sums of cells: by agent, topic, day … and what they say, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.services.figure_cells import COUNTS, SUMS, Cells, Numbers
from qaplatform.services.statistics import Mean, Share, mean, share

_DENSE = 5_000_000
"""Up to this number ids are looked up in an array."""


class Tally(msgspec.Struct, frozen=True):
    """What is known of some conversations."""

    conversations: int
    score: Mean
    passed: Share
    """Of those with a verdict that counts."""
    critical: int
    """Confirmed by a person."""
    pending: int
    """A machine says critical, and nobody has confirmed it."""
    replies: Share
    """Within their limits."""
    wait_mean_seconds: float | None
    csat: Mean
    csat_low: Share


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of cells by some keys; rows are in the order of the keys."""

    keys: Sequence[Numbers]
    values: Mapping[str, NDArray[np.float64]]
    judged: NDArray[np.int64]
    """By row and criterion; empty unless it was asked for."""
    missed: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys[0])


def summed(cells: Cells, *keys: Numbers, with_criteria: bool = False) -> Sums:
    """The sums of cells that have all keys in common."""
    nothing = np.zeros((len(cells), 0), np.uint16)
    matrices = (cells.judged, cells.missed) if with_criteria else (nothing, nothing)
    return _sums(keys, {name: cells.of(name) for name in (*COUNTS, *SUMS)}, *matrices)


def regrouped(sums: Sums, *places: int) -> Sums:
    """Sums of sums, by some of their keys; without any, of all of them."""
    keys = [sums.keys[place] for place in places] or [np.zeros(len(sums), np.int64)]
    return _sums(keys, sums.values, sums.judged, sums.missed)


def _sums(
    keys: Sequence[Numbers], values: Mapping[str, NDArray[Any]], judged: NDArray[Any], missed: NDArray[Any]
) -> Sums:
    codes = np.zeros(len(keys[0]), np.int64)
    lists: list[Numbers] = []
    for key in keys:
        own, names = _codes(key)
        codes = codes * max(len(names), 1) + own
        lists.append(names)
    groups, present = _codes(codes)
    size = len(present)
    rest, found = present.copy(), []
    for names in reversed(lists):
        found.append(names[rest % len(names)] if len(names) else names)
        rest //= max(len(names), 1)

    def total(column: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(groups, weights=column, minlength=size).astype(np.float64)

    tables = []
    for matrix in (judged, missed):
        columns = [total(matrix[:, n]) for n in range(matrix.shape[1])]
        tables.append(np.stack(columns, axis=1).astype(np.int64) if columns else np.zeros((size, 0), np.int64))
    return Sums(found[::-1], {name: total(column) for name, column in values.items()}, *tables)


def tally(sums: Sums, row: int) -> Tally:
    """What a row of sums says."""
    value = {name: float(column[row]) for name, column in sums.values.items()}
    judged = value["passed"] + value["failed"] + value["critical"]
    return Tally(
        conversations=int(value["conversations"]),
        score=mean(value["scored"], value["score_sum"], value["score_squares"]),
        passed=share(value["passed"], judged),
        critical=int(value["critical"]),
        pending=int(value["pending"]),
        replies=share(value["within"], value["replies"]),
        wait_mean_seconds=value["wait_sum"] / value["replies"] if value["replies"] else None,
        csat=mean(value["csat_count"], value["csat_sum"], value["csat_squares"]),
        csat_low=share(value["csat_low"], value["csat_count"]),
    )


NOTHING = Tally(0, mean(0, 0, 0), share(0, 0), 0, 0, share(0, 0), None, mean(0, 0, 0), share(0, 0))


def _codes(ids: Numbers) -> tuple[Numbers, Numbers]:
    """Each id's place among those there are, and these in order."""
    if not len(ids):
        return ids, ids
    low, high = int(ids.min()), int(ids.max())
    if high - low > _DENSE:
        names, places = np.unique(ids, return_inverse=True)
        return places, names
    there = np.zeros(high - low + 1, np.bool_)
    there[ids - low] = True
    names = np.flatnonzero(there)
    lookup = np.cumsum(there) - 1
    return lookup[ids - low], names + low
