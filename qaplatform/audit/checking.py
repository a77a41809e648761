"""What a check is made of, and how checks are found.

A check is a file ``audit/checks/<id>.py``: a docstring (the question, why, the source of the rule, a
``Fires:`` and a ``Silent:`` transcript), a frozen ``Params``, ``CODES`` (every code its findings can
carry) and ``check(batch, params) -> Outcomes``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit import checks as _folder
from qaplatform.audit.batch import Batch, Bools

PASS, FAIL, NOT_APPLICABLE, UNSCORED = range(4)
OUTCOMES = ("pass", "fail", "not_applicable", "unscored")


class CheckParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every check's parameters; units stand in the field names."""


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A finding by row: characters ``start:end`` of the original text, a code, and facts for people."""

    row: int
    start: int
    end: int
    code: str
    facts: dict[str, Any] = {}


@dataclass
class Outcomes:
    """One outcome a conversation (see :data:`OUTCOMES`), reasons where there is one, findings by conversation."""

    outcome: NDArray[np.int8]
    reasons: dict[int, str] = field(default_factory=dict)
    findings: dict[int, list[Spot]] = field(default_factory=dict)


def judge(
    batch: Batch,
    findings: Sequence[Spot],
    *,
    applies: Bools | None = None,
    unscored: Bools | None = None,
    reason: str = "",
) -> Outcomes:
    """Fail where there are findings, unscored (with ``reason``) or not applicable where said, else pass.

    ``applies`` and ``unscored`` are by conversation. A finding wins over both.
    """
    outcome = np.full(len(batch), PASS, np.int8)
    if applies is not None:
        outcome[~applies] = NOT_APPLICABLE
    reasons: dict[int, str] = {}
    if unscored is not None:
        outcome[unscored] = UNSCORED
        reasons = dict.fromkeys(np.flatnonzero(unscored).tolist(), reason)
    by_conversation: dict[int, list[Spot]] = {}
    for spot in findings:
        by_conversation.setdefault(int(batch.conversation[spot.row]), []).append(spot)
    for index, spots in by_conversation.items():
        spots.sort(key=lambda spot: (spot.row, spot.start))
        outcome[index] = FAIL
        reasons.pop(index, None)
    return Outcomes(outcome, reasons, by_conversation)


def whole(batch: Batch, row: int, code: str, **facts: Any) -> Spot:
    """A finding on a whole message."""
    return Spot(row, 0, len(batch.texts[row]), code, facts)


@dataclass(frozen=True)
class Check:
    """One check: its id, parameter class, codes and function."""

    id: str
    params: type[CheckParams]
    codes: tuple[str, ...]
    check: Callable[[Batch, Any], Outcomes]


@lru_cache(maxsize=1)
def checks() -> Mapping[str, Check]:
    """All checks of the folder by id."""
    found = {}
    for module in pkgutil.iter_modules(_folder.__path__):
        if not module.name.startswith("_"):
            code = importlib.import_module(f"{_folder.__name__}.{module.name}")
            found[module.name] = Check(module.name, code.Params, tuple(code.CODES), code.check)
    return found
