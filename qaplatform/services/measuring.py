"""Measuring a rubric against what people said of the same conversations.

Nothing of the evaluation sets is kept or learned: a file of labels, cases or satisfaction goes in, figures come out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from qaplatform.audit.agreement import (
    CaseFigure,
    Figure,
    Labels,
    Mismatch,
    auc,
    measure_cases,
    measure_observations,
    mismatches,
    spearman,
)
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.hints import without_hints
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import InputError
from qaplatform.services.matcher_cache import compiled_auditor

_BATCH = 200


class Case(msgspec.Struct, frozen=True):
    """An invented case: the outcome a criterion (``family``) must have on a conversation."""

    id: str
    family: str
    expect: str
    conversation: Conversation
    why: str = ""


class _Rated(msgspec.Struct, frozen=True):
    labels: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RiskFigures:
    """How well risk ranks conversations by people's satisfaction."""

    conversations: int
    spearman: float | None
    """With the mean satisfaction (negative: the riskier, the less satisfied)."""
    auc: float
    """For dissatisfied conversations."""
    dissatisfied: int


def _lines(path: str, kind: type[Any]) -> Iterator[Any]:
    decoder = msgspec.json.Decoder(kind)
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        yield decoder.decode(line)
                    except (msgspec.DecodeError, UnicodeDecodeError) as error:
                        raise InputError(str(error), file=path, line=number) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error


def _batches(conversations: Sequence[Conversation]) -> Iterator[Sequence[Conversation]]:
    for first in range(0, len(conversations), _BATCH):
        yield conversations[first : first + _BATCH]


class LabelFigures(msgspec.Struct, frozen=True):
    """Figures of every observation, and each place that is not right with its words."""

    figures: list[Figure]
    wrong: list[tuple[Mismatch, str]]


def measure_labels(rubric: Rubric, context: Context, conversations: str, labels: str) -> LabelFigures:
    """Figures of every observation on labelled conversations.

    Raises:
        InputError: a file cannot be read, or a label's conversation is missing.
    """
    auditor = compiled_auditor(rubric, context)
    read: list[Conversation] = list(_lines(conversations, Conversation))
    seen = {card.id: card.observations for batch in _batches(read) for card in auditor.audit(batch).scorecards()}
    wanted: list[Labels] = list(_lines(labels, Labels))
    for one in wanted:
        if one.id not in seen:
            raise InputError(f"conversation {one.id!r} has labels but is not in {conversations}", file=labels)
    by_id = {one.id: one for one in read}
    wrong = [(each, _text(by_id[each.id], each.message)) for each in mismatches(seen, wanted)]
    return LabelFigures(measure_observations(seen, wanted), wrong)


def _text(conversation: Conversation, message: int | None) -> str:
    if message is None or message >= len(conversation.messages):
        return ""
    return " ".join(conversation.messages[message].text.split())


def measure_case_file(rubric: Rubric, context: Context, path: str) -> list[CaseFigure]:
    """Figures by family of a file of cases.

    The cases know three outcomes; what cannot be known (``unscored``, as a response time without times) is counted as
    not applicable there.

    Raises:
        InputError: the file cannot be read or names a criterion the rubric has not.
    """
    auditor = compiled_auditor(without_hints(rubric), context)
    columns = {criterion.id: number for number, criterion in enumerate(rubric.criteria)}
    cases: list[Case] = list(_lines(path, Case))
    for case in cases:
        if case.family not in columns:
            raise InputError(f"{rubric.id} has no criterion {case.family!r}", file=path, field=case.id)
    rows: list[tuple[str, str, str, str]] = []
    for first in range(0, len(cases), _BATCH):
        some = cases[first : first + _BATCH]
        for case, card in zip(some, auditor.audit([one.conversation for one in some]).scorecards(), strict=True):
            outcome = card.criteria[columns[case.family]].outcome
            rows.append((case.family, case.id, case.expect, "not_applicable" if outcome == "unscored" else outcome))
    return measure_cases(rows)


def measure_risk(rubric: Rubric, context: Context, path: str) -> RiskFigures:
    """Risk against satisfaction: ``labels.quality_mean.S`` (−2…2), or ``labels.overall_sat3`` (0 is dissatisfied).

    Raises:
        InputError: the file cannot be read or carries neither label.
    """
    auditor = compiled_auditor(rubric, context)
    rated: list[_Rated] = list(_lines(path, _Rated))
    risk = [
        card.risk for batch in _batches(list(_lines(path, Conversation))) for card in auditor.audit(batch).scorecards()
    ]
    said = [one.labels.get("quality_mean", {}).get("S") for one in rated]
    if said and None not in said:
        means = [float(mean) for mean in said if mean is not None]
        bad = [mean < 0 for mean in means]
        return RiskFigures(len(risk), spearman(risk, means), auc(risk, bad), sum(bad))
    thirds = [one.labels.get("overall_sat3") for one in rated]
    if not thirds or None in thirds:
        raise InputError("neither labels.quality_mean.S nor labels.overall_sat3 on every line", file=path)
    bad = [third == 0 for third in thirds]
    return RiskFigures(len(risk), None, auc(risk, bad), sum(bad))
