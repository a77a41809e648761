"""Measuring: matching labels, intervals that repeat, correlation and AUC worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.agreement import (
    Figure,
    LabelledSpan,
    Labels,
    auc,
    match,
    measure_cases,
    measure_observations,
    spearman,
)
from qaplatform.audit.finding import Episode, KindSpan, Observations, Promise


def seen(**values: object) -> Observations:
    whole: dict[str, object] = dict.fromkeys(
        ("episodes", "blunt", "review_requests", "off_platform", "absolute", "promises", "transfers", "unanswered"), ()
    )
    whole |= {"closing_check": None, "closed": "open", "topic": ("order",)}
    return Observations(**(whole | values))  # type: ignore[arg-type]


def episode(message: int, verdict: str = "first") -> Episode:
    return Episode(message, "displeased", verdict, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labelled", "found", "reach", "pairs"),
    [
        ([], [], 0, []),
        ([1], [], 1, []),
        ([1, 2], [1, 2], 0, [(0, 0), (1, 1)]),
        ([1, 2], [2, 1], 0, [(0, 1), (1, 0)]),
        ([1], [2], 0, []),
        ([1], [2], 1, [(0, 0)]),
        ([1], [3], 1, []),
        ([2], [1, 2, 3], 1, [(0, 1)]),
        ([1, 2], [2], 1, [(1, 0)]),
        ([1, 3], [2], 1, [(0, 0)]),
        ([5, 5], [5], 0, [(0, 0)]),
        ([5, 5], [5, 5], 0, [(0, 0), (1, 1)]),
    ],
)
def test_matching_is_one_to_one_and_nearest_first(
    labelled: list[int], found: list[int], reach: int, pairs: list[tuple[int, int]]
) -> None:
    assert sorted(match(labelled, found, reach)) == pairs


@given(st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), max_size=6), st.integers(0, 2))
def test_nothing_is_matched_twice_or_too_far_and_nothing_in_reach_is_left(
    labelled: list[int], found: list[int], reach: int
) -> None:
    pairs = match(labelled, found, reach)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(labelled[i] - found[j]) <= reach for i, j in pairs)
    left = [a for i, a in enumerate(labelled) if i not in {i for i, _ in pairs}]
    free = [b for j, b in enumerate(found) if j not in {j for _, j in pairs}]
    assert not any(abs(a - b) <= reach for a in left for b in free)


def figures() -> dict[str, Figure]:
    labels = [
        Labels("1", "open", "order", episodes=(LabelledSpan(2, verdict="first"), LabelledSpan(8, verdict="late"))),
        Labels("2", "confirmed", "quality", blunt=(LabelledSpan(3),), promises=(LabelledSpan(4, concrete=True),)),
        Labels("3", "open", "order", unanswered=(5,), closing_check=7),
    ]
    promise = Promise(4, 0, 1, concrete=False, due_at=None, kept=None)
    observed = {
        "1": seen(episodes=(episode(3), episode(8, "missing"), episode(20))),
        "2": seen(blunt=(KindSpan(4, 0, 1, "curt"),), promises=(promise,)),
        "3": seen(unanswered=(5,), closing_check=7),
    }  # fmt: skip
    return {figure.name: figure for figure in measure_observations(observed, labels)}


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("episodes precision", 2 / 3, 3),
        ("episodes recall", 1.0, 2),
        ("episodes F1", 0.8, 5),
        ("episodes verdict right", 0.5, 2),
        ("blunt precision", 0.0, 1),
        ("blunt recall", 0.0, 1),
        ("promises F1", 1.0, 2),
        ("promises concrete right", 0.0, 1),
        ("review_requests precision", None, 0),
        ("transfers announced right", None, 0),
        ("unanswered recall", 1.0, 1),
        ("closing_check right", 1.0, 3),
        ("closed right", 2 / 3, 3),
        ("topic right", 2 / 3, 3),
    ],
)
def test_a_figure_is_what_one_counts_by_hand(name: str, value: float | None, n: int) -> None:
    figure = figures()[name]
    assert figure.n == n
    assert figure.value is None if value is None else figure.value == pytest.approx(value)


def test_intervals_repeat_and_hold_their_value() -> None:
    first, again = figures(), figures()
    assert first == again
    for figure in first.values():
        if figure.low is not None and figure.high is not None and figure.value is not None:
            assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_a_conversation_that_was_not_audited_is_said() -> None:
    with pytest.raises(KeyError, match="lost"):
        measure_observations({}, [Labels("lost", "open", "order")])


def test_no_labels_measure_nothing() -> None:
    assert all(figure.value is None for figure in measure_observations({}, []))


def test_cases_are_counted_by_family_and_over_all() -> None:
    a, b, everything = measure_cases(
        [
            ("b", "1", "pass", "pass"),
            ("a", "2", "fail", "fail"),
            ("a", "3", "fail", "pass"),
            ("a", "4", "pass", "fail"),
            ("a", "5", "not_applicable", "pass"),
        ]
    )
    assert (a.family, a.n, a.right, a.accuracy, a.precision, a.recall) == ("a", 4, 1, 0.25, 0.5, 0.5)
    assert a.wrong == (("3", "fail", "pass"), ("4", "pass", "fail"), ("5", "not_applicable", "pass"))
    assert (b.accuracy, b.precision, b.recall) == (1.0, None, None)
    assert (everything.family, everything.n, everything.right) == ("all", 5, 2)


@pytest.mark.parametrize(
    ("one", "other", "correlation"),
    [
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        ([1, 2, 3, 4, 5], [5, 6, 7, 8, 7], 0.8207826816681233),
        ([1, 2, 3, 4], [2, 1, 4, 3], 0.6),
        ([1, 1, 2, 2], [1, 2, 1, 2], 0.0),
    ],
)
def test_spearman_is_what_one_works_out_by_hand(one: list[float], other: list[float], correlation: float) -> None:
    assert spearman(one, other) == pytest.approx(correlation)


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([0.1, 0.4, 0.35, 0.8], [False, False, True, True], 0.75),
        ([1, 2, 3, 4], [False, False, True, True], 1.0),
        ([4, 3, 2, 1], [False, False, True, True], 0.0),
        ([1, 1, 1, 1], [False, True, False, True], 0.5),
        ([1, 2, 2, 3], [False, True, False, True], 0.875),
    ],
)
def test_auc_is_the_share_of_pairs_in_the_right_order(scores: list[float], positive: list[bool], area: float) -> None:
    assert auc(scores, positive) == pytest.approx(area)


def test_auc_of_one_kind_only_is_unknown() -> None:
    assert math.isnan(auc([1, 2], [True, True]))
