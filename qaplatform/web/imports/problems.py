"""All problems of an import as a table to download: line, field, code, reason and what can be done."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Response, stream_with_context

from qaplatform import clock
from qaplatform.formats.writing.plain import harmless
from qaplatform.services import imports as service
from qaplatform.store.engine import Store
from qaplatform.store.imports import problems_of
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.imports import imports
from qaplatform.web.imports.missing import missing_is_404
from qaplatform.web.imports.words import advice_word, field_word, reason_word

_AT_ONCE = 1000


@imports.get("/<int:import_id>/problems.csv")
@permitted("imports.see")
def problems(import_id: int) -> Response:
    """The table, for spreadsheets: UTF-8 with a mark, and nothing in it that a spreadsheet takes for a formula."""
    store = current_store()
    with missing_is_404(), store.reading() as session:
        service.shown(session, current_viewer(), import_id, now=clock.now())
    response = Response(stream_with_context(_lines(store, import_id)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{import_id}-problems.csv"'
    return response


def _lines(store: Store, import_id: int) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)

    def written() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    writer.writerow([_("行"), _("结果"), _("字段"), _("代码"), _("原因"), _("怎么办")])
    yield b"\xef\xbb\xbf" + written()
    after = -1
    while True:
        with store.reading() as session:
            rows = problems_of(session, import_id, after=after, limit=_AT_ONCE)
        if not rows:
            return
        for one in rows:
            result = _("未导入") if one.rejected else _("已导入，请留意")
            line = one.line or ""
            cells = (field_word(one.field), one.code, reason_word(one.code, one.reason), advice_word(one.code))
            writer.writerow([line, result, *map(harmless, cells)])
        after = rows[-1].place
        yield written()
