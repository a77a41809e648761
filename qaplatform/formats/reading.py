"""The readers' front door: inputs in, sources with blocks of conversations out.

found = find_inputs(["chats/", "march*.csv.gz", "-"])
tally = Tally()
for source in open_sources(found, ReadOptions(split_gap_seconds=7200)):
    print(source.report.name, source.report.kind, source.report.encoding, source.report.mapping)
    for block in source.blocks():
        tally.add(block)
        for conversation in block.conversations: ...
sys.exit(tally.exit_code)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from qaplatform.errors import InputError
from qaplatform.formats.drafts import Refused
from qaplatform.formats.encodings import detect, take_sample
from qaplatform.formats.identity import IdRegister
from qaplatform.formats.inputs import FoundInputs, InputFile, find_inputs
from qaplatform.formats.opening import told_apart
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice, Rejection, Tally, excerpt
from qaplatform.formats.sources import (
    READ_ERRORS,
    OpenFile,
    Source,
    SourceReport,
    whole_file_rejected,
)

__all__ = [
    "Block", "FoundInputs", "InputFile", "Notice", "ReadOptions", "Rejection", "Source", "SourceReport", "Tally",
    "duplicate_notices", "find_inputs", "open_sources",
]  # fmt: skip


def open_sources(
    inputs: Sequence[str] | FoundInputs, options: ReadOptions | None = None, *, stdin: BinaryIO | None = None
) -> Iterator[Source]:
    """Open the inputs one after the other; run each source's blocks before asking for the next one.

    Ids that were there before, in the same file or another one, are noticed and kept.

    Raises:
        InputError: an input does not exist, cannot be opened, or an option does not make sense.
    """
    found = inputs if isinstance(inputs, FoundInputs) else find_inputs(inputs)
    options = options or ReadOptions()
    register = IdRegister()
    for file in found.files:
        source = _opened(file, options, stdin, register)
        try:
            yield source
        finally:
            source.close()


def duplicate_notices(register: IdRegister, file: str, ids: Sequence[str], lines: Sequence[int]) -> tuple[Notice, ...]:
    """Notices for ids that came before; for ranges read in other processes, call it in the order of input."""
    return tuple(
        Notice(
            file,
            lines[place],
            "id",
            "duplicate_id",
            "another conversation has the same id; both are kept",
            excerpt(ids[place]),
        )
        for place in register.add(ids)
    )


def _opened(file: InputFile, options: ReadOptions, stdin: BinaryIO | None, register: IdRegister) -> Source:
    try:
        opened = OpenFile(file, stdin)
    except OSError as error:
        raise InputError(error.strerror or "cannot be opened", file=file.name) from error
    try:
        sample, complete = take_sample(opened.stream.read)
        source = told_apart(file, opened, sample, complete, options)
    except (*READ_ERRORS, Refused) as error:
        refused = (
            error if isinstance(error, Refused) else Refused("unreadable", "", f"the file cannot be read: {error}")
        )
        report = SourceReport(file.name, options.kind or "jsonl", "unknown", {}, file.size_bytes, opened.compressed)
        source = Source(
            report, lambda: iter([whole_file_rejected(file.name, refused, opened.stream.position())]), detect(b"")
        )
    except BaseException:
        opened.close()
        raise
    return Source(source.report, _guarded(source, opened, register), source.encoding, source.lenient, opened.close)


def _guarded(source: Source, opened: OpenFile, register: IdRegister) -> Callable[[], Iterator[Block]]:
    """The source's blocks with repeated ids noticed, a breaking file reported and the file closed at the end."""

    def blocks() -> Iterator[Block]:
        name = source.report.name
        next_line, read = 1, 0
        try:
            for block in source.blocks():
                next_line = max(next_line, block.first_line + block.line_count)
                read += block.raw_bytes
                repeated = duplicate_notices(register, block.file, [c.id for c in block.conversations], block.lines)
                yield replace(block, notices=block.notices + repeated) if repeated else block
        except (*READ_ERRORS, Refused) as error:
            if isinstance(error, Refused):
                yield whole_file_rejected(name, error, max(0, opened.stream.position() - read))
            else:
                reason = f"reading broke off: {error}"
                yield Block(
                    name,
                    first_line=next_line,
                    rejections=(Rejection(name, next_line, "", "unreadable", reason, lines=0),),
                )
        finally:
            opened.close()

    return blocks
