"""Agreement of a language model with people: the statistics of the books, their edges, and the bar."""

from __future__ import annotations

import random
import warnings
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score

from qaplatform.audit.agreement import Figure
from qaplatform.audit.trust import (
    MOST_POINTS,
    VERDICTS,
    Bar,
    CurvePoint,
    DoubleReview,
    Pair,
    Shortfall,
    cohen_kappa,
    compared,
    gwet_ac1,
    trust_of,
    week_of,
)

# Gwet's own example in his R package irrCAC (cont3x3abstractors, two people on 100 charts), and its documented results.
ABSTRACTORS = ((13, 0, 0), (0, 20, 7), (0, 4, 56))
# 125 charts, one verdict rare: pₒ = 118/125, and κ calls that worse than chance.
RARE = ((118, 5), (2, 0))


def test_coefficients_are_those_of_published_examples_and_of_a_pencil() -> None:
    assert cohen_kappa(ABSTRACTORS) == pytest.approx(0.7964094, abs=5e-8)
    assert gwet_ac1(ABSTRACTORS) == pytest.approx(0.8493305, abs=5e-8)
    chance = (26 * 174 + 51 * 149 + 123 * 77) / 200**2 / 2
    assert gwet_ac1(ABSTRACTORS) == pytest.approx((0.89 - chance) / (1 - chance), abs=1e-12)
    by_chance = (123 * 120 + 2 * 5) / 125**2
    assert cohen_kappa(RARE) == pytest.approx((118 / 125 - by_chance) / (1 - by_chance), abs=1e-12)
    assert gwet_ac1(RARE) == pytest.approx((118 / 125 - 2 * 0.972 * 0.028) / (1 - 2 * 0.972 * 0.028), abs=1e-12)


VERDICT = st.sampled_from(VERDICTS)


@given(st.lists(st.tuples(VERDICT, VERDICT, st.integers(0, 30)), min_size=1, max_size=80))
def test_agreement_and_kappa_are_those_of_a_library(said: list[tuple[str, str, int]]) -> None:
    first, second = [one[0] for one in said], [one[1] for one in said]
    figures = compared(said)  # type: ignore[arg-type]
    assert figures.agreement.value == pytest.approx(accuracy_score(second, first), abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The library divides by 0 where only one verdict occurs.
        kappa = cohen_kappa_score(first, second)
    table = figures.confusion[:3]
    assert [list(row) for row in table] == [
        [sum(pair[:2] == (a, b) for pair in said) for b in VERDICTS] for a in VERDICTS
    ]
    if len({*first, *second}) == 1:
        assert cohen_kappa(table) is None
    else:
        assert cohen_kappa(table) == pytest.approx(kappa, abs=1e-9)
    assert figures.kappa.value == (cohen_kappa(table) if len(said) >= 20 else None)
    assert figures.ac1.value == gwet_ac1(table)
    for one in (figures.agreement, figures.kappa, figures.ac1):
        assert (one.low is None) == (one.high is None)
        assert one.low is None or one.high is None or -1 <= one.low <= one.high <= 1


def pairs(*runs: tuple[int, str, str], **values: object) -> list[Pair]:
    """So many pairs each of what the grader and what the person said, every one of another conversation."""
    said = [(grader, person) for count, grader, person in runs for _ in range(count)]
    return [
        Pair(grader, person, number, "2026-W48", **values)  # type: ignore[arg-type]
        for number, (grader, person) in enumerate(said)
    ]


def test_nothing_and_one_verdict_only_are_no_proof() -> None:
    nothing = trust_of([])
    assert nothing.every.agreement == Figure("agreement", None, None, None, 0)
    assert nothing.every.confusion == ((0, 0, 0),) * 4
    assert (nothing.weeks, nothing.curve) == ((), ())
    assert [one.what for one in nothing.missing(Bar())] == ["n", "rare", "agreement", "kappa"]
    single = trust_of(pairs((1, "yes", "yes")))
    assert (single.every.ac1.value, single.every.ac1.low) == (1.0, None)
    same = trust_of(pairs((300, "yes", "yes")))
    assert (same.every.agreement.value, same.every.kappa.value, same.every.ac1.value) == (1.0, None, 1.0)
    # Where all agree, resampling would say that there is no doubt.
    assert same.every.agreement.low == pytest.approx(300 / (300 + 1.959964**2), abs=1e-9)
    assert same.missing(Bar()) == (Shortfall("rare", 0, 30), Shortfall("kappa", None, 0.7))
    refusing = trust_of(pairs((5, "unsure", "yes"), (2, "unsure", "no")))
    assert (refusing.every.n, refusing.every.unsure_count, refusing.curve, refusing.weeks) == (0, 7, (), ())
    assert refusing.every.confusion[3] == (5, 2, 0)


BARS = [
    ("all of it", ((160, "yes", "yes"), (30, "no", "no"), (10, "yes", "not_applicable")), []),
    ("one pair short", ((159, "yes", "yes"), (30, "no", "no"), (10, "yes", "not_applicable")), ["n"]),
    ("one rare verdict short", ((161, "yes", "yes"), (29, "no", "no"), (10, "yes", "not_applicable")), ["rare"]),
    ("too many differ", ((150, "yes", "yes"), (29, "no", "no"), (21, "no", "yes")), ["rare", "agreement", "kappa"]),
    ("high agreement by habit", ((270, "yes", "yes"), (10, "no", "no"), (30, "yes", "no")), ["kappa"]),
    ("unsure is no pair", ((150, "yes", "yes"), (49, "no", "no"), (100, "unsure", "no")), ["n"]),
]  # fmt: skip


@pytest.mark.parametrize(("runs", "missing"), [one[1:] for one in BARS], ids=[one[0] for one in BARS])
def test_the_bar_names_what_is_missing(runs: tuple[tuple[int, str, str], ...], missing: list[str]) -> None:
    trust = trust_of(pairs(*runs))
    assert [one.what for one in trust.missing(Bar())] == missing
    assert trust.is_trusted(Bar()) == (not missing)
    assert trust.is_trusted(Bar(least_n=1, least_rare=1, least_agreement=0.5, least_kappa=0.3))


def test_the_interval_is_over_conversations_and_the_same_every_time() -> None:
    verdicts = [("yes", "yes")] * 80 + [("yes", "no")] * 20
    alone = compared((a, b, number) for number, (a, b) in enumerate(verdicts))  # type: ignore[misc]
    together = compared((a, b, number // 10) for number, (a, b) in enumerate(verdicts))  # type: ignore[misc]
    assert alone.agreement.value == together.agreement.value == 0.8
    assert alone.agreement.low is not None
    assert together.agreement.low is not None
    # The binomial interval is 0.72–0.88; ten conversations of ten pairs each know far less.
    assert alone.agreement.low == pytest.approx(0.72, abs=0.011)
    assert together.agreement.low < 0.61
    shuffled = list(enumerate(verdicts))
    random.Random(5).shuffle(shuffled)
    assert compared((a, b, number) for number, (a, b) in shuffled) == alone  # type: ignore[misc]


def test_blind_rulings_people_and_weeks_stand_apart() -> None:
    told = pairs((30, "yes", "yes"), (10, "no", "no"))
    blind = pairs((15, "yes", "yes"), (5, "no", "yes"), (5, "no", "no"), is_blind=True)
    late = [Pair("no", "yes", f"late {n}", week_of(date(2027, 1, 1) if n else date(2027, 1, 4))) for n in range(3)]
    people = [DoubleReview("yes", "yes", n) for n in range(12)] + [DoubleReview("no", "yes", n) for n in range(8)]
    trust = trust_of([*late, *told, *blind], people)
    assert (trust.every.n, trust.blind.n, trust.ordinary.n, trust.people.n) == (68, 25, 43, 20)
    assert (trust.blind.agreement.value, trust.people.agreement.value) == (0.8, 0.6)
    assert trust.people.kappa.value == 0.0
    assert trust.blind.kappa.value == pytest.approx((0.8 - (0.6 * 0.8 + 0.4 * 0.2)) / (1 - 0.56))
    assert trust_of([], people[:19]).people.kappa.value is None
    assert [(one.name, one.value, one.n) for one in trust.weeks] == [
        ("2026-W48", 60 / 65, 65), ("2026-W53", 0.0, 2), ("2027-W01", 0.0, 1),
    ]  # fmt: skip
    assert trust.weeks[1].high == pytest.approx(0.658, abs=1e-3)


def test_the_curve_goes_from_the_surest_answers_to_all_and_ties_stay_together() -> None:
    said = [
        Pair(grader, person, number, "2026-W48", confidence=sure)
        for number, (grader, person, sure) in enumerate(
            [
                ("yes", "yes", 1.0), ("no", "no", 1.0), ("yes", "no", 0.8), ("yes", "yes", 0.8), ("no", "yes", 0.6),
                ("yes", "yes", None), ("unsure", "yes", 0.9), ("unsure", "no", None),
            ]
        )
    ]  # fmt: skip
    assert trust_of(said).curve == (
        CurvePoint(0.25, 1.0, 2, 1.0),
        CurvePoint(0.5, 0.75, 4, 0.8),
        CurvePoint(0.625, 0.6, 5, 0.6),
        CurvePoint(0.75, 4 / 6, 6, None),
    )
    assert trust_of(said[::-1]).curve == trust_of(said).curve
    # Without confidences what the model refuses is all there is to know.
    unknown = pairs((6, "yes", "yes"), (2, "no", "yes"), (2, "unsure", "yes"))
    assert trust_of(unknown).curve == (CurvePoint(0.8, 0.75, 8, None),)
    many = [Pair("yes", "yes", n, "2026-W48", confidence=n / 1000) for n in range(1000)]
    curve = trust_of(many).curve
    assert len(curve) == MOST_POINTS
    assert (curve[0].n, curve[-1].n, curve[-1].answered_ratio) == (1, 1000, 1.0)
