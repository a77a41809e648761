"""Bytes cut into blocks of whole lines, with line numbers and offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

_LINE_END, _OPEN, _CLOSE, _RETURN = b"\n{}\r"
_NO_ENDS: npt.NDArray[np.intp] = np.zeros(0, np.intp)


class Readable(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Whole lines as bytes; ``newlines`` are the offsets of the line ends in ``data``.

    ``oversize`` marks one line longer than allowed, of which ``data`` holds only the beginning.
    """

    data: bytes
    first_line: int
    start_byte: int
    size_bytes: int
    newlines: npt.NDArray[np.intp]
    oversize: bool = False

    @property
    def line_count(self) -> int:
        """Lines in the block; the last one may lack its line end."""
        if self.oversize:
            return 1
        return len(self.newlines) + (bool(self.data) and self.data[-1] != _LINE_END)

    def lines(self) -> Iterator[bytes]:
        """The lines, without their line ends."""
        start = 0
        for end in self.newlines.tolist():
            yield self.data[start:end]
            start = end + 1
        if start < len(self.data):
            yield self.data[start:]


def raw_block(data: bytes, first_line: int = 1, start_byte: int = 0) -> RawBlock:
    """Whole lines as a block."""
    return RawBlock(data, first_line, start_byte, len(data), _line_ends(data))


def _line_ends(data: bytes) -> npt.NDArray[np.intp]:
    """Offsets of the line ends; lines are long, so that one search a line is quicker than a look at every byte."""
    ends: list[int] = []
    find, put = data.find, ends.append
    place = find(b"\n")
    while place >= 0:
        put(place)
        place = find(b"\n", place + 1)
    return np.asarray(ends, np.intp)


def read_blocks(
    stream: Readable,
    block_bytes: int = 1 << 20,
    *,
    first_line: int = 1,
    start_byte: int = 0,
    end_byte: int | None = None,
    max_line_bytes: int = 1 << 26,
) -> Iterator[RawBlock]:
    """Cut a stream, which stands at ``start_byte``, into blocks of whole lines of about ``block_bytes``.

    Reading ends at ``end_byte`` or at the end. A line much longer than ``max_line_bytes`` comes as an
    oversize block of its own and is never held in memory.
    """
    line, start, rest = first_line, start_byte, b""
    left = None if end_byte is None else end_byte - start_byte
    head, skipped = b"", 0
    ended = False
    while not ended:
        chunk = stream.read(block_bytes if left is None else min(block_bytes, left))
        left = None if left is None else left - len(chunk)
        ended = not chunk
        if skipped:
            end = chunk.find(b"\n")
            if end < 0 and chunk:
                skipped += len(chunk)
                continue
            yield RawBlock(head, line, start, skipped + end + 1, _NO_ENDS, oversize=True)
            line, start, skipped, chunk = line + 1, start + skipped + end + 1, 0, chunk[end + 1 :]
        data = rest + chunk if rest else chunk
        cut = len(data) if ended else data.rfind(b"\n", len(rest)) + 1
        rest = data[cut:]
        if cut:
            block = raw_block(data[:cut], line, start)
            yield block
            line, start = line + block.line_count, start + cut
        if len(rest) > max_line_bytes:
            head, skipped, rest = rest[:1024], len(rest), b""


def one_object_a_line(raw: RawBlock) -> bool:
    """Whether every line end stands between ``}`` and ``{``; with as many values as lines, each line is one value."""
    data, ends = raw.data, raw.newlines
    if not data or data[0] != _OPEN:
        return False
    inner = ends[:-1] if data[-1] == _LINE_END else ends
    if not len(inner):
        return True
    table = np.frombuffer(data, np.uint8)
    before = table[inner - 1]
    before = np.where(before == _RETURN, table[inner - 2], before)
    return bool((before == _CLOSE).all() and (table[inner + 1] == _OPEN).all())


def has_long_line(raw: RawBlock, limit_bytes: int) -> bool:
    """Whether a line may hold a text of more than ``limit_bytes``; most blocks are told by one comparison."""
    if not len(raw.newlines):
        return len(raw.data) > limit_bytes
    widest = max(int(np.diff(raw.newlines, prepend=-1).max()), len(raw.data) - int(raw.newlines[-1]))
    return widest > limit_bytes
