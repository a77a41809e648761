"""A conversation as a row of the list: a few words of it with what was searched for marked, and its faults in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qaplatform.audit.masking import Masked
from qaplatform.services.conversation_lines import Line
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.web.conversations.marked_text import Mark, marked
from qaplatform.web.conversations.vocabulary import Vocabulary

_WORDS_CHARS = 80
_BEFORE_CHARS = 24
_MOST_FAULTS = 3


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row."""

    row: ListedConversation
    order_value: float | None
    words: Markup
    topic: str
    faults: tuple[str, ...]
    more_faults: int
    is_blind: bool


def rows_of(lines: Sequence[Line], vocabulary: Vocabulary) -> Iterator[RowShown]:
    """The rows of lines."""
    for line in lines:
        faults = vocabulary.in_order(line.failed)
        yield RowShown(
            row=line.row,
            order_value=line.order_value,
            words=snippet(line.words, line.hits) if line.words else Markup(),
            topic=vocabulary.topic(line.row.topic),
            faults=tuple(vocabulary.criterion(one) for one in faults[:_MOST_FAULTS]),
            more_faults=max(0, len(faults) - _MOST_FAULTS),
            is_blind=line.is_blind,
        )


def snippet(masked: Masked, hits: Sequence[tuple[int, int]]) -> Markup:
    """Some words of a masked text: its beginning, or those around the first hit; placeholders are never cut."""
    text = masked.text
    start = 0
    if hits and hits[0][1] > _WORDS_CHARS:
        start = _before_placeholder(masked, hits[0][0] - _BEFORE_CHARS)
    end = _after_placeholder(masked, min(len(text), start + _WORDS_CHARS))
    marks = [Mark(max(left, start) - start, min(right, end) - start, "found") for left, right in hits if left < end]
    marks += [
        Mark(one.masked_start - start, one.masked_end - start, "masked")
        for one in masked.spans
        if one.masked_start >= start and one.masked_end <= end
    ]
    # One for one, so that places stay: a row is one line.
    piece = text[start:end].translate(_ONE_LINE)
    return Markup("").join(("…" if start else "", marked(piece, marks), "…" if end < len(text) else ""))


_ONE_LINE = str.maketrans("\n\r\t\u2028\u2029", "     ")


def _before_placeholder(masked: Masked, place: int) -> int:
    return next((one.masked_start for one in masked.spans if one.masked_start < place < one.masked_end), max(0, place))


def _after_placeholder(masked: Masked, place: int) -> int:
    return next((one.masked_end for one in masked.spans if one.masked_start < place < one.masked_end), place)
