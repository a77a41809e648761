"""One line of text as somebody typed or pasted it."""

from __future__ import annotations

import unicodedata

from qaplatform.errors import QAPlatformError


def is_line(text: str, most_chars: int) -> bool:
    """Whether a text, without what surrounds it, is one line of so many characters at most, and not empty."""
    text = text.strip()
    # Category C: what cannot be seen, such as line ends and marks that turn the writing round.
    return 1 <= len(text) <= most_chars and not any(unicodedata.category(char)[0] == "C" for char in text)


def line_of(text: str, most_chars: int, refusal: type[QAPlatformError]) -> str:
    """The line without what surrounds it.

    Raises:
        QAPlatformError: it is none; of the kind ``refusal``.
    """
    if not is_line(text, most_chars):
        raise refusal
    return text.strip()


def line_or_none(text: str | None, most_chars: int, refusal: type[QAPlatformError]) -> str | None:
    """The same for what may be left out.

    Raises:
        QAPlatformError: something is there that is no such line; of the kind ``refusal``.
    """
    return line_of(text, most_chars, refusal) if text and text.strip() else None
