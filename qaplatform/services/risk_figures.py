"""Figures of a risk beside another one on the same chats: ranks, calibration, and whether the difference is chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from qaplatform.services.risk_features import Floats
from qaplatform.services.risk_models import Bin, Comparison, Fold, Interval, Quality

RESAMPLES = 1000
_AT_ONCE = 20
CLASSES = 10
_Bools = NDArray[np.bool_]


def auc(risk: Floats, wrong: _Bools) -> float | None:
    """The chance that a chat gone wrong gets more risk than one gone well; ``None`` where there is only one kind."""
    found = float(_aucs(risk[None], wrong[None])[0])
    return None if math.isnan(found) else found


def _aucs(risks: Floats, wrongs: _Bools) -> Floats:
    """Of each row; NaN where there is only one kind."""
    bad = wrongs.sum(axis=1)
    pairs = bad * (wrongs.shape[1] - bad)
    above = np.where(wrongs, rankdata(risks, axis=1), 0.0).sum(axis=1) - bad * (bad + 1) / 2
    found: Floats = np.divide(above, pairs, out=np.full(bad.size, np.nan), where=pairs > 0)
    return found


def spearman(one: Floats, other: Floats) -> float | None:
    """The rank correlation; ``None`` where one does not vary."""
    ranks = rankdata(one), rankdata(other)
    if ranks[0].std() == 0 or ranks[1].std() == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def bins_of(risk: Floats, wrong: _Bools) -> tuple[Bin, ...]:
    """Classes of equal size by risk: what was said and what was so."""
    order = np.argsort(risk, kind="stable")
    parts = [part for part in np.array_split(order, CLASSES) if part.size]
    return tuple(
        Bin(float(risk[p].min()), float(risk[p].max()), p.size, float(risk[p].mean()), float(wrong[p].mean()))
        for p in parts
    )


def compared(
    model: Floats, rule: Floats, wrong: _Bools, badness: Floats | None, parts: Sequence[NDArray[np.int64]], *,
    on: _Bools, measured_on: str, seed: int,
) -> Comparison:  # fmt: skip
    """Compare two risks of the same chats; ``parts`` are the places of each fold's, ``on`` the chats that count."""
    folds = tuple(_fold(model, rule, wrong, badness, part[on[part]]) for part in parts)
    model, rule, wrong = model[on], rule[on], wrong[on]
    graded = None if badness is None else -badness[on]
    picks = np.random.default_rng(seed).integers(0, wrong.size, (RESAMPLES, wrong.size))
    some = np.array_split(picks, RESAMPLES // _AT_ONCE)
    aucs = [np.concatenate([_aucs(risk[those], wrong[those]) for those in some]) for risk in (model, rule)]
    whole = [auc(risk, wrong) for risk in (model, rule)]
    gain = None if whole[0] is None or whole[1] is None else whole[0] - whole[1]
    learned, ruled = [
        _quality(risk, wrong, graded, Interval(value, *_ends(spread)), picks)
        for risk, value, spread in zip((model, rule), whole, aucs, strict=True)
    ]
    return Comparison(
        wrong.size, int(wrong.sum()), measured_on, learned, ruled, Interval(gain, *_ends(aucs[0] - aucs[1])),
        bins_of(model, wrong), folds,
    )  # fmt: skip


def _quality(risk: Floats, wrong: _Bools, graded: Floats | None, ranked: Interval, picks: NDArray[np.int64]) -> Quality:
    correlation = Interval(None)
    if graded is not None:
        spread = np.asarray([_or_nan(spearman(risk[pick], graded[pick])) for pick in picks])
        correlation = Interval(spearman(risk, graded), *_ends(spread))
    bins = bins_of(risk, wrong)
    ece = sum(one.n * abs(one.said - one.wrong) for one in bins) / wrong.size
    return Quality(ranked, correlation, float(ece), float(np.mean((risk - wrong) ** 2)))


def _fold(model: Floats, rule: Floats, wrong: _Bools, badness: Floats | None, part: NDArray[np.int64]) -> Fold:
    def correlation(risk: Floats) -> float | None:
        return None if badness is None else spearman(risk[part], -badness[part])

    bad = wrong[part]
    return Fold(
        part.size, int(bad.sum()), auc(model[part], bad), auc(rule[part], bad), correlation(model), correlation(rule)
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _ends(spread: Floats) -> tuple[float | None, float | None]:
    known = spread[~np.isnan(spread)]
    if known.size < spread.size / 2:
        return None, None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
