"""From outcomes to points, score, share and verdict: the arithmetic, case by case, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qaplatform.audit.checking import OUTCOMES, Outcomes, Spot
from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion, Rubric, Section
from qaplatform.audit.scoring import VERDICTS, Scores, Scoring

_LETTERS = {"p": 0, "f": 1, "n": 2, "u": 3}


def rubric(*criteria: dict[str, object], pass_mark: float = 80, floor: float = 0.5) -> Rubric:
    made = tuple(Criterion(id=f"c{n}", title=Words("", ""), **values) for n, values in enumerate(criteria))  # type: ignore[arg-type]
    return Rubric(
        "r", "1", Words("", ""), (Section("s", Words("", ""), made),), pass_mark=pass_mark, scored_share_floor=floor
    )


def scored(judged: Rubric, *conversations: str) -> Scores:
    """Score conversations, one word a conversation, one letter a criterion; a digit behind f counts its findings."""
    columns: list[Outcomes] = []
    cells = [_cells(word) for word in conversations]
    for column in range(len(judged.criteria)):
        one = Outcomes(np.asarray([_LETTERS[row[column][0]] for row in cells], np.int8))
        for index, row in enumerate(cells):
            letter, findings = row[column]
            if letter == "f" and findings:
                one.findings[index] = [Spot(0, 0, 0, "x")] * findings
        columns.append(one)
    return Scoring(judged).score(columns)


def _cells(word: str) -> list[tuple[str, int]]:
    out: list[tuple[str, int]] = []
    for char in word:
        out = [*out[:-1], (out[-1][0], int(char))] if char.isdigit() else [*out, (char, 0)]
    return out


def test_the_letters_of_the_tables_are_the_outcomes() -> None:
    assert [OUTCOMES[number][0] for number in _LETTERS.values()] == list(_LETTERS)


@pytest.mark.parametrize(
    ("outcomes", "score", "share", "verdict"),
    [
        ("ppp", 100, 1, "pass"),
        ("fpp", 90, 1, "pass"),
        ("pfp", 70, 1, "fail"),
        ("ppf", 40, 1, "fail"),
        ("fff", 0, 1, "fail"),
        ("npp", 100, 1, "pass"),
        ("nfp", 66.67, 1, "fail"),
        ("upp", 100, 0.9, "pass"),
        ("uup", 100, 0.6, "pass"),
        ("puu", 100, 0.1, "unscored"),
        ("pfu", 25, 0.4, "unscored"),
        ("nnn", None, 0, "unscored"),
        ("uuu", None, 0, "unscored"),
        ("nnu", None, 0, "unscored"),
        ("pnn", 100, 1, "pass"),
    ],
)
def test_weights(outcomes: str, score: float | None, share: float, verdict: str) -> None:
    result = scored(rubric({"weight": 10.0}, {"weight": 30.0}, {"weight": 60.0}), outcomes)
    assert _first(result) == (score, share, verdict)


@pytest.mark.parametrize(
    ("values", "findings", "points"),
    [
        ({"weight": 10.0}, 1, 0),
        ({"weight": 10.0}, 5, 0),
        ({"weight": 10.0, "deduction": 3.0}, 0, 7),
        ({"weight": 10.0, "deduction": 3.0}, 1, 7),
        ({"weight": 10.0, "deduction": 3.0}, 3, 1),
        ({"weight": 10.0, "deduction": 3.0}, 4, 0),
        ({"weight": 10.0, "deduction": 3.0, "max_deduction": 5.0}, 4, 5),
        ({"deduction": 2.0}, 0, -2),
        ({"deduction": 2.0}, 3, -6),
        ({"deduction": 2.0, "max_deduction": 5.0}, 3, -5),
    ],
)
def test_what_a_failure_leaves_of_a_criterion(values: dict[str, object], findings: int, points: float) -> None:
    assert scored(rubric(values), f"f{findings}").points[0, 0] == points


@pytest.mark.parametrize(
    ("outcomes", "score", "share", "verdict"),
    [
        ("pp", 100, 1, "pass"),
        ("pf1", 95, 1, "pass"),
        ("pf9", 80, 1, "pass"),
        ("f1f9", 0, 1, "fail"),
        ("nf1", 95, 1, "pass"),
        ("np", 100, 1, "pass"),
        ("uf1", 95, 0, "unscored"),
        ("pu", 100, 1, "pass"),
    ],
)
def test_a_deduction_without_a_weight_is_taken_off_the_whole(
    outcomes: str, score: float, share: float, verdict: str
) -> None:
    judged = rubric({"weight": 10.0}, {"deduction": 5.0, "max_deduction": 20.0})
    assert _first(scored(judged, outcomes)) == (score, share, verdict)


@pytest.mark.parametrize(
    ("outcomes", "verdict"), [("pp", "pass"), ("pf", "critical"), ("uf", "critical"), ("pn", "pass"), ("pu", "pass")]
)
def test_a_critical_failure_wins_over_everything(outcomes: str, verdict: str) -> None:
    judged = rubric({"weight": 10.0}, {"critical": True})
    assert _first(scored(judged, outcomes))[2] == verdict


def test_the_verdict_goes_by_the_figures_that_are_shown() -> None:
    thirds = rubric(*[{"weight": 0.1}] * 3, {"weight": 0.7}, pass_mark=70)
    assert _first(scored(thirds, "fffp")) == (70, 1, "pass")
    assert _first(scored(rubric({"weight": 2.0}, {"weight": 1.0}, pass_mark=66.67), "pf"))[2] == "pass"
    assert _first(scored(rubric({"weight": 2.0}, {"weight": 1.0}, floor=0.6667), "pu"))[2] == "pass"


def test_conversations_of_a_batch_are_scored_as_if_each_were_alone() -> None:
    judged = rubric({"weight": 10.0, "deduction": 3.0}, {"weight": 30.0}, {"deduction": 2.0}, {"critical": True})
    words = ["pppp", "f2fpp", "nnnn", "uuup", "f1pf3f", "npf1n"]
    together = scored(judged, *words)
    for index, word in enumerate(words):
        alone = scored(judged, word)
        assert together.points[index].tolist() == alone.points[0].tolist()
        assert np.array_equal(together.score[index], alone.score[0], equal_nan=True)
        assert VERDICTS[together.verdict[index]] == VERDICTS[alone.verdict[0]]


def _first(scores: Scores) -> tuple[float | None, float, str]:
    score = float(scores.score[0])
    return None if math.isnan(score) else score, float(scores.scored_share[0]), VERDICTS[int(scores.verdict[0])]
