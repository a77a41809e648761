"""Intervals, standardisation and comparison: what keeps small numbers from saying more than they know.

All intervals are at 95 %. Sources: Wilson 1927 for shares; Student's t for means; direct standardisation and the test of
Cochran, Mantel and Haenszel over strata, as in any textbook of epidemiology.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]
Z = NormalDist().inv_cdf(0.975)
LEAST_SHARE = 20
"""Below so many chats no share is compared or ranked."""
LEAST_MEAN = 10
"""The same for means."""
LEAST_STRATUM = 5
"""So many chats of a topic are needed for its mean to stand for the topic."""
LEAST_COVERAGE = 0.8
"""So much of the common mix must be covered for an adjusted score."""
LEAST_OTHERS = 10
"""So many chats of a topic must the others have for it to be compared."""
_T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110,
    2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


class Share(msgspec.Struct, frozen=True):
    """A share with its interval; nothing is known of an empty one."""

    count: int
    of: int
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def is_enough(self) -> bool:
        """Whether it may be compared."""
        return self.of >= LEAST_SHARE


class Mean(msgspec.Struct, frozen=True):
    """A mean with its interval; of one value there is no interval."""

    count: int
    mean: float | None
    low: float | None
    high: float | None

    @property
    def is_enough(self) -> bool:
        """Whether it may be compared."""
        return self.count >= LEAST_MEAN


def share(count: float, of: float) -> Share:
    """A share with Wilson's interval."""
    count, of = int(count), int(of)
    if of <= 0:
        return Share(0, 0, None, None, None)
    ratio, square = count / of, Z * Z
    middle = (ratio + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * math.sqrt(ratio * (1 - ratio) / of + square / (4 * of * of))
    return Share(count, of, ratio, max(0.0, middle - half), min(1.0, middle + half))


def mean(count: float, total: float, squares: float) -> Mean:
    """A mean with Student's interval, out of sums."""
    count = int(count)
    if count <= 0:
        return Mean(0, None, None, None)
    middle = total / count
    if count == 1:
        return Mean(1, middle, None, None)
    half = t_quantile(count - 1) * math.sqrt(variance(count, total, squares) / count)
    return Mean(count, middle, middle - half, middle + half)


def variance(count: float, total: float, squares: float) -> float:
    """Of a sample, out of its sums; never negative, whatever rounding says."""
    return max(0.0, (squares - total * total / count) / (count - 1)) if count > 1 else 0.0


def t_quantile(degrees: int) -> float:
    """The two-sided 95 % quantile of Student's t: a table, and from 31 on the expansion of Cornish and Fisher."""
    if degrees <= len(_T_975):
        return _T_975[degrees - 1]
    return Z + (Z**3 + Z) / (4 * degrees) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * degrees**2)


class Stratum(msgspec.Struct, frozen=True):
    """The scores of one topic."""

    count: int
    total: float
    squares: float


def standardised(own: Mapping[int, Stratum], mix: Mapping[int, float]) -> Mean | None:
    """A mean as it would be with the common mix of topics; ``mix`` gives the weight of each.

    Topics of which there are fewer than :data:`LEAST_STRATUM` of one's own do not count; where the others cover less than
    :data:`LEAST_COVERAGE` of the mix, there is no answer.
    """
    whole = sum(mix.values())
    known = {topic: one for topic, one in own.items() if one.count >= LEAST_STRATUM and mix.get(topic, 0) > 0}
    covered = sum(mix[topic] for topic in known)
    if not whole or covered / whole < LEAST_COVERAGE:
        return None
    middle = sum(mix[topic] / covered * one.total / one.count for topic, one in known.items())
    spread = sum(
        (mix[topic] / covered) ** 2 * variance(one.count, one.total, one.squares) / one.count
        for topic, one in known.items()
    )
    half = Z * math.sqrt(spread)
    return Mean(sum(one.count for one in known.values()), middle, middle - half, middle + half)


class Comparison(msgspec.Struct, frozen=True):
    """One's own failures against those to be expected from the others, over comparable topics."""

    failed: int
    of: int
    expected: float
    others_ratio: float
    """The others' share, with one's own mix of topics."""
    chance: float
    """How likely so many or more are if there is no difference."""


def compared(strata: Sequence[tuple[int, int, int, int]]) -> Comparison | None:
    """:func:`all_compared` of one: a topic each, own failures, own chats, the others' failures, the others' chats."""
    table = np.array(strata, np.int64).reshape(-1, 4)
    return all_compared(table[:, 0], table[:, 1], table[:, 2], table[:, 3]).get(())


def all_compared(
    own_failed: Table, own: Table, others_failed: Table, others: Table
) -> dict[tuple[int, ...], Comparison]:
    """The one-sided test of Cochran, Mantel and Haenszel, with its correction for whole numbers.

    The first axis of all tables are the topics; by the places along the other axes there is a comparison, but where
    nothing can be compared. Topics of which the others have fewer than :data:`LEAST_OTHERS` are left out.
    """
    used = (own > 0) & (others >= LEAST_OTHERS)
    own_failed, own = np.where(used, own_failed, 0), np.where(used, own, 0)
    total = np.maximum(own + others, 2)
    bad = own_failed + others_failed
    failed, of = own_failed.sum(axis=0), own.sum(axis=0)
    expected = (own * others_failed / np.maximum(others, 1)).sum(axis=0)
    spread = (own * (bad * others / total / total) * ((total - bad) / (total - 1))).sum(axis=0)
    score = (failed - (own * bad / total).sum(axis=0) - 0.5) / np.sqrt(np.maximum(spread, 1e-12))
    told = (of > 0) & (spread > 0)
    columns = (np.argwhere(told), failed[told], of[told], expected[told], score[told])
    return {
        tuple(place): Comparison(missed, count, usual, usual / count, 0.5 * math.erfc(distance / math.sqrt(2)))
        for place, missed, count, usual, distance in zip(*(one.tolist() for one in columns), strict=True)
    }


def discoveries(chances: Sequence[float], *, level: float = 0.05) -> list[bool]:
    """Which of many comparisons stand (Benjamini and Hochberg): of those that do, so large a part is wrong at most."""
    ordered = sorted(range(len(chances)), key=chances.__getitem__)
    last = -1
    for rank, place in enumerate(ordered):
        if chances[place] <= level * (rank + 1) / len(chances):
            last = rank
    standing = set(ordered[: last + 1])
    return [place in standing for place in range(len(chances))]
