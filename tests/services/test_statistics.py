"""Statistics against answers that are known from elsewhere."""

from __future__ import annotations

import pytest

from qaplatform.services.statistics import (
    Stratum,
    compared,
    discoveries,
    mean,
    share,
    standardised,
    t_quantile,
)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (15, 148, 0.0624, 0.1605),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_is_known_of_nothing() -> None:
    assert share(0, 0).ratio is None
    assert mean(0, 0, 0).mean is None
    assert not share(19, 19).is_enough
    assert not mean(9, 9, 9).is_enough


@pytest.mark.parametrize(
    ("degrees", "value"), [(1, 12.706), (9, 2.262), (30, 2.042), (31, 2.0395), (60, 2.0003), (120, 1.9799)]
)
def test_quantiles_of_t_are_those_of_the_tables(degrees: int, value: float) -> None:
    assert t_quantile(degrees) == pytest.approx(value, abs=5e-4)


def test_the_interval_of_a_mean_is_students() -> None:
    # 1 … 10: mean 5.5, standard deviation 3.0277, 5.5 ± 2.262 · 0.9574.
    found = mean(10, 55, 385)
    assert (found.low, found.mean, found.high) == (pytest.approx(3.334, abs=1e-3), 5.5, pytest.approx(7.666, abs=1e-3))
    assert mean(1, 7, 49).low is None


def test_an_adjusted_mean_weighs_topics_as_everybody_has_them() -> None:
    own = {1: Stratum(90, 90 * 60.0, 90 * 3600.0), 2: Stratum(10, 10 * 100.0, 10 * 10_000.0)}
    found = standardised(own, {1: 0.5, 2: 0.5})
    assert found is not None
    assert (found.mean, found.low, found.high) == (80.0, 80.0, 80.0), "64 as it stands: hard topics are most of theirs"


def test_an_adjusted_mean_needs_most_of_the_mix() -> None:
    own = {1: Stratum(90, 5400.0, 0.0), 2: Stratum(4, 400.0, 0.0)}
    assert standardised(own, {1: 0.7, 2: 0.3}) is None
    assert standardised(own, {1: 0.9, 2: 0.1}) is not None
    assert standardised({}, {}) is None


def test_failures_are_compared_within_topics() -> None:
    # One failure in two everywhere in the first topic, one in ten in the second: no difference but the mix.
    even = compared([(40, 80, 20, 40), (2, 20, 10, 100)])
    assert even is not None
    assert even.expected == 42
    assert even.chance > 0.3
    worse = compared([(30, 40, 30, 100), (8, 20, 10, 100)])
    assert worse is not None
    assert worse.chance < 1e-5
    # Known answer of the textbook's single table, 12/20 against 5/20: (12 - 8.5 - 0.5) / sqrt(2.5064) = 1.895.
    single = compared([(12, 20, 5, 20)])
    assert single is not None
    assert single.chance == pytest.approx(0.02904, abs=2e-4)


def test_topics_that_nobody_else_has_are_no_ground_for_comparison() -> None:
    assert compared([(10, 10, 0, 9)]) is None
    assert compared([(0, 10, 0, 100)]) is None, "nobody fails"


def test_of_many_comparisons_those_stand_that_are_not_chance() -> None:
    assert discoveries([0.01, 0.04, 0.03, 0.5]) == [True, False, False, False]
    assert discoveries([0.01, 0.02, 0.03, 0.5]) == [True, True, True, False]
    assert discoveries([]) == []
