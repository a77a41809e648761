"""Rows of spreadsheet files (XLSX, XLS, XLSB, ODS)."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from qaplatform.formats.delimited import Row
from qaplatform.formats.drafts import RefusedError, number_text
from qaplatform.formats.workbook_trial import tried

ZIP_MAGIC = b"PK\x03\x04"
OLD_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEMORY_RATIO = 8
"""An opened spreadsheet takes so much more than its file may have."""
MAX_EXACT_NUMBER = 10**15
"""A spreadsheet keeps 15 digits of a number; longer order numbers were cut when they were typed in."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows, numbered as the spreadsheet shows them."""

    name: str
    rows: tuple[Row, ...]


def is_workbook(sample: bytes) -> bool:
    """Whether a file's first bytes are those of a spreadsheet (or another zip archive)."""
    return sample.startswith((ZIP_MAGIC, OLD_MAGIC))


def sheets_in(data: bytes, max_bytes: int) -> Iterator[Sheet]:
    """Every sheet that holds something.

    Raises:
        RefusedError: no spreadsheet, damaged, protected by a password, or larger than ``max_bytes`` unpacked.
    """
    _check_size(data, max_bytes)
    outcome = tried(data, max_bytes * _MEMORY_RATIO)
    if outcome == "too_large":
        raise RefusedError(
            "too_large", "", "the spreadsheet takes more memory than it may; its last cell may lie far out"
        )
    if outcome == "broken":
        raise RefusedError("not_a_workbook", "", "the spreadsheet cannot be read")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        for name in names:
            sheet = book.get_sheet_by_name(name)
            cells = sheet.to_python(skip_empty_area=False)
            rows = _filled(cells, sheet.merged_cell_ranges or [])
            if rows:
                yield Sheet(name, rows)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise RefusedError("not_a_workbook", "", f"the spreadsheet cannot be read: {error}") from error


def _check_size(data: bytes, max_bytes: int) -> None:
    if not data.startswith(ZIP_MAGIC):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
            damaged = archive.testzip() if size <= max_bytes * 4 else None
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,  # zipfile's word for a compression it does not know
        RuntimeError,
        EOFError,
        zlib.error,
    ) as error:
        raise RefusedError("not_a_workbook", "", f"the spreadsheet is damaged: {error}") from error
    if size > max_bytes * 4:
        raise RefusedError("too_large", "", f"the spreadsheet unpacks to {size} bytes")
    if damaged is not None:
        raise RefusedError("not_a_workbook", "", f"the spreadsheet is damaged: {damaged}")


def _filled(cells: list[list[Any]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> tuple[Row, ...]:
    """Rows that hold something; a value merged over several rows stands in each of them."""
    for (top, left), (bottom, _right) in merged:
        if bottom > top and top < len(cells) and left < len(cells[top]):
            for row in cells[top + 1 : bottom + 1]:
                if left < len(row) and row[left] == "":
                    row[left] = cells[top][left]
    return tuple(Row(number, 1, values) for number, values in enumerate(cells, start=1))


def cell_text(value: object) -> str:
    """A cell as the text a person sees: whole numbers without ``.0``, dates in ISO form."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | float | int):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def digits_lost(value: object) -> bool:
    """Whether a number is so long that the spreadsheet may have changed its last digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= MAX_EXACT_NUMBER
