"""Opening tables as sources: delimited text and spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice

from qaplatform.formats.columns import SAMPLE_ROWS, Columns, find_header
from qaplatform.formats.delimited import DelimitedRows, Row, sniff_delimiter
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.encodings import Encoding, detect
from qaplatform.formats.inputs import InputFile
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice
from qaplatform.formats.sources import (
    OpenFile,
    Replay,
    ReplayRaw,
    Source,
    SourceReport,
)
from qaplatform.formats.table import TableReader
from qaplatform.formats.workbook import sheets_in


def errors_for(encoding: Encoding) -> str:
    """How undecodable bytes come through, so that the line they stand in can be rejected."""
    return "replace" if encoding.codec.startswith("utf-16") else "surrogateescape"


def sniffed(text: str, options: ReadOptions) -> tuple[str, int, Columns]:
    """The delimiter under which the header is understood, the header's row and its columns.

    Raises:
        RefusedError: under none; says so for the likeliest.
    """
    first: RefusedError | None = None
    for delimiter in [options.delimiter] if options.delimiter else sniff_delimiter(text):
        rows = islice(DelimitedRows(io.StringIO(text, newline=""), delimiter, options.max_line_bytes), SAMPLE_ROWS)
        try:
            return delimiter, *find_header([row.cells for row in rows], options.columns)
        except RefusedError as refused:
            first = first or refused
    raise first or RefusedError("no_text_column", "text", "the table is empty")


def open_delimited(
    file: InputFile, opened: OpenFile, replay: Replay, text: str, encoding: Encoding, options: ReadOptions
) -> Source:
    """CSV, TSV and the like; ``text`` is the decoded beginning.

    Raises:
        RefusedError: the columns are not understood.
    """
    if not text.strip():
        count = sum(1 for _ in io.StringIO(text, newline=""))
        return Source(
            SourceReport(file.name, "table", encoding.shown, {}, file.size_bytes, opened.compressed),
            lambda: iter([Block(file.name, line_count=count, blank_lines=count, raw_bytes=opened.stream.position())]),
            encoding,
        )
    delimiter, place, columns = sniffed(text, options)
    shown = {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter, delimiter)
    report = SourceReport(
        file.name,
        "table",
        encoding.shown,
        columns.names,
        file.size_bytes,
        opened.compressed,
        note=f"delimiter: {shown}",
    )

    def blocks() -> Iterator[Block]:
        stream = io.TextIOWrapper(
            io.BufferedReader(ReplayRaw(replay), 1 << 16), encoding.codec, errors_for(encoding), newline=""
        )
        rows = DelimitedRows(stream, delimiter, options.max_line_bytes)
        rows.width = columns.width
        iterator = iter(rows)
        before = list(islice(iterator, place + 1))
        yield from TableReader(file.name, file.label, columns, options, replay.position).blocks(before, iterator)

    return Source(report, blocks, encoding)


def open_workbook(file: InputFile, opened: OpenFile, replay: Replay, options: ReadOptions) -> Source:
    """A spreadsheet file: every sheet whose header is understood.

    Raises:
        RefusedError: it cannot be read, or no sheet is understood.
    """
    sheets = list(sheets_in(replay.read_whole(options.max_whole_bytes), options.max_whole_bytes))
    if options.sheet is not None:
        wanted = [sheet for sheet in sheets if sheet.name == options.sheet]
        if not wanted:
            names = ", ".join(sheet.name for sheet in sheets)
            raise RefusedError("no_text_column", "sheet", f"there is no sheet {options.sheet!r}; there are: {names}")
    else:
        wanted = sheets
    tables: list[tuple[str, tuple[Row, ...], int, Columns]] = []
    skipped: list[Notice] = []
    first: RefusedError | None = None
    for sheet in wanted:
        try:
            place, columns = find_header([row.cells for row in sheet.rows[:SAMPLE_ROWS]], options.columns)
            tables.append((sheet.name, sheet.rows, place, columns))
        except RefusedError as refused:
            first = first or refused
            skipped.append(
                Notice(f"{file.name}[{sheet.name}]", 0, "", "sheet_skipped", f"the sheet is not read: {refused.reason}")
            )
    if not tables and first is not None:
        raise first
    mapping = tables[0][3].names if tables else {}
    report = SourceReport(
        file.name,
        "table",
        "spreadsheet",
        mapping,
        file.size_bytes,
        opened.compressed,
        note=f"sheets: {', '.join(t[0] for t in tables)}",
    )

    def blocks() -> Iterator[Block]:
        # The whole file was read; each sheet accounts for its share, for progress.
        left, rows_left = opened.stream.position(), sum(len(rows) for _, rows, _, _ in tables)
        yield Block(file.name, notices=tuple(skipped), raw_bytes=0 if tables else left)
        for name, rows, place, columns in tables:
            share = left * len(rows) // rows_left if rows_left else left
            left, rows_left = left - share, rows_left - len(rows)
            table = TableReader(f"{file.name}[{name}]", file.label, columns, options, lambda share=share: share)  # type: ignore[misc]
            yield from table.blocks(rows[: place + 1], rows[place + 1 :])

    return Source(report, blocks, detect(b""), in_memory=True)
