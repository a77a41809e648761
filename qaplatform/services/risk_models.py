"""Learned risk: a linear model over words and observations, its figures, and how it is kept.

A model is a handful of arrays, written as such (npz, no pickle): reading one runs nothing. Where it is used neither
scikit-learn nor anything but numpy is needed; learning stands in ``services/risk_learning.py``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Bools
from qaplatform.errors import QAPlatformError
from qaplatform.services.risk_features import BLOCKS, FEATURES_VERSION, SLOT_BITS, Features, Floats, Grams

_HEADER = "header"


class UnusableModelError(QAPlatformError):
    """A stored risk model cannot be used (another version of the program made it, or it is damaged); have a new one learned."""

    code = "unusable_model"


class Interval(msgspec.Struct, frozen=True):
    """A figure with its 95 % bootstrap interval; ``None``: it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Quality(msgspec.Struct, frozen=True):
    """How well a risk tells which chats go wrong; ``spearman`` is with the graded label, where there is one."""

    auc: Interval
    spearman: Interval
    ece: float
    """Expected calibration error over ten classes of equal size."""
    brier: float


class Bin(msgspec.Struct, frozen=True):
    """A class of the calibration: chats whose probability lies in it, what was said on average, and what was so."""

    low: float
    high: float
    n: int
    said: float
    wrong: float


class Fold(msgspec.Struct, frozen=True):
    """One fold: AUC and Spearman of the model and of the rules."""

    n: int
    wrong: int
    auc: float | None
    rule_auc: float | None
    spearman: float | None
    rule_spearman: float | None


class Comparison(msgspec.Struct, frozen=True):
    """A model, cross-validated, beside the rules on the same folds."""

    n: int
    wrong: int
    measured_on: str
    """``all`` chats, or the ``random`` draws among them."""
    model: Quality
    rule: Quality
    gain: Interval
    """AUC of the model minus that of the rules, by a paired bootstrap."""
    bins: tuple[Bin, ...] = ()
    folds: tuple[Fold, ...] = ()

    @property
    def is_better(self) -> bool:
        """Is the model better than the rules, and than no look at all, beyond chance?"""
        gain, auc = self.gain.low, self.model.auc.low
        return gain is not None and gain > 0 and auc is not None and auc > 0.5


class Sign(msgspec.Struct, frozen=True):
    """Something telling: an n-gram of a block, or a number; ``weight`` is above 0 where it raises the risk."""

    where: str
    """A block, or ``number``."""
    what: str
    weight: float
    """By how much points usually vary by it; above 0 where it raises the risk."""
    conversations: int
    """In how many it occurs."""


class _Header(msgspec.Struct, frozen=True):
    features_version: int
    names: tuple[str, ...]
    intercept: float
    offset: float
    slope: float


@dataclass(frozen=True, slots=True)
class Words:
    """The n-grams of a block that count: slots (ascending), the rarity of each, and its weight."""

    slot: NDArray[np.int32]
    rarity: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that count: names, mean and factor that bring them to a common size, weights."""

    names: tuple[str, ...]
    mean: NDArray[np.float32]
    factor: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True)
class RiskModel:
    """A learned model."""

    words: Mapping[str, Words]
    numbers: Numbers
    intercept: float
    offset: float
    slope: float
    """Log-odds of going wrong: ``offset + slope × points``."""

    @cached_property
    def tables(self) -> Mapping[str, NDArray[np.int32]]:
        """For each block the place of every slot in its arrays, -1 where the slot does not count."""
        return {block: table_of(one.slot) for block, one in self.words.items()}

    @cached_property
    def known(self) -> Mapping[str, Bools]:
        """For each block the slots that count, as a mask."""
        return {block: table >= 0 for block, table in self.tables.items()}

    def points(self, features: Features) -> Floats:
        """What the model gives each conversation, uncalibrated."""
        total = np.full(features.count, self.intercept)
        for block, words in self.words.items():
            row, place, value = weighed(features.grams[block], self.tables[block], words.rarity, features.count)
            total += np.bincount(row, value * words.weight[place], minlength=features.count)
        numbers = self.numbers
        for name, mean, factor, weight in zip(numbers.names, numbers.mean, numbers.factor, numbers.weight, strict=True):
            column = features.numbers.get(name)
            total += ((0.0 if column is None else column) - float(mean)) * float(factor) * float(weight)
        return total

    def risk(self, features: Features) -> Floats:
        """The probability that each conversation goes wrong, 0–1."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.offset + self.slope * self.points(features)))))

    def packed(self) -> bytes:
        """The model as bytes."""
        header = _Header(FEATURES_VERSION, self.numbers.names, self.intercept, self.offset, self.slope)
        arrays: dict[str, NDArray[np.generic]] = {_HEADER: np.frombuffer(msgspec.json.encode(header), np.uint8)}
        for block, one in self.words.items():
            arrays |= {f"{block}.slot": one.slot, f"{block}.rarity": one.rarity, f"{block}.weight": one.weight}
        numbers = self.numbers
        arrays |= {"numbers.mean": numbers.mean, "numbers.factor": numbers.factor, "numbers.weight": numbers.weight}
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def unpacked(cls, body: bytes) -> RiskModel:
        """A model from its bytes.

        Raises:
            UnusableModelError: they are damaged, or of another version of the features.
        """
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as data:
                header = msgspec.json.decode(data[_HEADER].tobytes(), type=_Header)
                if header.features_version != FEATURES_VERSION:
                    raise UnusableModelError
                words = {
                    block: Words(data[f"{block}.slot"], data[f"{block}.rarity"], data[f"{block}.weight"])
                    for block in BLOCKS
                }
                numbers = Numbers(
                    header.names, data["numbers.mean"], data["numbers.factor"], data["numbers.weight"]
                )  # fmt: skip
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
            raise UnusableModelError from error
        return cls(words, numbers, header.intercept, header.offset, header.slope)


def table_of(slots: NDArray[np.int32]) -> NDArray[np.int32]:
    """The place of every slot among some (ascending), -1 where it is not one of them."""
    table = np.full(1 << SLOT_BITS, -1, np.int32)
    table[slots] = np.arange(slots.size, dtype=np.int32)
    return table


def weighed(
    grams: Grams, table: NDArray[np.int32], rarity: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Entries (conversation, place, value) of the n-grams that count; each conversation's values have length 1."""
    place = table[grams.slot]
    kept = place >= 0
    row, place = grams.row[kept], place[kept]
    value = (1.0 + np.log(grams.count[kept])) * rarity[place]
    length = np.sqrt(np.bincount(row, value * value, minlength=count))
    return row, place, value / np.maximum(length[row], 1e-12)
