"""Reading one JSONL file in several processes: ranges of whole lines, with the same result as reading it through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qaplatform.errors import InputError
from qaplatform.formats.encodings import detect
from qaplatform.formats.jsonl import JsonlDecoder, read_blocks
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block
from qaplatform.formats.sources import Source

_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Lines of a file from ``start_byte`` up to ``end_byte``; small, and can be sent to a worker process."""

    path: str
    name: str
    start_byte: int
    end_byte: int
    first_line: int
    codec: str = "utf-8"
    lenient: bool = False


def plan_ranges(
    path: str | Path, *, parts: int | None = None, range_bytes: int | None = None, source: Source | None = None
) -> Iterator[ByteRange]:
    """Cut a plain JSONL file into ranges of whole lines, ``parts`` of them or of about ``range_bytes`` each.

    The file is run through once to count lines, as fast as memory allows, and ranges come while that goes
    on. ``source`` is the file as ``open_sources`` gave it, whose report must say ``splittable``; without it
    the file is taken as UTF-8 (with or without mark) in the neutral form's names.

    Raises:
        InputError: the file cannot be read, or the source cannot be split.
    """
    if source is not None and not source.report.splittable:
        raise InputError("the file cannot be read in ranges", file=source.report.name)
    try:
        size = Path(path).stat().st_size
        with Path(path).open("rb", buffering=0) as file:
            encoding = source.encoding if source else detect(file.read(4)[:3], complete=True)
            start = encoding.mark_bytes
            target = range_bytes or -(-max(size - start, 1) // max(1, parts or 1))
            name = source.report.name if source else str(path)
            codec, lenient = (encoding.codec, source.lenient) if source else ("utf-8", False)
            file.seek(start)
            line, begun, begun_line, position = 1, start, 1, start
            while chunk := file.read(min(_STEP_BYTES, target)):
                position += len(chunk)
                last = chunk.rfind(b"\n")
                if last >= 0 and position - begun >= target:
                    end = position - len(chunk) + last + 1
                    line += chunk.count(b"\n")
                    yield ByteRange(str(path), name, begun, end, begun_line, codec, lenient)
                    begun, begun_line = end, line
                else:
                    line += chunk.count(b"\n")
            if position > begun:
                yield ByteRange(str(path), name, begun, position, begun_line, codec, lenient)
    except OSError as error:
        raise InputError(error.strerror or "cannot be read", file=str(path)) from error


def read_range(part: ByteRange, options: ReadOptions | None = None) -> Iterator[Block]:
    """The blocks of a range, with the file's own line numbers. Repeated ids are for the caller to notice.

    Raises:
        InputError: the file cannot be read any more.
    """
    options = options or ReadOptions()
    decoder = JsonlDecoder(part.name, options, codec=part.codec, lenient=part.lenient)
    try:
        with Path(part.path).open("rb", buffering=0) as file:
            file.seek(part.start_byte)
            for raw in read_blocks(
                file,
                options.block_bytes,
                first_line=part.first_line,
                start_byte=part.start_byte,
                end_byte=part.end_byte,
                max_line_bytes=options.max_line_bytes,
            ):
                yield decoder.decode(raw)
    except OSError as error:
        raise InputError(error.strerror or "cannot be read", file=part.name) from error
