"""What is kept of a rejected or noticed line: where, which field, which kind. Never what stood in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaplatform.formats.report import Block, Notice, Rejection
from qaplatform.services.taking_in import Refused
from qaplatform.store.imports import Problem

_QUOTING: Mapping[str, str] = {
    "bad_value": "a value cannot be read",
    "differing_value": "differs from what another line of the conversation says, which is kept",
    "duplicate_id": "the id stands in the input more than once",
    "guessed_roles": "roles were guessed from who speaks first",
    "no_text_column": "the columns of texts and writers were not recognised, or one that was named is not there",
    "not_a_workbook": "the spreadsheet is damaged, protected, or none at all",
    "sheet_skipped": "a sheet was not read: its columns were not recognised",
    "unknown_role": "the role is not known",
    "unreadable": "reading broke off",
}
"""Said instead of the reader's own reason, which may quote the line."""


def reason_of(code: str, reason: str) -> str:
    """A reason that quotes nothing."""
    return _QUOTING.get(code, reason)


def problems_in(block: Block, name: str) -> Iterator[Problem]:
    """The rejections and notices of a block of the input that is called so."""
    for one in block.rejections:
        yield _problem(one, name, rejected=True)
    for notice in block.notices:
        yield _problem(notice, name, rejected=False)


def _problem(one: Rejection | Notice, name: str, *, rejected: bool) -> Problem:
    # The lines of a workbook are those of a sheet, which stands in brackets behind the name.
    sheet = one.file.removeprefix(name)[1:-1]
    field = f"{sheet}: {one.field}" if sheet else one.field
    return Problem(rejected, one.line, field, one.code, reason_of(one.code, one.reason))


def problem_of(one: Refused, line: int) -> Problem:
    """A conversation that was read and could not be taken in; its ``line`` in the input."""
    return Problem(rejected=True, line=line, field=one.field, code=one.code, reason=one.reason)
