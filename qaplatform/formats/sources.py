"""One input file, opened: what it is, how it is encoded, and its conversations block by block."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.encodings import Encoding
from qaplatform.formats.inputs import InputFile
from qaplatform.formats.options import FileKind
from qaplatform.formats.report import Block, Rejection

READ_ERRORS = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What was found out about a file before reading it.

    ``mapping`` shows field → column or key where names were mapped. ``size_bytes`` is the size on disk.
    ``splittable``: the file can be read in ranges by several processes (``ranges.plan_ranges``).
    """

    name: str
    kind: FileKind
    encoding: str
    mapping: Mapping[str, str]
    size_bytes: int | None
    compressed: bool = False
    splittable: bool = False
    note: str = ""


class Replay:
    """A stream of which a first part was read already, with the position on disk for progress."""

    def __init__(self, head: bytes, stream: BinaryIO, position: Callable[[], int]) -> None:
        self._head = memoryview(head)
        self._stream = stream
        self.position = position

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; all of them where ``size`` is negative."""
        if size < 0:
            out = bytes(self._head) + self._stream.read()
            self._head = self._head[:0]
            return out
        if self._head:
            out, self._head = bytes(self._head[:size]), self._head[size:]
            return out
        return self._stream.read(size)

    def read_whole(self, most: int) -> bytes:
        """Everything.

        Raises:
            RefusedError: there are more than ``most`` bytes.
        """
        parts, size = [], 0
        while size <= most and (part := self.read(min(1 << 20, most + 1 - size))):
            parts.append(part)
            size += len(part)
        if size > most:
            raise RefusedError("too_large", "", f"files of this form are read whole and may have {most} bytes at most")
        return b"".join(parts)


class ReplayRaw(io.RawIOBase):
    """A replay as raw stream, for text wrappers."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fill a buffer, as far as there is something."""
        data = self._replay.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class OpenFile:
    """A file open for reading, unpacked where it is gzip; closes what it opened."""

    def __init__(self, file: InputFile, stdin: BinaryIO | None) -> None:
        self.file = file
        self._own = file.path is not None
        raw = file.path.open("rb", buffering=0) if file.path else stdin or sys.stdin.buffer
        self.raw = raw
        counted = _Counted(raw)
        head = _at_least(counted, 8)
        replay = Replay(head, counted, lambda: counted.count)  # type: ignore[arg-type]
        self.compressed = head[:2] == b"\x1f\x8b"
        self.stream: Replay = replay
        if self.compressed:
            unpacked = gzip.GzipFile(fileobj=io.BufferedReader(ReplayRaw(replay), 1 << 16), mode="rb")
            self.stream = Replay(b"", unpacked, lambda: counted.count)  # type: ignore[arg-type]

    def replay(self, head: bytes) -> Replay:
        """The stream with what was read of it put back in front."""
        return Replay(head, self.stream, self.stream.position)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._own:
            self.raw.close()


class _Counted:
    """Counts the bytes read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        """As the stream below."""
        data = self._stream.read(size) or b""
        self.count += len(data)
        return data


def _at_least(stream: _Counted, size: int) -> bytes:
    parts = b""
    while len(parts) < size and (part := stream.read(size - len(parts))):
        parts += part
    return parts


class Source:
    """One input file, told apart. ``in_memory``: its blocks need the file no more."""

    def __init__(
        self,
        report: SourceReport,
        blocks: Callable[[], Iterator[Block]],
        encoding: Encoding,
        *,
        lenient: bool = False,
        in_memory: bool = False,
    ) -> None:
        self.report = report
        self.encoding = encoding
        self.lenient = lenient
        self.in_memory = in_memory
        self._blocks = blocks

    def blocks(self) -> Iterator[Block]:
        """The conversations with all that was rejected; a file that breaks off gives a rejection, no error.

        Opens the file anew each time; standard input and pipes can be run through once.
        """
        return self._blocks()


def whole_file_rejected(name: str, refused: RefusedError, raw_bytes: int = 0) -> Block:
    """A block that says that a file as a whole could not be taken in."""
    rejection = Rejection(name, 0, refused.field, refused.code, refused.reason, lines=0)
    return Block(name, raw_bytes=raw_bytes, rejections=(rejection,))
