"""All problems of an import as a table to download: line, field, code, reason and what can be done."""

from __future__ import annotations

import csv
import io

from flask import Response

from qaplatform import clock
from qaplatform.formats.writing.plain import harmless
from qaplatform.services import imports as service
from qaplatform.store.imports import MOST_PROBLEMS, problems_of
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.imports import imports
from qaplatform.web.imports.words import advice_word, field_word, reason_word
from qaplatform.web.submitting import missing_is_404


@imports.get("/<int:import_id>/problems.csv")
@permitted("imports.see")
def problems(import_id: int) -> Response:
    """The table, for spreadsheets: UTF-8 with a mark, and nothing in it that a spreadsheet takes for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_("行"), _("结果"), _("字段"), _("代码"), _("原因"), _("怎么办")])
    with missing_is_404(), current_store().reading() as session:
        service.shown(session, current_viewer(), import_id, now=clock.now())
        # No more than these are kept of any import.
        for one in problems_of(session, import_id, limit=MOST_PROBLEMS):
            result = _("未导入") if one.rejected else _("已导入，请留意")
            cells = (field_word(one.field), one.code, reason_word(one.code, one.reason), advice_word(one.code))
            writer.writerow([one.line or "", result, *map(harmless, cells)])
    response = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{import_id}-problems.csv"'
    return response
