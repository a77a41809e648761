"""Learning from people's rulings which chats go wrong, and measuring honestly whether that is any better than the rules.

Ridge regression over two kinds of evidence at once: n-grams of each block (sublinear counts, weighed by rarity, each
block of length 1) and the audit's numbers (standardised, together of length 1 on average). There are far more n-grams
than chats, so that it is solved over the chats (``KernelRidge`` with their products) and turned into weights. Points become probabilities
by a logistic curve over points that each chat got from models that had not seen it. Everything that is fitted or chosen, rarity
and strength of the penalty too, is fitted inside the folds.

An n-gram counts only where it occurs in at least five conversations of five customers: a model keeps no trace of what one
customer alone wrote.

This module loads scikit-learn: import it only where a model is learned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from qaplatform.errors import QAPlatformError
from qaplatform.services.risk_features import BLOCKS, Features, Floats, Grams
from qaplatform.services.risk_figures import compared
from qaplatform.services.risk_models import Comparison, Numbers, RiskModel, Words, table_of, weighed

MIN_CUSTOMERS = 5
"""An n-gram counts from so many conversations, and so many customers, on."""
MOST_GRAMS = 40_000
"""So many n-grams of a block at most, the most frequent ones: what keeps a model at a few megabytes."""
PENALTIES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Strengths of the penalty that are tried."""
INNER_FOLDS = 5
Places = NDArray[np.int64]
_LEAST_SPREAD = 1e-3
"""A number that varies less is the same in all chats but for rounding."""
_NUMBERS_LENGTH = 1.0
"""Length of all numbers of a chat together, beside a length of 1 of each block."""


class TooFewExamplesError(QAPlatformError):
    """There are too few chats of both kinds, gone well and gone wrong, to learn from; rule on more."""

    code = "too_few_examples"


@dataclass(frozen=True)
class Examples:
    """Chats with what people said of them."""

    features: Features
    wrong: NDArray[np.bool_]
    badness: Floats
    """How bad it was: graded where people graded it (higher is worse), else 0 and 1."""
    weight: Floats
    customer: NDArray[np.int64]
    """Whose chat it is: chats of one customer stay together in a fold."""
    is_graded: bool = False
    measured: NDArray[np.bool_] | None = None
    """Chats that figures are taken of, if not of all."""
    measured_on: str = "all"

    def __len__(self) -> int:
        return self.features.count


def folds_of(examples: Examples, places: NDArray[np.int64], folds: int, seed: int) -> Iterator[tuple[Places, Places]]:
    """Splits of places into those to learn from and those to try on; both kinds are spread evenly.

    Raises:
        TooFewExamplesError: there are not so many customers with a chat of each kind as folds.
    """
    wrong, customer = examples.wrong[places], examples.customer[places]
    if min(np.unique(customer[kind]).size for kind in (wrong, ~wrong)) < folds:
        raise TooFewExamplesError
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for learn_from, try_on in splitter.split(np.zeros((places.size, 1)), wrong, customer):
        yield places[learn_from], places[try_on]


def learn(examples: Examples, *, seed: int) -> RiskModel:
    """A calibrated model of all examples.

    Raises:
        TooFewExamplesError: there are too few of either kind.
    """
    return _fitted(examples, np.arange(len(examples)), seed)


def cross_validated(
    examples: Examples, *, folds: int, seed: int, between: Callable[[], None] = lambda: None
) -> Comparison:
    """How well models do on chats they have not seen, beside the rules on the same chats.

    ``between`` is called after each fold.

    Raises:
        TooFewExamplesError: there are too few of either kind.
    """
    risk = np.zeros(len(examples))
    parts = []
    for learn_from, try_on in folds_of(examples, np.arange(len(examples)), folds, seed):
        model = _fitted(examples, learn_from, seed)
        risk[try_on] = model.risk(_some(examples.features, try_on))
        parts.append(try_on)
        between()
    graded = examples.badness if examples.is_graded else None
    on = np.ones(len(examples), np.bool_) if examples.measured is None else examples.measured
    return compared(
        risk, examples.features.rule_risk, examples.wrong, graded, parts, on=on, measured_on=examples.measured_on,
        seed=seed,
    )  # fmt: skip


def _some(features: Features, places: NDArray[np.int64]) -> Features:
    """Features of some of the conversations, in the order of ``places``."""
    to = np.full(features.count, -1, np.int64)
    to[places] = np.arange(places.size)
    grams = {}
    for block, one in features.grams.items():
        kept = to[one.row] >= 0
        grams[block] = Grams(to[one.row[kept]], one.slot[kept], one.count[kept])
    numbers = {name: column[places] for name, column in features.numbers.items()}
    return Features(places.size, grams, numbers, features.rule_risk[places])


@dataclass(frozen=True)
class _Shape:
    """What of the features counts, without weights, and the examples in these terms."""

    words: dict[str, Words]
    numbers: Numbers
    matrix: sparse.csr_matrix


def _fitted(examples: Examples, places: NDArray[np.int64], seed: int) -> RiskModel:
    shape = _shaped(_some(examples.features, places), examples.customer[places])
    products = np.asarray((shape.matrix @ shape.matrix.T).todense(), np.float64)
    badness, weight = examples.badness[places], examples.weight[places]
    to = np.full(len(examples), -1, np.int64)
    to[places] = np.arange(places.size)
    splits = [(to[a], to[b]) for a, b in folds_of(examples, places, INNER_FOLDS, seed)]
    penalty, unseen = _best_penalty(products, badness, weight, splits)
    offset, slope = _calibrated(unseen, examples.wrong[places], weight)
    middle = float(np.average(badness, weights=weight))
    dual = _dual(products, badness - middle, weight, penalty)
    return _model(shape, np.asarray(shape.matrix.T @ dual), middle, offset, slope)


def _dual(products: Floats, target: Floats, weight: Floats, penalty: float) -> Floats:
    ridge = KernelRidge(alpha=penalty, kernel="precomputed")
    return np.asarray(ridge.fit(products, target, sample_weight=weight).dual_coef_, np.float64)


def _best_penalty(
    products: Floats, badness: Floats, weight: Floats, splits: Sequence[tuple[Places, Places]]
) -> tuple[float, Floats]:
    """The penalty with the smallest error on unseen examples, and the points they get with it."""
    best, best_error, best_points = PENALTIES[0], math.inf, badness
    for penalty in PENALTIES:
        points = np.zeros(badness.size)
        for a, b in splits:
            middle = float(np.average(badness[a], weights=weight[a]))
            points[b] = middle + products[np.ix_(b, a)] @ _dual(
                products[np.ix_(a, a)], badness[a] - middle, weight[a], penalty
            )
        error = float(np.average((points - badness) ** 2, weights=weight))
        if error < best_error:
            best, best_error, best_points = penalty, error, points
    return best, best_points


def _calibrated(points: Floats, wrong: NDArray[np.bool_], weight: Floats) -> tuple[float, float]:
    """Offset and slope of the curve from points to log-odds; more points never mean less risk."""
    size = float(points.std()) or 1.0
    curve = LogisticRegression(C=10.0).fit((points / size)[:, None], wrong, sample_weight=weight)
    slope = float(curve.coef_[0, 0])
    if slope <= 0:
        share = float(np.average(wrong, weights=weight))
        return math.log(share / (1 - share)), 0.0
    return float(curve.intercept_[0]), slope / size


def _shaped(features: Features, customer: NDArray[np.int64]) -> _Shape:
    words, parts = {}, []
    for block in BLOCKS:
        grams = features.grams[block]
        slots, frequency = _common(grams, customer)
        rarity = (np.log((1 + features.count) / (1 + frequency)) + 1.0).astype(np.float32)
        words[block] = Words(slots, rarity, np.zeros(slots.size, np.float32))
        row, place, value = weighed(grams, table_of(slots), rarity, features.count)
        parts.append(sparse.csr_matrix((value, (row, place)), shape=(features.count, slots.size)))
    numbers, standard = _standard(features)
    return _Shape(words, numbers, sparse.hstack([*parts, sparse.csr_matrix(standard)]).tocsr())


def _common(grams: Grams, customer: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Slots that occur in enough conversations of enough customers, with in how many conversations they occur."""
    slots, frequency = np.unique(grams.slot, return_counts=True)
    whose = np.unique(np.stack([grams.slot, customer[grams.row]]), axis=1)[0]
    customers = np.unique(whose, return_counts=True)[1]
    kept = np.flatnonzero((frequency >= MIN_CUSTOMERS) & (customers >= MIN_CUSTOMERS))
    if kept.size > MOST_GRAMS:
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[:MOST_GRAMS]])
    return slots[kept].astype(np.int32), frequency[kept]


def _standard(features: Features) -> tuple[Numbers, Floats]:
    kept = {
        name: column
        for name, column in features.numbers.items()
        if np.count_nonzero(column) >= MIN_CUSTOMERS and column.std() > _LEAST_SPREAD
    }
    columns = np.stack(list(kept.values()), axis=1) if kept else np.zeros((features.count, 0))
    mean = columns.mean(axis=0).astype(np.float32)
    factor = (_NUMBERS_LENGTH / (columns.std(axis=0) * math.sqrt(max(len(kept), 1)))).astype(np.float32)
    numbers = Numbers(tuple(kept), mean, factor, np.zeros(len(kept), np.float32))
    return numbers, (columns - mean) * factor


def _model(shape: _Shape, weights: Floats, middle: float, offset: float, slope: float) -> RiskModel:
    words, begin = {}, 0
    for block, one in shape.words.items():
        end = begin + one.slot.size
        words[block] = Words(one.slot, one.rarity, weights[begin:end].astype(np.float32))
        begin = end
    numbers = shape.numbers
    told = Numbers(numbers.names, numbers.mean, numbers.factor, weights[begin:].astype(np.float32))
    return RiskModel(words, told, middle, offset, slope)
