"""An editor for texts of training that are files elsewhere: the text, its mistakes at line and column, what it has become.

A page shows it with ``training/_text_editor.html``; it sends ``text``, ``seen`` (the newest version its author has seen) and
``act``: ``check``, ``save`` or ``publish``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask import request

from qaplatform.audit.problem import Problem
from qaplatform.services.rubric_diffs import DiffLine, file_diffs

Act = Literal["check", "save", "publish"]
_MOST_LINE_CHARS = 160


@dataclass(frozen=True)
class Written:
    """What came from the editor."""

    text: str
    seen_id: int
    act: Act


@dataclass(frozen=True)
class Placed:
    """A mistake with the line it is in."""

    problem: Problem
    before: str
    """The line as far as the place."""
    after: str


def written() -> Written:
    """What was sent; without a known act the text is only checked."""
    form = request.form
    asked = form.get("act", "")
    act: Act = "save" if asked == "save" else "publish" if asked == "publish" else "check"
    return Written(form.get("text", "").replace("\r\n", "\n"), form.get("seen", -1, type=int), act)


def placed(problems: Sequence[Problem], text: str) -> list[Placed]:
    """Mistakes with their lines; errors come first."""
    lines = text.split("\n")
    found = []
    for one in sorted(problems, key=lambda each: (each.severity != "error", each.line, each.column)):
        line = lines[one.line - 1] if 0 < one.line <= len(lines) else ""
        at = max(0, one.column - 1)
        found.append(Placed(one, line[:at][-_MOST_LINE_CHARS:], line[at:][:_MOST_LINE_CHARS]))
    return found


def diff_lines(old: str, new: str) -> tuple[DiffLine, ...]:
    """What differs between two texts; nothing where they are the same."""
    found = file_diffs({"": old}, {"": new})
    return found[0].lines if found else ()
