"""A small transformer encoder that says of each label whether a reply does it, and where: NumPy alone.

Why: replies of strangers are worded in ways no list foresees. Source: docs/decisions/0004, docs/reply-reader.md.

Shapes: ``T`` pieces of one sequence, ``H`` width, ``F`` inner width, ``N`` heads, ``L`` labels. All float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_EPS = np.float32(1e-12)
_BLOCK = 32
"""So many 4-bit weights of a word piece share a scale."""


@dataclass(frozen=True)
class Norm:
    """Layer normalisation: ``scale`` and ``shift`` (H)."""

    scale: Floats
    shift: Floats

    def __call__(self, x: Floats) -> Floats:
        """(…, H) → (…, H)."""
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + _EPS)
        normed: Floats = centred / spread * self.scale + self.shift
        return normed


@dataclass(frozen=True)
class Linear:
    """``x @ weight + bias``: weight (in, out)."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        """(…, in) → (…, out)."""
        return x @ self.weight + self.bias


@dataclass(frozen=True)
class Layer:
    """One encoder layer."""

    attend: Linear
    """(H, 3 H): queries, keys, values."""
    attended: Linear
    after_attending: Norm
    widen: Linear
    narrow: Linear
    after_widening: Norm
    heads: int

    def __call__(self, x: Floats, first: int = 0) -> Floats:
        """(T, H) → (T - first, H): of the pieces from ``first`` on, which look at all."""
        length, width = x.shape
        q, k, v = self.attend(x).reshape(length, 3, self.heads, width // self.heads).transpose(1, 2, 0, 3)
        seen = _softmax(q[:, first:] @ k.transpose(0, 2, 1) / np.float32(sqrt(width / self.heads)), axis=-1) @ v
        x = self.after_attending(x[first:] + self.attended(seen.transpose(1, 0, 2).reshape(length - first, width)))
        return self.after_widening(x + self.narrow(_gelu(self.widen(x))))


@dataclass(frozen=True)
class Network:
    """The whole: pieces in, one logit a label out, and how much each piece counted for it."""

    pieces: NDArray[np.uint8]
    """(V, H / 2): two 4-bit weights a byte, of each block of 32 the first sixteen in the low halves."""
    piece_scales: NDArray[np.float16]
    """(V, H / 32)."""
    positions: Floats
    parts: Floats
    """(2, H): added to pieces of what was said before, and of the reply."""
    first: Norm
    layers: tuple[Layer, ...]
    says: Floats
    """(L, H): what speaks for a label."""
    looks: Floats
    """(L, H): where to look for it."""
    bias: Floats

    def __call__(self, pieces: Ints, own: int) -> tuple[Floats, Floats]:
        """Logits (L) and shares (T - own, L; each label's sum to 1) of one sequence.

        Args:
            pieces: Numbers of word pieces (T), at most as many as there are positions.
            own: Where the reply begins, after what was said before; less than T.
        """
        part = np.repeat(self.parts, (own, len(pieces) - own), axis=0)
        x = self.first(self._embedded(pieces) + self.positions[: len(pieces)] + part)
        for layer in self.layers[:-1]:
            x = layer(x)
        x = self.layers[-1](x, own)
        shares = _softmax(x @ self.looks.T, axis=0)
        logits = (x @ self.says.T * shares).sum(axis=0) + self.bias
        return logits, shares

    def _embedded(self, numbers: Ints) -> Floats:
        packed = self.pieces[numbers].reshape(len(numbers), -1, _BLOCK // 2)
        weights = np.concatenate([packed & 15, packed >> 4], axis=-1).astype(np.float32) - np.float32(8)
        return (weights * self.piece_scales[numbers].astype(np.float32)[..., None]).reshape(len(numbers), -1)


def network_of(arrays: Mapping[str, NDArray[np.generic]], heads: int) -> Network:
    """A network out of the arrays of its file: matrices as 8-bit rows with a scale each (``name`` and ``name.scale``)."""

    def floats(name: str) -> Floats:
        return arrays[name].astype(np.float32)

    def linear(name: str) -> Linear:
        weight = floats(f"{name}.weight") * floats(f"{name}.scale")[:, None]
        return Linear(np.ascontiguousarray(weight.T), floats(f"{name}.bias"))

    def norm(name: str) -> Norm:
        return Norm(floats(f"{name}.scale"), floats(f"{name}.shift"))

    def layer(number: int) -> Layer:
        at = f"layer{number}"
        return Layer(
            linear(f"{at}.attend"),
            linear(f"{at}.attended"),
            norm(f"{at}.after_attending"),
            linear(f"{at}.widen"),
            linear(f"{at}.narrow"),
            norm(f"{at}.after_widening"),
            heads,
        )

    count = sum(name.endswith(".attend.bias") for name in arrays)
    return Network(
        pieces=arrays["pieces"].astype(np.uint8),
        piece_scales=arrays["piece_scales"].astype(np.float16),
        positions=floats("positions"),
        parts=floats("parts"),
        first=norm("first"),
        layers=tuple(map(layer, range(count))),
        says=floats("says"),
        looks=floats("looks"),
        bias=floats("bias"),
    )


def _softmax(x: Floats, axis: int) -> Floats:
    raised: Floats = np.exp(x - x.max(axis=axis, keepdims=True))
    shares: Floats = raised / raised.sum(axis=axis, keepdims=True)
    return shares


def _gelu(x: Floats) -> Floats:
    """The usual approximation by tanh, with which the network was trained."""
    inner: Floats = np.float32(sqrt(2 / pi)) * (x + np.float32(0.044715) * x * x * x)
    risen: Floats = np.tanh(inner) + np.float32(1)
    return np.float32(0.5) * x * risen
