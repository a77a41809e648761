"""The first rows of a table as they stand, for whoever is to say which column is which."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import islice

from qaplatform.formats.columns import SAMPLE_ROWS, find_header
from qaplatform.formats.delimited import DelimitedRows, sniff_delimiter
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.encodings import detect, named, take_sample
from qaplatform.formats.inputs import InputFile, known_suffix
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import excerpt
from qaplatform.formats.sources import READ_ERRORS, OpenFile
from qaplatform.formats.workbook import Sheet, cell_text, is_workbook, sheets_in

_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Peek:
    """Rows from the top, header and all, each cell cut short; ``sheets`` are the names a workbook has."""

    rows: tuple[tuple[str, ...], ...]
    encoding: str
    sheets: tuple[str, ...] = ()


def peek(file: InputFile, options: ReadOptions, *, rows: int = 12, as_table: bool = False) -> Peek | None:
    """The first rows of a workbook or of delimited text; ``None`` where it is neither, or cannot be read at all.

    Text is taken for a table where its name says so, or ``as_table``.
    """
    opened = None
    try:
        opened = OpenFile(file, None)
        sample, complete = take_sample(opened.stream.read)
        if is_workbook(sample):
            data = opened.replay(sample).read_whole(options.max_whole_bytes)
            return _of_workbook(data, options, rows)
        table = as_table or options.kind == "table" or (file.path and known_suffix(file.path) in _TABLES)
        if not table:
            return None
        encoding = named(options.encoding, sample) if options.encoding else detect(sample, complete=complete)
        text = sample[encoding.mark_bytes :].decode(encoding.codec or "utf-8", "replace")
        return Peek(_of_text(text, options, rows), encoding.shown)
    except (*READ_ERRORS, RefusedError, LookupError):
        return None
    finally:
        if opened is not None:
            opened.close()


def _of_workbook(data: bytes, options: ReadOptions, rows: int) -> Peek | None:
    sheets = list(sheets_in(data, options.max_whole_bytes))
    wanted = [sheet for sheet in sheets if options.sheet in (None, sheet.name)]
    if not wanted:
        return None
    # Of several sheets that nobody understands, the longest is no cover page.
    longest = max(wanted, key=lambda sheet: len(sheet.rows))
    shown = next((sheet for sheet in wanted if _is_understood(sheet, options)), longest)
    first = tuple(tuple(excerpt(cell_text(cell)) for cell in row.cells) for row in shown.rows[:rows])
    return Peek(first, "spreadsheet", tuple(sheet.name for sheet in sheets))


def _is_understood(sheet: Sheet, options: ReadOptions) -> bool:
    try:
        find_header([row.cells for row in sheet.rows[:SAMPLE_ROWS]], options.columns)
    except RefusedError:
        return False
    return True


def _of_text(text: str, options: ReadOptions, rows: int) -> tuple[tuple[str, ...], ...]:
    delimiter = options.delimiter or next(iter(sniff_delimiter(text)))
    found = islice(DelimitedRows(io.StringIO(text, newline=""), delimiter, options.max_line_bytes), rows)
    return tuple(tuple(excerpt(cell_text(cell)) for cell in row.cells) for row in found)
