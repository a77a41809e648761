"""CSV for spreadsheets: UTF-8 with a byte-order mark, a row a conversation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.formats.writing.plain import harmless
from qaplatform.formats.writing.rows import Column, Value, conversation_columns, conversation_row
from qaplatform.formats.writing.wording import Wording


def write_csv(pairs: Iterable[tuple[Conversation, Scorecard]], stream: BinaryIO, wording: Wording) -> int:
    """Write a row a conversation and return how many there were."""
    rows = (conversation_row(conversation, card, wording) for conversation, card in pairs)
    return write_rows_csv(conversation_columns(wording), rows, stream)


def write_rows_csv(columns: Iterable[Column], rows: Iterable[Sequence[Value]], stream: BinaryIO) -> int:
    """Write rows of any kind and return how many there were; text that could be a formula is made harmless."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    count = 0
    try:
        writer = csv.writer(text)
        writer.writerow([harmless(column.title) for column in columns])
        for row in rows:
            writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count
