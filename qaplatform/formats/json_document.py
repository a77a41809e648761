"""A JSON document (an array, or printed objects) as one block, each of its lines counted once.

Values do not keep to lines: one line may hold the end of a conversation and pieces that could not be read,
and a spoilt object falls apart into many pieces on the same line. A line counts for the conversation that
stands on it, else for the first piece rejected on it, and never twice.
"""

from __future__ import annotations

import io

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.json_values import JsonValue, values_in
from qaplatform.formats.jsonl import JsonlDecoder
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice, Rejection, excerpt
from qaplatform.formats.splitting import split_conversation


class _Lines:
    """The lines of a document, taken once each."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.count = data.count(b"\n") + (data[-1:] not in {b"\n", b""})
        self._taken = bytearray(self.count)

    def take(self, value: JsonValue) -> int:
        """Take the lines of a value; how many of them nobody took before."""
        start, end = value.line - 1, value.line - 1 + value.line_count
        free = self._taken.count(0, start, end)
        self._taken[start:end] = bytes([1]) * value.line_count
        return free

    def left(self) -> tuple[int, int]:
        """The lines that nobody took: how many are blank, and how many hold brackets and commas only."""
        left = [line for line, taken in zip(io.BytesIO(self._data), self._taken, strict=True) if not taken]
        blank = sum(line.isspace() for line in left)
        return blank, len(left) - blank


def read_document(file: str, data: bytes, decoder: JsonlDecoder, options: ReadOptions, raw_bytes: int) -> Block:
    """All conversations of a document in UTF-8; ``raw_bytes`` are those of the file on disk."""
    conversations: list[Conversation] = []
    starts: list[int] = []
    notices: list[Notice] = []
    refusals: list[tuple[JsonValue, RefusedError]] = []
    lines = _Lines(data)
    content = 0
    for value in values_in(data):
        remarks: list[Notice] = []
        try:
            conversation = _conversation(value, decoder, remarks)
        except RefusedError as refused:
            refusals.append((value, refused))
            continue
        gap = options.split_gap_seconds
        pieces = (conversation,) if gap is None else split_conversation(conversation, gap)
        conversations += pieces
        starts += [value.line] * len(pieces)
        notices += remarks
        content += lines.take(value)
    # Only now are the lines known that conversations leave to what was rejected.
    rejections = tuple(_rejection(file, value, refused, lines.take(value)) for value, refused in refusals)
    blank, separators = lines.left()
    return Block(
        file, conversations, starts, 1, lines.count, content, blank, separators, raw_bytes, rejections, tuple(notices)
    )


def _conversation(value: JsonValue, decoder: JsonlDecoder, remarks: list[Notice]) -> Conversation:
    if not value.closed:
        raise RefusedError("not_json", "", "the object is not closed")
    return decoder.record(value.data, value.line, remarks)


def _rejection(file: str, value: JsonValue, refused: RefusedError, lines: int) -> Rejection:
    return Rejection(file, value.line, refused.field, refused.code, refused.reason, excerpt(value.data), lines)
