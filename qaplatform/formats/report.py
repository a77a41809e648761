"""What reading says besides the conversations: rejected places, notices, and the tally of both.

Nothing is dropped silently. A *rejection* is input that did not become a conversation or a message; a
*notice* is input that was kept but not as written (a time that cannot be, a role that was guessed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qaplatform.audit.conversation import Conversation

EXCERPT_CHARS = 80

WAYS_OUT: dict[str, str] = {
    "encoding": "save the file as UTF-8, or name its encoding with --encoding",
    "not_json": "one JSON object a line is expected; check the quotes and commas near the place named",
    "not_an_object": "each line must be one conversation object {...}",
    "missing_id": "give every conversation an 'id'",
    "missing_messages": "give the conversation a 'messages' list with at least one message",
    "missing_text": "give the message a 'text', or a 'kind' such as image for a message without words",
    "bad_value": "see the conversation form in docs/formats.md",
    "unknown_role": "use customer, agent, bot or system, or map the word with --role WORD=ROLE",
    "text_too_long": "cut the text; it is no chat message",
    "line_too_long": "check that the file has line ends; one conversation a line is expected",
    "unclosed_quote": "double the quotes inside the cell or close the one that was opened",
    "too_many_cells": "quote cells that hold the delimiter, or name the right one with --delimiter",
    "missing_conversation": "fill the conversation column in this row",
    "no_text_column": "name the columns, for example --column text=NAME --column role=NAME",
    "no_message": "each message needs a line with name and time, for example: 小王 2025-09-01 08:03:05",
    "before_first_message": "the line stands before the first name-and-time line",
    "not_a_workbook": "save it again as .xlsx, or export it as CSV",
    "too_large": "split the file, or turn it into conversation JSONL, which is read in constant memory",
    "unreadable": "check the file, its rights and whether the copy or download was complete",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Input that was not taken in; ``line`` counts from 1 (0: the file as a whole).

    ``lines`` says how many lines it accounts for. A line it shares with a conversation or with an earlier
    rejection is counted there, so that it may be 0.
    """

    file: str
    line: int
    field: str
    code: str
    reason: str
    excerpt: str = ""
    lines: int = 1

    @property
    def way_out(self) -> str:
        """What the person who made the file can do about it."""
        return WAYS_OUT.get(self.code, "")

    def __str__(self) -> str:
        return _sentence(self.file, self.line, self.field, self.reason)


@dataclass(frozen=True, slots=True)
class Notice:
    """Input that was taken in, but not exactly as written."""

    file: str
    line: int
    field: str
    code: str
    reason: str
    excerpt: str = ""

    def __str__(self) -> str:
        return _sentence(self.file, self.line, self.field, self.reason)


def _sentence(file: str, line: int, field_name: str, reason: str) -> str:
    place = f"{file}:{line}" if line else file
    return ": ".join(part for part in (place, field_name, reason) if part)


def excerpt(text: str | bytes) -> str:
    """The beginning of a text on one line, short enough for a message, safe to print."""
    if isinstance(text, bytes):
        text = text[: EXCERPT_CHARS * 4].decode("utf-8", "replace")
    flat = " ".join(text[: EXCERPT_CHARS * 2].split())
    shown = "".join(char if char.isprintable() else "\ufffd" for char in flat)
    return shown if len(shown) <= EXCERPT_CHARS else shown[: EXCERPT_CHARS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of one file as conversations, with everything needed to account for its lines.

    ``lines[i]`` is the line on which ``conversations[i]`` begins. ``raw_bytes`` are bytes of the file as
    it lies on disk (compressed where it is), for progress. Of the ``line_count`` lines,
    ``content_lines`` went into conversations, ``blank_lines`` were empty, ``ignored_lines`` carry no
    message by design (a header row, 已读 marks) and the rest is in ``rejections``.
    """

    file: str
    conversations: Sequence[Conversation] = ()
    lines: Sequence[int] = ()
    first_line: int = 1
    line_count: int = 0
    content_lines: int = 0
    blank_lines: int = 0
    ignored_lines: int = 0
    raw_bytes: int = 0
    rejections: tuple[Rejection, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class Tally:
    """Adds up blocks; keeps the first ``keep`` rejections and notices in full and counts them all."""

    keep: int = 1000
    conversations: int = 0
    messages: int = 0
    lines: int = 0
    content_lines: int = 0
    blank_lines: int = 0
    ignored_lines: int = 0
    rejected_lines: int = 0
    raw_bytes: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Count one block."""
        self.conversations += len(block.conversations)
        self.messages += sum([len(conversation.messages) for conversation in block.conversations])
        self.lines += block.line_count
        self.content_lines += block.content_lines
        self.blank_lines += block.blank_lines
        self.ignored_lines += block.ignored_lines
        self.raw_bytes += block.raw_bytes
        if block.rejections:
            self.add_rejections(block.rejections)
        if block.notices:
            self.add_notices(block.notices)

    def add_rejections(self, rejections: Sequence[Rejection]) -> None:
        """Count rejections that came without a block."""
        self.rejected.update(rejection.code for rejection in rejections)
        self.rejected_lines += sum(rejection.lines for rejection in rejections)
        self.rejections.extend(rejections[: max(0, self.keep - len(self.rejections))])

    def add_notices(self, notices: Sequence[Notice]) -> None:
        """Count notices that came without a block."""
        self.noticed.update(notice.code for notice in notices)
        self.notices.extend(notices[: max(0, self.keep - len(self.notices))])

    @property
    def exit_code(self) -> int:
        """0 where everything was taken in, 3 where something was rejected."""
        return 3 if self.rejected else 0


def tally_of(blocks: Iterable[Block]) -> Tally:
    """Read blocks to the end and count them."""
    tally = Tally()
    for block in blocks:
        tally.add(block)
    return tally
