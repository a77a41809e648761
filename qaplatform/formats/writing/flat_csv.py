"""CSV for spreadsheets: UTF-8 with a byte-order mark, a row a conversation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.formats.writing.plain import harmless
from qaplatform.formats.writing.rows import Value, conversation_columns, conversation_row
from qaplatform.formats.writing.wording import Wording


def write_csv(pairs: Iterable[tuple[Conversation, Scorecard]], stream: BinaryIO, wording: Wording) -> int:
    """Write a row a conversation and return how many there were; text that could be a formula is made harmless."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    count = 0
    try:
        writer = csv.writer(text)
        writer.writerow([harmless(column.title) for column in conversation_columns(wording)])
        for conversation, card in pairs:
            writer.writerow([_cell(value) for value in conversation_row(conversation, card, wording)])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count


def _cell(value: Value) -> Value:
    return harmless(value) if isinstance(value, str) else value
