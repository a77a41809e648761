"""Measuring a learned risk on a file of labelled conversations, by cross-validation; nothing of the file is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import InputError
from qaplatform.services.auditing import batches
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.risk_features import Features, features_of, joined
from qaplatform.services.risk_models import Comparison

LOW_CSAT = 2.0
"""A rating (1–5) up to which a chat went wrong."""
_VERDICTS: Mapping[str, bool] = {"pass": False, "fail": True, "critical": True}


class _Labelled(msgspec.Struct, frozen=True):
    labels: dict[str, Any] = {}
    csat: float | None = None


class _Label(msgspec.Struct, frozen=True):
    """What a line says; ``satisfaction`` only of graded labels."""

    kind: str
    wrong: bool
    satisfaction: float


def evaluate(path: str, rubric: Rubric, context: Context, *, folds: int, seed: int) -> Comparison:
    """Cross-validate a learned risk on a file and compare it with the rules.

    A line is a conversation with a label, on all lines of the same kind: ``labels.quality_mean.S`` (mean satisfaction,
    wrong below 0), ``labels.overall_sat3`` (wrong is 0), ``labels.wrong`` (true or false), ``labels.verdict`` (wrong are
    ``fail`` and ``critical``), or the conversation's ``csat`` (wrong up to 2 of 5).

    Raises:
        InputError: the file cannot be read, or a line has no label or another kind than the first.
        TooFewExamplesError: there are too few chats of either kind.
    """
    from qaplatform.services.risk_learning import Examples, cross_validated  # noqa: PLC0415  loads scikit-learn

    conversations, labels = _read(path)
    features = features_by_rules(conversations, rubric, context)
    names = [one.customer.id if one.customer else None for one in conversations]
    numbers: dict[str, int] = {}
    customer = np.asarray(
        [place if name is None else -1 - numbers.setdefault(name, len(numbers)) for place, name in enumerate(names)],
        np.int64,
    )
    is_graded = labels[0].kind not in ("wrong", "verdict")
    examples = Examples(
        features=features,
        wrong=np.asarray([one.wrong for one in labels], np.bool_),
        badness=-np.asarray([one.satisfaction for one in labels], np.float64),
        weight=np.ones(len(labels)),
        customer=customer,
        is_graded=is_graded,
    )
    return cross_validated(examples, folds=folds, seed=seed)


def features_by_rules(conversations: list[Conversation], rubric: Rubric, context: Context) -> Features:
    """Features of conversations as one rubric sees them."""
    auditor = compiled_auditor(rubric, context)
    return joined([features_of(auditor.audit(some)) for some in batches(conversations)])


def _read(path: str) -> tuple[list[Conversation], list[_Label]]:
    conversations: list[Conversation] = []
    labels: list[_Label] = []
    decoder, label_decoder = msgspec.json.Decoder(Conversation), msgspec.json.Decoder(_Labelled)
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    conversations.append(decoder.decode(line))
                    labels.append(_label_of(label_decoder.decode(line), path, number))
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise InputError(str(error), file=path, line=number) from error
                if labels[-1].kind != labels[0].kind:
                    raise InputError(
                        f"has a label of another kind than the lines before, which say {labels[0].kind}",
                        file=path, line=number, field=labels[-1].kind,
                    )  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    if not labels:
        raise InputError("there is no conversation in it", file=path)
    return conversations, labels


def _label_of(line: _Labelled, path: str, number: int) -> _Label:
    said = line.labels
    mean = said["quality_mean"].get("S") if isinstance(said.get("quality_mean"), dict) else None
    for kind, value in (("labels.quality_mean.S", mean), ("labels.overall_sat3", said.get("overall_sat3"))):
        if value is not None:
            satisfaction = _number(value, path, number, kind)
            return _Label(kind, satisfaction < 0 if mean is not None else satisfaction == 0, satisfaction)
    wrong, verdict = said.get("wrong"), said.get("verdict")
    if wrong is not None:
        if not isinstance(wrong, bool):
            raise InputError("is neither true nor false", file=path, line=number, field="labels.wrong")
        return _Label("wrong", wrong, -float(wrong))
    if verdict is not None:
        if not isinstance(verdict, str) or verdict not in _VERDICTS:
            raise InputError(
                f"is none of {', '.join(_VERDICTS)}", file=path, line=number, field="labels.verdict"
            )  # fmt: skip
        return _Label("verdict", _VERDICTS[verdict], -float(_VERDICTS[verdict]))
    if line.csat is not None:
        return _Label("csat", line.csat <= LOW_CSAT, line.csat)
    raise InputError(
        "says nothing of how the chat went", file=path, line=number, field="labels",
        way_out="labels.quality_mean.S, labels.overall_sat3, labels.wrong, labels.verdict or csat on every line",
    )  # fmt: skip


def _number(value: object, path: str, number: int, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise InputError("is no number", file=path, line=number, field=field)
    return float(value)
