"""Figures of questions against numpy, scipy and hand computation."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from scipy import stats

from qaplatform.audit.phrases import Words
from qaplatform.audit.tallies import wilson
from qaplatform.training.item_statistics import Response, correlation, fisher, item_figures
from qaplatform.training.questions import Bank, SingleChoice, options_of

SHARED = {"topic": "t", "difficulty": 1, "text": Words("问", ""), "explanation": Words("答", ""), "domain": "D1"}
BANK = Bank.of(
    SingleChoice(**SHARED, id=f"q{n}", options=options_of(Words(one, "") for one in "甲乙丙丁"), answer=("a",))
    for n in range(8)
)


def sheets(count: int, seed: int = 1) -> list[dict[str, Response]]:
    """Candidates of differing skill; nobody chooses option d, and q7 is right at random."""
    random = Random(seed)
    found = []
    for _ in range(count):
        skill = random.random()
        sheet = {}
        for id in BANK.questions:
            is_right = random.random() < (0.5 if id == "q7" else skill)
            sheet[id] = Response(float(is_right), ("a",) if is_right else (random.choice("bc"),))
        found.append(sheet)
    return found


def test_figures_equal_those_of_numpy_and_scipy() -> None:
    given = sheets(200)
    points = np.array([[sheet[id].points for id in BANK.questions] for sheet in given])
    for column, figures in enumerate(item_figures(BANK, given)):
        own = points[:, column]
        rest = np.delete(points, column, axis=1).sum(axis=1)
        assert figures.difficulty == pytest.approx(own.mean())
        assert figures.difficulty_interval == pytest.approx(tuple(wilson(int(own.sum()), 200)))
        assert figures.discrimination == pytest.approx(np.corrcoef(own, rest)[0, 1])
        expected = stats.pearsonr(own, rest).confidence_interval(0.95)
        assert figures.discrimination_interval == pytest.approx((expected.low, expected.high), abs=1e-6)
        exact = stats.binomtest(int(own.sum()), 200).proportion_ci(method="wilson")
        assert figures.difficulty_interval == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_options_are_counted_by_all_and_by_the_best_and_weakest() -> None:
    given = sheets(200)
    first = item_figures(BANK, given)[0]
    counts = {one.option: one for one in first.options}
    assert {id: one.count for id, one in counts.items()} == {
        option: sum(option in sheet["q0"].chosen for sheet in given) for option in "abcd"
    }
    assert sum(one.upper for one in first.options) == sum(one.lower for one in first.options) == 54
    assert counts["a"].upper > counts["a"].lower
    assert "unused_distractor" in first.notices


def test_an_item_that_tells_nothing_is_noticed() -> None:
    by_id = {one.question: one for one in item_figures(BANK, sheets(400, seed=3))}
    assert {"weak", "negative"} & set(by_id["q7"].notices)
    assert not {"weak", "negative"} & set(by_id["q0"].notices)


@pytest.mark.parametrize(
    ("count", "has_p", "has_r"), [(9, False, False), (10, True, False), (29, True, False), (30, True, True)]
)
def test_below_the_least_numbers_nothing_is_said(count, has_p, has_r) -> None:
    figures = item_figures(BANK, sheets(count))[0]
    assert (figures.difficulty is not None, figures.discrimination is not None) == (has_p, has_r)
    assert figures.too_few == (not has_r)
    assert figures.candidates == count


def test_an_item_that_everybody_gets_right_has_no_discrimination() -> None:
    given = [{**sheet, "q0": Response(1.0, ("a",))} for sheet in sheets(50)]
    figures = item_figures(BANK, given)[0]
    assert (figures.difficulty, figures.discrimination) == (1.0, None)
    assert "too_easy" in figures.notices


def test_formulas_by_hand() -> None:
    assert correlation([(0, 1), (1, 2), (2, 3)]) == pytest.approx(1)
    assert correlation([(0, 0), (0, 1), (1, 0), (1, 1)]) == pytest.approx(0)
    assert correlation([(0, 1), (1, 2), (1, 1)]) == pytest.approx(0.5)
    assert correlation([(1, 1), (1, 2)]) is None
    z = 1.959964 / math.sqrt(25)
    assert fisher(0.0, 28) == pytest.approx((-math.tanh(z), math.tanh(z)))
    assert fisher(0.5, 3) is None


def test_partial_points_have_an_interval_too() -> None:
    given = [{**sheet, "q0": Response(index % 3 / 2, ())} for index, sheet in enumerate(sheets(31))]
    figures = item_figures(BANK, given)[0]
    assert figures.difficulty_interval is not None
    assert figures.difficulty_interval.low < figures.difficulty < figures.difficulty_interval.high
