"""How observers are found and what they return.

An observer is a file ``audit/observers/<id>.py`` with a docstring, a frozen ``Params`` and a function
``observe(batch, params)``. It reads the batch's columns and the observations of other observers
(``batch.observe("…")``) and returns a value of the kind named in :data:`KINDS` below. Rows are row
numbers of the batch; spans are characters of the original text.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit import observers as _folder
from qaplatform.audit.batch import Batch


class ObserverParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every observer's parameters: the names of the phrase groups it looks for, and limits."""


class SeenSpan(msgspec.Struct, frozen=True, gc=False):
    """Words in a message; ``kind`` is one of the observation's kinds, ``""`` where it has none."""

    row: int
    start: int
    end: int
    kind: str = ""


class SeenEpisode(msgspec.Struct, frozen=True, gc=False):
    """An episode of the customer's emotion; ``last_row`` is its last emotional message, ``at`` the acknowledgement."""

    row: int
    last_row: int
    kind: Literal["displeased", "worried", "hurried"]
    verdict: Literal["first", "late", "missing", "no_reply"]
    at: int | None
    start: int
    end: int


class SeenPromise(msgspec.Struct, frozen=True, gc=False):
    """A commitment; ``due`` in seconds since 1970, NaN where unknown; ``deadline``: the words that say when."""

    row: int
    start: int
    end: int
    concrete: bool
    due: float = float("nan")
    kept: bool | None = None
    deadline: tuple[int, int] | None = None


class SeenTransfer(msgspec.Struct, frozen=True, gc=False):
    """The conversation or the problem moves on; ``row`` is where it happens or is announced."""

    row: int
    start: int
    end: int
    kind: Literal["handover", "escalation", "referral_away"]
    announced: bool
    who_named: bool
    reason_given: bool


@dataclass(frozen=True)
class SeenClosing:
    """By conversation: the row of the closing check (-1: none) and how it closed (index into :data:`CLOSED`).

    ``asks`` tells by message whether it asks if all is solved or whether there is anything else.
    """

    check_row: NDArray[np.int64]
    closed: NDArray[np.int8]
    asks: NDArray[np.bool_]


@dataclass(frozen=True)
class SeenTopics:
    """By conversation the index of its topic's path in ``paths``."""

    topic: NDArray[np.int64]
    paths: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SeenRisk:
    """By conversation: risk and priority (0–1) and the codes of what drives them, strongest first."""

    risk: NDArray[np.float64]
    priority: NDArray[np.float64]
    reasons: list[tuple[str, ...]]
    signs: Mapping[str, NDArray[np.float64]]
    """What the risk is made of, by code: 0 where a sign is absent, 1 where it holds."""
    stake: NDArray[np.float64]
    """The share of the distance from the risk to 1 that the stakes take."""

    def priority_at(self, risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """The priority by another estimate of the risk (0–1), with the same stakes."""
        return np.asarray(risk + (1.0 - risk) * self.stake)


CLOSED = ("confirmed", "pending", "open", "unclear")

KINDS: Mapping[str, str] = {
    "episodes": "list[SeenEpisode] by row",
    "blunt": "list[SeenSpan] by row",
    "review_requests": "list[SeenSpan] by row",
    "off_platform": "list[SeenSpan] by row",
    "absolute": "list[SeenSpan] by row",
    "promises": "list[SeenPromise] by row",
    "transfers": "list[SeenTransfer] by row",
    "closing": "SeenClosing",
    "unanswered": "sorted int64 array of rows",
    "topic": "SeenTopics",
    "risk": "SeenRisk",
}


@dataclass(frozen=True)
class Observer:
    """One observer: its id, parameter class and function."""

    id: str
    params: type[ObserverParams]
    observe: Callable[[Batch, Any], Any]


@lru_cache(maxsize=1)
def observers() -> Mapping[str, Observer]:
    """All observers of the folder by id."""
    found = {}
    for module in pkgutil.iter_modules(_folder.__path__):
        if not module.name.startswith("_"):
            code = importlib.import_module(f"{_folder.__name__}.{module.name}")
            found[module.name] = Observer(module.name, code.Params, code.observe)
    return found


@dataclass(frozen=True)
class ObserverSet:
    """The observers with a rubric's parameters."""

    params: Mapping[str, msgspec.Struct] = field(default_factory=dict)

    def run(self, observer: str, batch: Batch) -> Any:
        """What one observer sees in a batch."""
        one = observers()[observer]
        return one.observe(batch, self.params.get(observer) or one.params())
