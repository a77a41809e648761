"""Text that no spreadsheet, file, browser or XML parser takes for anything but text."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

CELL_CHARS = 32_767
"""The most characters a spreadsheet cell can hold."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = frozenset("=+-@\t\r\n")
_SHOWN_AS_IS = frozenset("\n\t\u200d")


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


def visible(text: str) -> Markup:
    """Escaped text; invisible characters that could hide or turn words around are named instead."""
    if text.isprintable():
        return escape(text)
    parts: list[str] = []
    for char in text:
        if char.isprintable() or char in _SHOWN_AS_IS:
            parts.append(str(escape(char)))
        elif unicodedata.category(char) == "Zs":
            parts.append(char)
        else:
            parts.append(f'<i class="ctl">U+{ord(char):04X}</i>')
    return Markup("".join(parts))  # noqa: S704 -- every piece is escaped
