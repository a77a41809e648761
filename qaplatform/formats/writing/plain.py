"""Text that no spreadsheet, file or XML parser takes for anything but text."""

from __future__ import annotations

import re
import unicodedata

CELL_CHARS = 32_767
"""The most characters a spreadsheet cell can hold."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = frozenset("=+-@\t\r\n")


def writable(text: str) -> str:
    """The text with control characters, lone surrogates and non-characters shown as ``�``."""
    return _UNWRITABLE.sub("\ufffd", text)


def harmless(text: str) -> str:
    """The text as a spreadsheet cell that is never a formula.

    Cells that begin with ``=``, ``+``, ``-``, ``@`` (also their full-width and small forms, also behind spaces or
    invisible characters) or with a tab or line end get an apostrophe in front (OWASP, *CSV Injection*).
    """
    text = writable(text)
    for char in text:
        if char in _FORMULA_STARTS or unicodedata.normalize("NFKC", char)[:1] in _FORMULA_STARTS:
            return "'" + text
        if not char.isspace() and unicodedata.category(char) != "Cf":
            break
    return text


def cell(text: str) -> str:
    """A harmless text cut to what a cell can hold."""
    text = harmless(text)
    return text if len(text) <= CELL_CHARS else text[: CELL_CHARS - 1] + "…"
