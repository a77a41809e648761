"""XLSX: sheets of conversations, findings and agents, written row by row in constant memory.

Text cells are written as text, so order numbers keep every digit; a sheet that is full goes on in another.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.summary import Summary
from qaplatform.formats.writing.rows import (
    agent_columns,
    agent_rows,
    conversation_columns,
    conversation_row,
    finding_columns,
    finding_rows,
)
from qaplatform.formats.writing.sheet import NO_GUESSING, SHEET_ROWS, Styles, Table, written
from qaplatform.formats.writing.wording import Wording


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
    continued = words["sheet_continued"]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".xlsx-", ignore_cleanup_errors=True) as scratch:
        book = xlsxwriter.Workbook(str(path), {**NO_GUESSING, "constant_memory": True, "tmpdir": scratch})
        styles = Styles(book)
        conversations = Table(
            book, styles, words["sheet_conversations"], conversation_columns(wording), continued, sheet_rows
        )
        findings = Table(book, styles, words["sheet_findings"], finding_columns(wording), continued, sheet_rows)
        agents = Table(book, styles, words["sheet_agents"], agent_columns(wording), continued, sheet_rows)
        with written(book):
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
    return count
