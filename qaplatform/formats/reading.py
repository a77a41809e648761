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

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from qaplatform.errors import InputError
from qaplatform.formats.drafts import RefusedError
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
    """Open the inputs one after the other.

    Ids that were there before, in the same file or another one, are noticed and kept.

    Raises:
        InputError: an input does not exist, cannot be opened, or an option does not make sense.
    """
    found = inputs if isinstance(inputs, FoundInputs) else find_inputs(inputs)
    options = options or ReadOptions()
    register = IdRegister()
    for file in found.files:
        yield _opened(file, options, stdin, register)


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


def _told(file: InputFile, options: ReadOptions, stdin: BinaryIO | None) -> tuple[OpenFile, Source]:
    """Open a file and tell what it is; a file that cannot be read becomes a source that says so."""
    try:
        opened = OpenFile(file, stdin)
    except OSError as error:
        raise InputError(error.strerror or "cannot be opened", file=file.name) from error
    try:
        sample, complete = take_sample(opened.stream.read)
        return opened, told_apart(file, opened, sample, options, complete=complete)
    except (*READ_ERRORS, RefusedError) as error:
        refused = _refused(error, "the file cannot be read")
        report = SourceReport(file.name, options.kind or "jsonl", "unknown", {}, file.size_bytes, opened.compressed)
        block = whole_file_rejected(file.name, refused, opened.stream.position())
        return opened, Source(report, lambda: iter([block]), detect(b""), in_memory=True)
    except BaseException:
        opened.close()
        raise


def _opened(file: InputFile, options: ReadOptions, stdin: BinaryIO | None, register: IdRegister) -> Source:
    """The source, whose blocks open the file again: a source that is not read through leaves nothing open."""
    opened, told = _told(file, options, stdin)
    again = file.size_bytes is not None and not told.in_memory
    if again or told.in_memory:
        opened.close()

    def blocks() -> Iterator[Block]:
        handle, source = _told(file, options, stdin) if again else (opened, told)
        try:
            yield from _checked(source, register)
        finally:
            handle.close()

    return Source(told.report, blocks, told.encoding, lenient=told.lenient, in_memory=told.in_memory)


def _checked(source: Source, register: IdRegister) -> Iterator[Block]:
    """A source's blocks with repeated ids noticed and a file that breaks off reported."""
    name = source.report.name
    next_line = 1
    try:
        for block in source.blocks():
            next_line = max(next_line, block.first_line + block.line_count)
            repeated = duplicate_notices(register, block.file, [c.id for c in block.conversations], block.lines)
            yield replace(block, notices=block.notices + repeated) if repeated else block
    except (*READ_ERRORS, RefusedError) as error:
        refused = _refused(error, "reading broke off")
        line = next_line if refused is not error else 0
        rejection = Rejection(name, line, refused.field, refused.code, refused.reason, lines=0)
        yield Block(name, first_line=next_line, rejections=(rejection,))


def _refused(error: BaseException, what: str) -> RefusedError:
    return error if isinstance(error, RefusedError) else RefusedError("unreadable", "", f"{what}: {error}")
