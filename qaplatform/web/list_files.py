"""Lists as files, CSV or a spreadsheet, one row a chat; cells that a spreadsheet would run as formulas are made harmless."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import abort, send_file
from werkzeug.wrappers import Response

from qaplatform.formats.writing.flat_csv import write_rows_csv
from qaplatform.formats.writing.rows import Column, Value
from qaplatform.services.conversation_lines import ExportForm
from qaplatform.web.formatting import zone

_KINDS: dict[ExportForm, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def form_of(name: str) -> ExportForm:
    """The kind of file of an address; no such page where there is none."""
    return next((one for one in _KINDS if one == name), None) or abort(404)


def written(
    form: ExportForm, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it holds."""
    file = io.BytesIO()
    if form == "csv":
        count = write_rows_csv(columns, rows, file)
    else:
        # Loaded only where a spreadsheet is asked for.
        from qaplatform.formats.writing.sheet import write_rows_xlsx  # noqa: PLC0415

        count = write_rows_xlsx(title, columns, rows, file)
    file.seek(0)
    return file, count


def sent(form: ExportForm, file: io.BytesIO, name: str, *, now: datetime) -> Response:
    """The answer that brings the file."""
    told = f"{name}-{now.astimezone(zone()):%Y%m%d-%H%M}.{form}"
    return send_file(file, mimetype=_KINDS[form], as_attachment=True, download_name=told)
