"""Writes a trained reader: matrices as 8-bit rows with a scale each, word pieces in the 4 bits of their base."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from qaplatform.exam.act_names import LABELS
from reader.base import HEADS, WIDTH, Base

if TYPE_CHECKING:
    from reader.train import Net

LINEARS = ("attend", "attended", "widen", "narrow")
NORMS = ("after_attending", "after_widening")


def write_reader(path: Path, net: Net, base: Base, kept: list[int]) -> None:
    """Write it as :func:`qaplatform.exam.reading.reader.reader_of` reads it."""
    about = {"version": 1, "heads": HEADS, "labels": LABELS, "begin": 0, "end": 1, "unknown": 2}
    packed, scales = base.blocks("emb.word", len(base.tensors["emb.word"]) // 216, WIDTH)
    arrays: dict[str, NDArray[np.generic]] = {
        "about": _bytes(json.dumps(about)),
        "piece_texts": _bytes("\n".join(["", "", "", *(base.pieces[old] for old in kept[3:])])),
        "piece_scores": base.scores[kept],
        "pieces": packed[kept],
        "piece_scales": scales[kept],
        "positions": _half(net.positions),
        "parts": _half(net.parts),
        "says": _half(net.labelled(net.say)),
        "looks": _half(net.labelled(net.look)),
        "bias": _half(net.bias),
        **dict(_norm("first", net.first)),
    }
    for number, layer in enumerate(net.layers):
        for name in LINEARS:
            arrays |= _linear(f"layer{number}.{name}", getattr(layer, name))
        for name in NORMS:
            arrays |= _norm(f"layer{number}.{name}", getattr(layer, name))
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    path.write_bytes(written.getvalue())


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _half(values: Tensor) -> NDArray[np.float16]:
    return values.detach().numpy().astype(np.float16)


def _linear(name: str, linear: nn.Linear) -> Iterator[tuple[str, NDArray[np.generic]]]:
    weight = linear.weight.detach().numpy()
    scale = (np.abs(weight).max(axis=1) / 127).astype(np.float32)
    yield f"{name}.weight", np.round(weight / scale[:, None]).astype(np.int8)
    yield f"{name}.scale", scale
    yield f"{name}.bias", linear.bias.detach().numpy()


def _norm(name: str, norm: nn.LayerNorm) -> Iterator[tuple[str, NDArray[np.generic]]]:
    yield f"{name}.scale", norm.weight.detach().numpy()
    yield f"{name}.shift", norm.bias.detach().numpy()
