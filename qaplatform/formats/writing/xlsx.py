"""XLSX: sheets of conversations, findings and agents, written row by row in constant memory.

Text cells are written as text, so order numbers keep every digit; a sheet that is full goes on in another.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.summary import Summary
from qaplatform.formats.writing.plain import cell
from qaplatform.formats.writing.rows import (
    Column,
    Value,
    agent_columns,
    agent_rows,
    conversation_columns,
    conversation_row,
    finding_columns,
    finding_rows,
)
from qaplatform.formats.writing.wording import Wording

SHEET_ROWS = 1_048_576
"""Rows of a sheet, the header among them."""
_NO_GUESSING = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WRAPPED = 40
"""Columns at least this wide wrap their text."""


class _Styles:
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


class _Table:
    """Rows under a frozen header with a filter, on as many sheets as they need."""

    def __init__(
        self, book: Workbook, styles: _Styles, name: str, columns: list[Column], wording: Wording, most: int
    ) -> None:
        self._most = most
        self._book, self._styles, self._name, self._columns, self._wording = book, styles, name, columns, wording
        self._sheets = 0
        self._sheet = self._next_sheet()

    def _next_sheet(self) -> Worksheet:
        self._sheets += 1
        name = self._name
        if self._sheets > 1:
            name = self._wording.chrome.say("sheet_continued", name=name, n=self._sheets)
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_row(0, 32)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width)
        for place, column in enumerate(self._columns):
            sheet.write_string(0, place, cell(column.title), self._styles.header)
        self._row = 1
        return sheet

    def add(self, values: list[Value]) -> None:
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


def write_xlsx(
    pairs: Iterable[tuple[Conversation, Scorecard]],
    path: Path,
    wording: Wording,
    *,
    enough: int = 20,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Write the workbook to ``path`` and return how many conversations there were.

    Agents get averages from ``enough`` conversations on; a sheet holds ``sheet_rows`` rows. Scratch files lie beside
    ``path`` and are removed in any case.

    Raises:
        OSError: the file or its scratch files cannot be written.
    """
    summary = Summary(zone=wording.context.zone, keep=0)
    words, count = wording.chrome, 0
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".xlsx-", ignore_cleanup_errors=True) as scratch:
        book = xlsxwriter.Workbook(str(path), {**_NO_GUESSING, "constant_memory": True, "tmpdir": scratch})
        styles = _Styles(book)
        conversations = _Table(
            book, styles, words["sheet_conversations"], conversation_columns(wording), wording, sheet_rows
        )
        findings = _Table(book, styles, words["sheet_findings"], finding_columns(wording), wording, sheet_rows)
        agents = _Table(book, styles, words["sheet_agents"], agent_columns(wording), wording, sheet_rows)
        try:
            for conversation, card in pairs:
                summary.add(conversation, card)
                conversations.add(conversation_row(conversation, card, wording))
                for row in finding_rows(conversation, card, wording):
                    findings.add(row)
                count += 1
            for row in agent_rows(summary, wording, enough):
                agents.add(row)
            for table in (conversations, findings, agents):
                table.close()
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise (cause if isinstance(cause, OSError) else OSError(str(error))) from error
        finally:
            for sheet in book.worksheets():
                handle = getattr(sheet, "row_data_fh", None)
                if handle is not None and not handle.closed:
                    handle.close()
    return count
