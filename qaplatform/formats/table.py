"""Tables with one message a row, gathered into conversations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.columns import Columns
from qaplatform.formats.delimited import Row
from qaplatform.formats.drafts import ConversationDraft, Drafting, MessageDraft, RefusedError
from qaplatform.formats.fields import CONVERSATION_FIELDS, truth_of
from qaplatform.formats.identity import IdRegister
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice, Rejection, excerpt
from qaplatform.formats.roles import plain_word
from qaplatform.formats.splitting import split_conversation
from qaplatform.formats.width import half_width
from qaplatform.formats.workbook import cell_text, digits_lost

BLOCK_CONVERSATIONS = 500
_CLOCK_ONLY = re.compile(r"(?:上午|下午|晚上)?\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?")
_NUMBERED = ("conversation", "order", "case", "message_id", "customer")
_WORDED = ("role", "sender", "agent", "kind", "auto", "message_id")


class TableReader:
    """Gathers the rows of one table; rows of a conversation may stand apart.

    Up to ``max_held_rows`` rows wait for others of their conversation; a table that is longer gives out the
    oldest ones first, and rows that come later still become a second conversation of the same id, with a
    notice. ``position`` tells how many bytes of the file were read.
    """

    def __init__(
        self, file: str, label: str, columns: Columns, options: ReadOptions, position: Callable[[], int]
    ) -> None:
        self._file = file
        self._label = label
        self._columns = columns
        self._options = options
        self._position = position
        self._drafting = Drafting.of(options, spreadsheet_times=True)
        self._drafts: dict[str, ConversationDraft] = {}
        self._held = 0
        self._given_out = IdRegister()
        self._differing: set[tuple[str, str]] = set()
        role_name = plain_word(columns.names.get("role", ""))
        self._role_is_incoming = role_name in {"inbound", "incoming"}
        self._gathered = [field for field in CONVERSATION_FIELDS[1:] if field in columns.places]
        self._numbered = [field for field in _NUMBERED if field in columns.places]
        self._worded = [field for field in _WORDED if field in columns.places]
        self._start_stretch(1)
        self._bytes = 0

    def _start_stretch(self, line: int) -> None:
        self._first = line
        self._lines = self._content = self._blank = self._ignored = 0
        self._rejections: list[Rejection] = []
        self._notices: list[Notice] = []

    def blocks(self, before: Sequence[Row], rows: Iterable[Row]) -> Iterator[Block]:
        """Blocks of conversations; ``before`` are the rows up to and with the header, which hold no message."""
        for row in before:
            self._lines += row.line_count
            if row.code:
                self._reject(row, RefusedError(row.code, "", row.reason))
            elif not _is_blank(row.cells):
                self._ignored += row.line_count
            else:
                self._blank += row.line_count
        for row in rows:
            self._lines += row.line_count
            if not row.code and _is_blank(row.cells):
                self._blank += row.line_count
                continue
            try:
                self._take(row)
                self._content += row.line_count
            except RefusedError as refused:
                self._reject(row, refused)
            if self._held > self._options.max_held_rows:
                yield from self._give_out(keep_last=True)
        yield from self._give_out(keep_last=False)

    def _take(self, row: Row) -> None:
        if row.code:
            raise RefusedError(row.code, "", row.reason)
        if len(row.cells) > self._columns.width and not _is_blank(row.cells[self._columns.width :]):
            raise RefusedError(
                "too_many_cells", "", f"the row has {len(row.cells)} cells, the header {self._columns.width}"
            )
        values = {
            field: row.cells[place] if place < len(row.cells) else "" for field, place in self._columns.places.items()
        }
        for field in self._numbered:
            if not isinstance(values[field], str) and digits_lost(values[field]):
                self._remark(
                    row.line,
                    field,
                    "digits_lost",
                    "a number of more than 15 digits; the spreadsheet may have changed the last ones",
                    cell_text(values[field]),
                )
        identity = self._identity(values)
        message = self._message(row.line, values)
        draft = self._drafts.pop(identity, None)
        if draft is None:
            draft = ConversationDraft(identity, row.line)
            if self._given_out.holds(identity):
                self._remark(
                    row.line,
                    "conversation",
                    "rows_apart",
                    "rows of this conversation stand too far apart and become two",
                    identity,
                )
        self._drafts[identity] = draft  # Moved to the end: given out last.
        draft.messages.append(message)
        self._held += 1
        self._gather(draft, row.line, values)

    def _identity(self, values: dict[str, Any]) -> str:
        if "conversation" in values:
            identity = cell_text(values["conversation"]).strip()
            if not identity:
                raise RefusedError("missing_conversation", "conversation", "the row names no conversation")
            return identity
        customer = cell_text(values.get("customer", "")).strip()
        return f"{self._label}:{customer}" if customer else self._label

    def _message(self, line: int, values: dict[str, Any]) -> MessageDraft:
        given: dict[str, Any] = {"text": cell_text(values["text"]), "time": _moment_of(values)}
        for field in self._worded:
            given[field] = cell_text(values[field]).strip() or None
        if self._role_is_incoming and given.get("role") and (truth := truth_of(given["role"])) is not None:
            given["role"] = "customer" if truth else "agent"
        return self._drafting.message(line, given, "", self._remark)

    def _gather(self, draft: ConversationDraft, line: int, values: dict[str, Any]) -> None:
        for field in self._gathered:
            text = cell_text(values[field]).strip()
            if not text:
                continue
            kept = draft.values.setdefault(field, text)
            if kept != text and (draft.id, field) not in self._differing:
                self._differing.add((draft.id, field))
                self._remark(
                    line,
                    field,
                    "differing_value",
                    f"differs from the conversation's first, {excerpt(kept)!r}, which is kept",
                    excerpt(text),
                )

    def _give_out(self, *, keep_last: bool) -> Iterator[Block]:
        last = next(reversed(self._drafts), None) if keep_last else None
        drafts = sorted((draft for key, draft in self._drafts.items() if key != last), key=lambda draft: draft.line)
        if keep_last:
            self._given_out.add([draft.id for draft in drafts])
        self._drafts = {last: self._drafts[last]} if last is not None else {}
        self._held = sum(len(draft.messages) for draft in self._drafts.values())
        # All of it was read before the first block was given out: each block accounts for its share, for progress.
        before, read = self._bytes, max(0, self._position() - self._bytes)
        for start in range(0, max(len(drafts), 1), BLOCK_CONVERSATIONS):
            some = drafts[start : start + BLOCK_CONVERSATIONS]
            yield self._block(
                some, before + read * (start + len(some)) // max(len(drafts), 1) if some else before + read
            )

    def _block(self, drafts: Sequence[ConversationDraft], read: int) -> Block:
        conversations: list[Conversation] = []
        lines: list[int] = []
        for draft in drafts:
            draft.messages = in_order(draft.messages)
            conversation = self._drafting.conversation(draft, self._remark)
            gap = self._options.split_gap_seconds
            for piece in (conversation,) if gap is None else split_conversation(conversation, gap):
                conversations.append(piece)
                lines.append(draft.line)
        block = Block(
            self._file, conversations, lines, self._first, self._lines, self._content, self._blank, self._ignored,
            read - self._bytes, tuple(self._rejections), tuple(self._notices),
        )  # fmt: skip
        self._bytes = read
        self._start_stretch(self._first + self._lines)
        return block

    def _reject(self, row: Row, refused: RefusedError) -> None:
        shown = row.excerpt or " | ".join(cell_text(cell) for cell in row.cells)
        self._rejections.append(
            Rejection(self._file, row.line, refused.field, refused.code, refused.reason, excerpt(shown), row.line_count)
        )

    def _remark(self, line: int, field: str, code: str, reason: str, shown: str) -> None:
        self._notices.append(Notice(self._file, line, field, code, reason, shown))


def _is_blank(cells: Sequence[object]) -> bool:
    """Whether no cell holds anything but spaces."""
    return all(not cell.strip() if isinstance(cell, str) else cell is None for cell in cells)


def _moment_of(values: dict[str, Any]) -> Any:
    """The time cell, joined with the date column where it holds a time of day only."""
    value = values.get("time")
    day = values.get("date")
    if value is None or value == "":
        return day or None
    clock = value.isoformat() if isinstance(value, time) else half_width(value) if isinstance(value, str) else ""
    if day and clock and _CLOCK_ONLY.fullmatch(clock.strip()):
        if isinstance(day, datetime | date):
            return f"{day:%Y-%m-%d} {clock.strip()}"
        return f"{cell_text(day).strip()} {clock.strip()}"
    return clock or value


def in_order(messages: list[MessageDraft]) -> list[MessageDraft]:
    """By time where every message has one, else as written; a table with the newest row first is turned round."""
    moments = [message.moment for message in messages if message.moment is not None]
    if not moments or len(moments) < len(messages):
        return messages
    newest_first = all(later <= earlier for earlier, later in pairwise(moments)) and moments[0] > moments[-1]
    return sorted(messages[::-1] if newest_first else messages, key=_moment)


def _moment(message: MessageDraft) -> float:
    return message.moment.timestamp() if message.moment else 0.0
