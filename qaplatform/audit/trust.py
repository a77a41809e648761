"""How far a language model agrees with people on one question, and whether that is enough to count its answers.

Compared are pairs: what the model said of a conversation and what a person ruled. Who calls groups them by question, prompt
and model; with a new prompt or model there are no pairs yet, and trust begins anew.

- Agreement: the share of equal verdicts among the pairs in which the model gave one. ``unsure`` is no verdict: it is
  counted apart, and shown by the curve.
- Cohen's κ (Cohen 1960, *A coefficient of agreement for nominal scales*): (pₒ − pₑ) / (1 − pₑ) with pₑ = Σ pᵢ₊ p₊ᵢ. Not given
  below 20 pairs, and undefined where both sides know one verdict only.
- Gwet's AC1 (Gwet 2008, *Computing inter-rater reliability and its variance in the presence of high agreement*):
  (pₒ − pₑ) / (1 − pₑ) with pₑ = Σ πᵢ (1 − πᵢ) / (q − 1), πᵢ the mean of both sides' shares, q the verdicts that occur, at
  least two. It does not fall when one verdict is rare, as κ does.
- Intervals: 95 %, percentile bootstrap over conversations (Efron 1979), because what is said of one conversation hangs
  together. Where all agree, or none, resampling knows no doubt; there the agreement has Wilson's interval of the
  conversations. Single weeks, which are small, have Wilson's too.
- The curve (selective classification, El-Yaniv & Wiener 2010): if only the surest answers were taken, what share would be
  answered, and how many of them would be right?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.agreement import RESAMPLES, SEED, Figure, interval_of
from qaplatform.audit.graded import Verdict
from qaplatform.audit.tallies import wilson

PersonVerdict = Literal["yes", "no", "not_applicable"]
VERDICTS: tuple[PersonVerdict, ...] = ("yes", "no", "not_applicable")
LEAST_FOR_KAPPA = 20
MOST_POINTS = 100
Tables = NDArray[np.float64]
"""Confusion tables, the last two axes of which are the verdicts of the two sides."""


class Pair(msgspec.Struct, frozen=True):
    """What the model and a person said to one question of one conversation."""

    grader: Verdict
    person: PersonVerdict
    conversation: Hashable
    week: str
    """When the model answered, as :func:`week_of` gives it."""
    is_blind: bool = False
    """Whether the person ruled without seeing the model's answer."""
    confidence: float | None = None
    """How sure the model was, or the share of its votes; the higher the surer."""


class DoubleReview(msgspec.Struct, frozen=True):
    """Two people's verdicts on one question of one conversation."""

    first: PersonVerdict
    second: PersonVerdict
    conversation: Hashable


class Bar(msgspec.Struct, frozen=True):
    """What a model must reach on a question for its answers to count."""

    least_n: int = 200
    least_rare: int = 30
    """So often must people have given the rarer one of yes and no: who never sees it proves nothing by agreeing."""
    least_agreement: float = 0.90
    least_kappa: float = 0.70


class Shortfall(msgspec.Struct, frozen=True):
    """One figure below its bar; ``value`` is ``None`` where it is not known."""

    what: Literal["n", "rare", "agreement", "kappa"]
    value: float | None
    least: float


class Comparison(msgspec.Struct, frozen=True):
    """Two sides' verdicts on the same conversations."""

    agreement: Figure
    kappa: Figure
    ac1: Figure
    rare_count: int
    """How often the second side gave the rarer one of yes and no."""
    unsure_count: int
    """Pairs without a verdict of the first side, in no figure."""
    confusion: tuple[tuple[int, ...], ...]
    """Counts; rows are the first side's :data:`VERDICTS` and ``unsure``, columns the second side's :data:`VERDICTS`."""

    @property
    def n(self) -> int:
        """Pairs of verdicts."""
        return self.agreement.n

    def missing(self, bar: Bar) -> tuple[Shortfall, ...]:
        """What keeps the first side from being trusted; nothing where it is."""
        wanted: tuple[tuple[Literal["n", "rare", "agreement", "kappa"], float | None, float], ...] = (
            ("n", self.n, bar.least_n),
            ("rare", self.rare_count, bar.least_rare),
            ("agreement", self.agreement.value, bar.least_agreement),
            ("kappa", self.kappa.value, bar.least_kappa),
        )
        return tuple(Shortfall(*one) for one in wanted if one[1] is None or one[1] < one[2])

    def is_trusted(self, bar: Bar) -> bool:
        """Whether the bar is reached."""
        return not self.missing(bar)


class CurvePoint(msgspec.Struct, frozen=True):
    """If only answers at least so sure were taken."""

    answered_ratio: float
    """The share of all pairs that would be answered, 0–1."""
    agreement: float
    n: int
    """How many answers that are."""
    least_confidence: float | None
    """``None``: all verdicts, also those without a confidence."""


class Trust(msgspec.Struct, frozen=True):
    """One model on one question."""

    every: Comparison
    blind: Comparison
    """With people who did not see the answer."""
    ordinary: Comparison
    """With people who did, and are easily led to agree."""
    people: Comparison
    """Two people with each other: more than this no model can be asked."""
    weeks: tuple[Figure, ...]
    """Agreement by week, in order, named by week; weeks without verdicts are left out."""
    curve: tuple[CurvePoint, ...]
    """From the surest answers to all; the last point is the model as it is."""

    def missing(self, bar: Bar) -> tuple[Shortfall, ...]:
        """What keeps the model from being trusted with this question, by all rulings."""
        return self.every.missing(bar)

    def is_trusted(self, bar: Bar) -> bool:
        """Whether the model's answers to this question count."""
        return self.every.is_trusted(bar)


def trust_of(pairs: Iterable[Pair], doubles: Iterable[DoubleReview] = ()) -> Trust:
    """All figures of one model and prompt on one question."""
    pairs = list(pairs)
    return Trust(
        every=_compared(pairs),
        blind=_compared([one for one in pairs if one.is_blind]),
        ordinary=_compared([one for one in pairs if not one.is_blind]),
        people=compared((one.first, one.second, one.conversation) for one in doubles),
        weeks=_weeks(pairs),
        curve=_curve(pairs),
    )


def week_of(day: date) -> str:
    """The ISO week of a local day, ``2026-W48``; in order as text, too."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def cohen_kappa(table: Sequence[Sequence[int]]) -> float | None:
    """Cohen's κ of a square table of counts; ``None`` where it is undefined: no counts, or one verdict only."""
    return _known(float(_kappa(np.asarray(table, np.float64))))


def gwet_ac1(table: Sequence[Sequence[int]]) -> float | None:
    """Gwet's AC1 of a square table of counts; ``None`` without counts."""
    counts = np.asarray(table, np.float64)
    return _known(float(_ac1(counts, _used(counts))))


def compared(said: Iterable[tuple[Verdict, PersonVerdict, Hashable]]) -> Comparison:
    """Figures of (first side's verdict, second side's, conversation)."""
    rows: dict[Hashable, Tables] = {}
    unsure = np.zeros(len(VERDICTS), np.int64)
    for first, second, conversation in said:
        column = VERDICTS.index(second)
        if first == "unsure":
            unsure[column] += 1
            continue
        if conversation not in rows:
            rows[conversation] = np.zeros((len(VERDICTS), len(VERDICTS)), np.float64)
        rows[conversation][VERDICTS.index(first), column] += 1
    by_conversation = np.asarray([*rows.values()], np.float64).reshape(-1, len(VERDICTS), len(VERDICTS))
    total: Tables = by_conversation.sum(axis=0)
    spread, n, used = _resampled(by_conversation), int(total.sum()), _used(total)

    def figure(name: str, of: Callable[[Tables], Tables], *, least_n: int = 1) -> Figure:
        value = _known(float(of(total))) if n >= least_n else None
        low, high = interval_of(of(spread)) if value is not None and len(rows) > 1 else (None, None)
        return Figure(name, value, low, high, n)

    seen_of_person = total.sum(axis=0)
    return Comparison(
        agreement=_with_doubt(figure("agreement", _agreement), len(rows)),
        kappa=figure("kappa", _kappa, least_n=LEAST_FOR_KAPPA),
        ac1=figure("ac1", lambda tables: _ac1(tables, used)),
        rare_count=int(min(seen_of_person[VERDICTS.index("yes")], seen_of_person[VERDICTS.index("no")])),
        unsure_count=int(unsure.sum()),
        confusion=(*(tuple(map(int, row)) for row in total.tolist()), tuple(unsure.tolist())),
    )


def _compared(pairs: Iterable[Pair]) -> Comparison:
    return compared((one.grader, one.person, one.conversation) for one in pairs)


def _with_doubt(agreement: Figure, conversation_count: int) -> Figure:
    if agreement.value not in (0.0, 1.0):
        return agreement
    bounds = wilson(conversation_count if agreement.value else 0, conversation_count)
    return agreement if bounds is None else msgspec.structs.replace(agreement, low=bounds.low, high=bounds.high)


def _resampled(by_conversation: Tables) -> Tables:
    """Tables of conversations drawn again and again.

    Most conversations have the same tables as others: how often each kind of them is drawn is multinomial, which is the
    same as drawing conversations and costs the same for any number of them.
    """
    count, *shape = by_conversation.shape
    if not count:
        return np.zeros((1, *shape), np.float64)
    kinds, often = np.unique(by_conversation.reshape(count, -1), axis=0, return_counts=True)
    drawn = np.random.default_rng(SEED).multinomial(count, often / count, size=RESAMPLES)
    return np.asarray((drawn @ kinds).reshape(RESAMPLES, *shape), np.float64)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _used(table: Tables) -> int:
    """How many verdicts occur on either side, at least two."""
    return max(2, int(((table.sum(axis=0) + table.sum(axis=1)) > 0).sum()))


def _divided(top: Tables, bottom: Tables) -> Tables:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom != 0, top / bottom, np.nan)


def _hits(tables: Tables) -> Tables:
    return np.asarray(np.trace(tables, axis1=-2, axis2=-1), np.float64)


def _agreement(tables: Tables) -> Tables:
    return _divided(_hits(tables), tables.sum(axis=(-2, -1)))


def _kappa(tables: Tables) -> Tables:
    # Multiplied by n² all terms are whole numbers, so that what is undefined is exactly 0 below the line.
    n = tables.sum(axis=(-2, -1))
    chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1)
    return _divided(n * _hits(tables) - chance, n * n - chance)


def _ac1(tables: Tables, used: int) -> Tables:
    n = tables.sum(axis=(-2, -1))
    shares = _divided(tables.sum(axis=-1) + tables.sum(axis=-2), 2 * n[..., np.newaxis])
    chance = (shares * (1 - shares)).sum(axis=-1) / (used - 1)
    return _divided(_agreement(tables) - chance, 1 - chance)


def _weeks(pairs: Sequence[Pair]) -> tuple[Figure, ...]:
    answered = [one for one in pairs if one.grader != "unsure"]
    every = Counter(one.week for one in answered)
    right = Counter(one.week for one in answered if one.grader == one.person)
    out = []
    for week, n in sorted(every.items()):
        bounds = wilson(right[week], n)
        out.append(Figure(week, right[week] / n, bounds and bounds.low, bounds and bounds.high, n))
    return tuple(out)


def _curve(pairs: Sequence[Pair]) -> tuple[CurvePoint, ...]:
    """One point for each confidence that occurs: equally sure answers are taken together; the unknown come last."""
    right: Counter[float] = Counter()
    every: Counter[float] = Counter()
    for one in pairs:
        if one.grader != "unsure":
            confidence = float("-inf") if one.confidence is None else one.confidence
            every[confidence] += 1
            right[confidence] += one.grader == one.person
    points, n, hits = [], 0, 0
    for confidence in sorted(every, reverse=True):
        n, hits = n + every[confidence], hits + right[confidence]
        least = None if confidence == float("-inf") else confidence
        points.append(CurvePoint(n / len(pairs), hits / n, n, least))
    if len(points) <= MOST_POINTS:
        return tuple(points)
    chosen = np.linspace(0, len(points) - 1, MOST_POINTS).round().astype(int)
    return tuple(points[place] for place in chosen.tolist())
