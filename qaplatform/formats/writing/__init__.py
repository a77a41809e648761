"""Audit results for people and programs: one function for every format, whole files or none.

write("xlsx", pairs, "results.xlsx", rubric=rubric, context=context)

The writers that bring a library along are imported when their format is asked for: together they cost 40 MB and a
fifth of a second, in every worker process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar, get_args

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.rubric import Rubric
from qaplatform.formats.report import Tally
from qaplatform.formats.writing.atomic import OutputError, output, whole_file
from qaplatform.formats.writing.flat_csv import write_csv
from qaplatform.formats.writing.jsonl import write_jsonl
from qaplatform.formats.writing.table import write_table
from qaplatform.formats.writing.wording import Language, Wording

Format = Literal["table", "jsonl", "csv", "xlsx", "parquet", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)
Item = TypeVar("Item")
Pairs = Iterable[tuple[Conversation, Scorecard]]
ON_STDOUT: frozenset[Format] = frozenset({"table", "jsonl", "csv"})
"""Formats that may go to the standard output."""

__all__ = [
    "FORMATS",
    "ON_STDOUT",
    "Format",
    "Language",
    "Options",
    "OutputError",
    "Wording",
    "output",
    "write",
    "write_encoded",
]


class Options(msgspec.Struct, frozen=True):
    """What may differ from run to run."""

    enough: int = 20
    """Conversations an agent needs for a rank and an average."""
    cases: int = 30
    """Conversations the HTML report shows whole."""
    listed: int = 20
    """The table lists every conversation up to this many, else those of highest priority."""
    width: int = 80
    """Columns of the table."""
    colour: bool = False
    """Colours in the table (a terminal)."""
    reading: Tally | None = None
    """What reading rejected, for the HTML report; it may fill while the pairs come."""
    generated_at: datetime | None = None
    """When the report was made (aware); ``None`` is not shown."""


def write(
    form: Format,
    pairs: Pairs,
    target: str | Path,
    *,
    rubric: Rubric,
    context: Context,
    language: Language = "zh",
    options: Options | None = None,
) -> int:
    """Write every pair to ``target`` and return how many there were.

    A file appears whole or not at all. ``-`` is the standard output, for the formats of ``ON_STDOUT``.

    Raises:
        OutputError: the target is a folder, cannot be written, the disk is full, or the format needs a file.
        ValueError: unknown format or language.
        OSError: the pairs could not be read on.
    """
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}; there are {', '.join(FORMATS)}")
    try:
        return _write(form, _apart(pairs), target, Wording(rubric, context, language), options or Options())
    except _InputError as failure:
        raise failure.error from failure.error.__cause__


class _InputError(Exception):
    """The pairs could not be read on; not to be taken for trouble with the output."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def write_encoded(blocks: Iterable[bytes], target: str | Path) -> None:
    """Write blocks that are encoded already, such as audit JSONL made elsewhere; the file is whole or not there.

    Raises:
        OutputError: as :func:`write`.
        OSError: the blocks could not be read on.
    """
    try:
        with output(target) as stream:
            stream.writelines(_apart(blocks))
    except _InputError as failure:
        raise failure.error from failure.error.__cause__


def _apart(items: Iterable[Item]) -> Iterator[Item]:
    """The items, system errors from where they come from wrapped."""
    try:
        yield from items
    except OSError as error:
        raise _InputError(error) from error


def _write(form: Format, pairs: Pairs, target: str | Path, wording: Wording, options: Options) -> int:
    if str(target) == "-" and form not in ON_STDOUT:
        raise OutputError(f"{form} needs a file; name one with --out")
    if form == "xlsx":
        from qaplatform.formats.writing.xlsx import write_xlsx  # noqa: PLC0415

        with whole_file(Path(target)) as path:
            return write_xlsx(pairs, path, wording, enough=options.enough)
    with output(target) as stream:
        match form:
            case "jsonl":
                return write_jsonl(pairs, stream)
            case "csv":
                return write_csv(pairs, stream, wording)
            case "parquet":
                from qaplatform.formats.writing.parquet import write_parquet  # noqa: PLC0415

                return write_parquet(pairs, stream, wording)
            case "table":
                return write_table(
                    pairs,
                    stream,
                    wording,
                    width=options.width,
                    colour=options.colour,
                    enough=options.enough,
                    listed=options.listed,
                )
            case "html":
                from qaplatform.formats.writing.report import write_html  # noqa: PLC0415

                return write_html(
                    pairs,
                    stream,
                    wording,
                    enough=options.enough,
                    cases=options.cases,
                    reading=options.reading,
                    generated_at=options.generated_at,
                )
