"""How well observations agree with people's labels: precision, recall, F1 and accuracy with intervals.

Matching is one to one, nearest first: episodes within ±1 message, everything else on the same message.
Intervals are 95 % percentile bootstraps over conversations (a conversation's labels hang together).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.finding import Observations

RESAMPLES = 2000
SEED = 20260901
_EPISODE_REACH = 1


class Figure(msgspec.Struct, frozen=True):
    """One measured figure with its 95 % interval; ``n`` is what it is a share of. ``None``: nothing to measure."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int


class LabelledSpan(msgspec.Struct, frozen=True):
    """A label at message ``m``."""

    m: int
    quote: str = ""
    kind: str = ""
    verdict: str = ""
    at: int | None = None
    concrete: bool | None = None
    announced: bool | None = None


class Labels(msgspec.Struct, frozen=True):
    """One conversation's labels, in the words of the labelling guideline."""

    id: str
    closed: str
    topic: str
    episodes: tuple[LabelledSpan, ...] = ()
    blunt: tuple[LabelledSpan, ...] = ()
    review_requests: tuple[LabelledSpan, ...] = ()
    off_platform: tuple[LabelledSpan, ...] = ()
    absolute: tuple[LabelledSpan, ...] = ()
    promises: tuple[LabelledSpan, ...] = ()
    transfers: tuple[LabelledSpan, ...] = ()
    unanswered: tuple[int, ...] = ()
    closing_check: int | None = None


def match(labelled: Sequence[int], seen: Sequence[int], reach: int = 0) -> list[tuple[int, int]]:
    """Pairs (index in ``labelled``, index in ``seen``) of message numbers at most ``reach`` apart, nearest first."""
    pairs = sorted(
        (abs(a - b), i, j) for i, a in enumerate(labelled) for j, b in enumerate(seen) if abs(a - b) <= reach
    )
    out: list[tuple[int, int]] = []
    for _, i, j in pairs:
        if all(i != a and j != b for a, b in out):
            out.append((i, j))
    return out


class Mismatch(msgspec.Struct, frozen=True):
    """Where observation and label differ; ``message`` is ``None`` for what is said of a whole conversation."""

    id: str
    observation: str
    message: int | None
    labelled: str
    """What the label says; empty where there is none."""
    observed: str
    """What was observed; empty where nothing was."""


class _Tally:
    """Counts by conversation: hits, seen and labelled for span figures; right and all for accuracies."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[float, ...]]] = {}

    def add(self, name: str, *counts: float) -> None:
        self.rows.setdefault(name, []).append(counts)

    def column(self, name: str, width: int) -> NDArray[np.float64]:
        return np.asarray(self.rows.get(name, []), np.float64).reshape(-1, width)


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def _bootstrap(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of ``counts`` (conversations × columns) over resampled conversations."""
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(counts), (RESAMPLES, len(counts)))
    return np.asarray(counts[picks].sum(axis=1))


def interval_of(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """The 95 % percentile interval of resampled values; none where half of them or more are unknown."""
    known = values[~np.isnan(values)]
    if known.size < values.size * 0.5:
        return None, None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _figure(name: str, value: float, spread: NDArray[np.float64], n: float) -> Figure:
    if n == 0 or np.isnan(value):
        return Figure(name, None, None, None, int(n))
    return Figure(name, float(value), *interval_of(spread), int(n))


def _span_figures(name: str, counts: NDArray[np.float64]) -> list[Figure]:
    hits, seen, labelled = counts.sum(axis=0) if len(counts) else (0.0, 0.0, 0.0)
    some = _bootstrap(counts) if len(counts) else np.zeros((1, 3))
    total = np.asarray([[hits, seen, labelled]])

    def rates(c: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return _ratio(c[:, 0], c[:, 1]), _ratio(c[:, 0], c[:, 2]), _ratio(2 * c[:, 0], c[:, 1] + c[:, 2])

    sizes = (seen, labelled, seen + labelled)
    return [
        _figure(f"{name} {label}", float(value[0]), spread, size)
        for label, value, spread, size in zip(
            ("precision", "recall", "F1"), rates(total), rates(some), sizes, strict=True
        )
    ]


def _share_figure(name: str, counts: NDArray[np.float64]) -> Figure:
    right, everything = counts.sum(axis=0) if len(counts) else (0.0, 0.0)
    value = right / everything if everything else float("nan")
    some = _bootstrap(counts) if len(counts) else np.zeros((1, 2))
    return _figure(name, value, _ratio(some[:, 0], some[:, 1]), everything)


_SHARED = {
    "episodes": ("verdict", "episodes verdict"),
    "promises": ("concrete", "promises concrete"),
    "transfers": ("announced", "transfers announced"),
}
"""Of matched spans, the field that is compared as well, and the figure's name."""
SPAN_KINDS = ("episodes", "blunt", "review_requests", "off_platform", "absolute", "promises", "transfers")


def measure_observations(seen: Mapping[str, Observations], labels: Iterable[Labels]) -> list[Figure]:
    """Figures of every observation over the labelled conversations.

    Raises:
        KeyError: a labelled conversation was not audited (its id).
    """
    tally = _Tally()
    for one in labels:
        observed = seen[one.id]
        for kind in SPAN_KINDS:
            _compare_spans(tally, kind, getattr(one, kind), getattr(observed, kind))
        unanswered = match(one.unanswered, observed.unanswered)
        tally.add("unanswered", len(unanswered), len(observed.unanswered), len(one.unanswered))
        tally.add("closing_check right", one.closing_check == observed.closing_check, 1)
        tally.add("closed right", one.closed == observed.closed, 1)
        tally.add("topic right", bool(observed.topic) and one.topic == observed.topic[0], 1)
    figures: list[Figure] = []
    for kind in (*SPAN_KINDS, "unanswered"):
        figures += _span_figures(kind, tally.column(kind, 3))
        if kind in _SHARED:
            name = _SHARED[kind][1]
            figures.append(_share_figure(f"{name} right", tally.column(name, 2)))
    for name in ("closing_check right", "closed right", "topic right"):
        figures.append(_share_figure(name, tally.column(name, 2)))
    return figures


def mismatches(seen: Mapping[str, Observations], labels: Iterable[Labels]) -> list[Mismatch]:
    """Every place where observation and label differ, conversation by conversation.

    Raises:
        KeyError: a labelled conversation was not audited (its id).
    """
    out: list[Mismatch] = []
    for one in labels:
        observed = seen[one.id]
        for kind in SPAN_KINDS:
            out += _span_mismatches(one.id, kind, getattr(one, kind), getattr(observed, kind))
        out += [
            Mismatch(one.id, "unanswered", m, "unanswered", "") for m in set(one.unanswered) - set(observed.unanswered)
        ]
        out += [
            Mismatch(one.id, "unanswered", m, "", "unanswered") for m in set(observed.unanswered) - set(one.unanswered)
        ]
        whole = (
            ("closing_check", str(one.closing_check), str(observed.closing_check)),
            ("closed", one.closed, observed.closed),
            ("topic", one.topic, "".join(observed.topic[:1])),
        )
        out += [Mismatch(one.id, name, None, said, got) for name, said, got in whole if said != got]
    return out


def _span_mismatches(
    id: str, kind: str, labelled: Sequence[LabelledSpan], observed: Sequence[Any]
) -> Iterator[Mismatch]:
    pairs = match([label.m for label in labelled], [spot.message for spot in observed], _reach(kind))
    field = _SHARED.get(kind, ("kind", ""))[0]
    for i, label in enumerate(labelled):
        if all(i != a for a, _ in pairs):
            yield Mismatch(id, kind, label.m, str(getattr(label, field)) or kind, "")
    for j, spot in enumerate(observed):
        if all(j != b for _, b in pairs):
            yield Mismatch(id, kind, spot.message, "", str(getattr(spot, field, kind)))
    if kind in _SHARED:
        for i, j in pairs:
            said, got = getattr(labelled[i], field), getattr(observed[j], field)
            if said != got:
                yield Mismatch(id, f"{kind} {field}", labelled[i].m, str(said), str(got))


def _reach(kind: str) -> int:
    return _EPISODE_REACH if kind == "episodes" else 0


def _compare_spans(tally: _Tally, kind: str, labelled: Sequence[LabelledSpan], observed: Sequence[Any]) -> None:
    pairs = match([label.m for label in labelled], [spot.message for spot in observed], _reach(kind))
    tally.add(kind, len(pairs), len(observed), len(labelled))
    if kind in _SHARED:
        field, name = _SHARED[kind]
        right = sum(getattr(labelled[i], field) == getattr(observed[j], field) for i, j in pairs)
        tally.add(name, right, len(pairs))


class CaseFigure(msgspec.Struct, frozen=True):
    """One family of cases: share of outcomes that are right; precision and recall of ``fail``."""

    family: str
    n: int
    right: int
    accuracy: float
    precision: float | None
    recall: float | None
    wrong: tuple[tuple[str, str, str], ...]
    """(case id, expected, got) of every case that is not right."""


def measure_cases(cases: Iterable[tuple[str, str, str, str]]) -> list[CaseFigure]:
    """Figures by family of (family, case id, expected outcome, outcome); the last is ``all``."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for family, case, expected, got in cases:
        rows.setdefault(family, []).append((case, expected, got))
    everything = [row for family in rows.values() for row in family]
    return [_case_figure(family, rows[family]) for family in sorted(rows)] + [_case_figure("all", everything)]


def _case_figure(family: str, rows: Sequence[tuple[str, str, str]]) -> CaseFigure:
    right = sum(expected == got for _, expected, got in rows)
    hit = sum(expected == got == "fail" for _, expected, got in rows)
    said = sum(got == "fail" for *_, got in rows)
    wanted = sum(expected == "fail" for _, expected, _ in rows)
    return CaseFigure(
        family=family,
        n=len(rows),
        right=right,
        accuracy=right / len(rows) if rows else 0.0,
        precision=hit / said if said else None,
        recall=hit / wanted if wanted else None,
        wrong=tuple(row for row in rows if row[1] != row[2]),
    )


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation (ties get their mean rank)."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Area under the ROC curve: how likely a positive outranks a negative (ties count half)."""
    ranks, chosen = _ranks(scores), np.asarray(positive, np.bool_)
    yes, no = int(chosen.sum()), int((~chosen).sum())
    if not yes or not no:
        return float("nan")
    return float((ranks[chosen].sum() - yes * (yes + 1) / 2) / (yes * no))


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray(((last - counts + 1 + last) / 2)[inverse], np.float64)
