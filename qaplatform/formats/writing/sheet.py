"""Rows of any kind as a spreadsheet: text stays text, and nothing in a cell is ever a formula."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from qaplatform.formats.writing.plain import cell
from qaplatform.formats.writing.rows import Column, Value

SHEET_ROWS = 1_048_576
"""Rows of a sheet, the header among them."""
NO_GUESSING = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""How a workbook is opened."""
_WRAPPED = 40
"""Columns at least this wide wrap their text."""


class Styles:
    """How cells look."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top", "font_size": 10}
        self.header: Format = book.add_format(
            {
                "bold": True,
                "bg_color": "#E8EEF4",
                "bottom": 1,
                "bottom_color": "#8FA3B5",
                "text_wrap": True,
                "valign": "vcenter",
            }
        )
        self.text: Format = book.add_format({**top, "num_format": "@"})
        self.wrapped: Format = book.add_format({**top, "num_format": "@", "text_wrap": True})
        self.number: Format = book.add_format({**top, "num_format": "0.##"})
        self.ratio: Format = book.add_format({**top, "num_format": "0.0%"})
        self.whole: Format = book.add_format({**top, "num_format": "0"})


class Table:
    """Rows under a frozen header with a filter, on as many sheets as they need.

    ``continued`` is what the second sheet and all after it are called: ``{name}`` of the first, and their number ``{n}``.
    """

    def __init__(
        self,
        book: Workbook,
        styles: Styles,
        name: str,
        columns: Sequence[Column],
        continued: str,
        most: int = SHEET_ROWS,
    ) -> None:
        self._most = most
        self._book, self._styles, self._name, self._columns, self._continued = book, styles, name, columns, continued
        self._sheets = 0
        self._sheet = self._next_sheet()

    def _next_sheet(self) -> Worksheet:
        self._sheets += 1
        name = self._name
        if self._sheets > 1:
            name = self._continued.format(name=name, n=self._sheets)
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_row(0, 32)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width)
        for place, column in enumerate(self._columns):
            sheet.write_string(0, place, cell(column.title), self._styles.header)
        self._row = 1
        return sheet

    def add(self, values: Sequence[Value]) -> None:
        """Write one row."""
        if self._row >= self._most:
            self.close()
            self._sheet = self._next_sheet()
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            if isinstance(value, str):
                if value:
                    style = self._styles.wrapped if column.width >= _WRAPPED else self._styles.text
                    self._sheet.write_string(self._row, place, cell(value), style)
            elif value is not None and math.isfinite(value):
                style = self._styles.ratio if column.form == "ratio" else self._styles.number
                if isinstance(value, int):
                    style = self._styles.whole
                self._sheet.write_number(self._row, place, value, style)
        self._row += 1

    def close(self) -> None:
        """Set the filter over what was written."""
        self._sheet.autofilter(0, 0, max(1, self._row - 1), len(self._columns) - 1)


def write_rows_xlsx(
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    stream: BinaryIO,
    *,
    continued: str = "{name} ({n})",
) -> int:
    """Write rows to one sheet (more, where one is full) of a workbook; return how many there were.

    Raises:
        OSError: its scratch files cannot be written.
    """
    count = 0
    with tempfile.TemporaryDirectory(prefix="xlsx-", ignore_cleanup_errors=True) as scratch:
        book = xlsxwriter.Workbook(stream, {**NO_GUESSING, "constant_memory": True, "tmpdir": scratch})
        table = Table(book, Styles(book), name, columns, continued)
        with written(book):
            for row in rows:
                table.add(row)
                count += 1
            table.close()
    return count


@contextmanager
def written(book: Workbook) -> Iterator[None]:
    """Close a workbook at the end of the block; what cannot be written is the system's own error, and no file stays open.

    Raises:
        OSError: the file or its scratch files cannot be written.
    """
    try:
        yield
        book.close()
    except FileCreateError as error:
        cause = error.args[0] if error.args else error
        raise (cause if isinstance(cause, OSError) else OSError(str(error))) from error
    finally:
        for sheet in book.worksheets():
            handle = getattr(sheet, "row_data_fh", None)
            if handle is not None and not handle.closed:
                handle.close()
