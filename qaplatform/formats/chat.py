"""Text copied from a chat window, read into conversations."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.chat_lines import ChatLine, chat_lines
from qaplatform.formats.drafts import ConversationDraft, Drafting, MessageDraft, RefusedError
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice, Rejection, excerpt
from qaplatform.formats.splitting import split_conversation

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class _Spoken:
    """A message being gathered from its name-and-time line and the lines below it."""

    head: ChatLine
    lines: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    header: ChatLine | None = None
    after_border: bool = False
    taken: int = 1


@dataclass(slots=True)
class _Thread:
    """The messages of one conversation, and what its header said."""

    line: int
    name: str = ""
    names_customer: bool = False
    messages: list[MessageDraft] = field(default_factory=list)
    customer: str = ""


def split_lines(text: str) -> list[str]:
    """The lines of a text, ended by LF, CR LF or CR only."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def looks_like_chat(sample: str) -> bool:
    """Whether a name-and-time line occurs near the beginning."""
    return any(line.kind == "message" for line in chat_lines(split_lines(sample)[:400]))


class ChatReader:
    """Reads the text of one file; one use."""

    def __init__(self, file: str, label: str, options: ReadOptions) -> None:
        self._file = file
        self._label = label
        self._options = options
        self._drafting = Drafting.of(options)
        self._threads: list[_Thread] = []
        self._rejections: list[Rejection] = []
        self._notices: list[Notice] = []
        self._counts = {"content": 0, "blank": 0, "ignored": 0}
        self._last_said: dict[str, int] = {}
        self._transferred = False
        self._spoken: _Spoken | None = None
        self._header: ChatLine | None = None
        self._border = False

    def read(self, text: str, raw_bytes: int) -> Block:
        """All conversations of the file in one block."""
        raw_lines = split_lines(text)
        lines = chat_lines(raw_lines)
        if not any(line.kind == "message" for line in lines):
            return self._no_message(raw_lines, raw_bytes)
        for line in lines:
            if line.kind == "message":
                self._last_said[line.name] = line.number
        self._gather(lines)
        conversations, starts = self._finished()
        return Block(
            self._file, conversations, starts, 1, len(raw_lines), self._counts["content"], self._counts["blank"],
            self._counts["ignored"], raw_bytes, tuple(self._rejections), tuple(self._notices),
        )  # fmt: skip

    def _no_message(self, lines: Sequence[str], raw_bytes: int) -> Block:
        blank = sum(not line.strip() for line in lines)
        if blank == len(lines):
            return Block(self._file, line_count=len(lines), blank_lines=blank, raw_bytes=raw_bytes)
        first = next(line for line in lines if line.strip())
        reason = "no line with a name and a time was found"
        rejection = Rejection(self._file, 0, "", "no_message", reason, excerpt(first), len(lines) - blank)
        return Block(self._file, line_count=len(lines), blank_lines=blank, raw_bytes=raw_bytes, rejections=(rejection,))

    def _gather(self, lines: Sequence[ChatLine]) -> None:
        for line in lines:
            if line.kind in {"blank", "rule"}:
                self._border_line(line)
                continue
            if _undecoded(line.raw):
                self._reject(line, "encoding", "bytes that are not of the file's encoding")
            elif line.kind == "stamp":  # The name above a time; both belong to the message that follows.
                self._counts["content"] += 1
                continue
            elif line.kind == "message":
                self._close(self._spoken)
                after_border = self._border
                self._spoken = _Spoken(
                    line, [line.text] if line.text else [], header=self._header, after_border=after_border
                )
                self._header = None
                self._counts["content"] += 1
            else:
                self._below(line)
            self._border = False
        self._close(self._spoken)

    def _border_line(self, line: ChatLine) -> None:
        self._border = True
        self._counts["blank" if line.kind == "blank" else "ignored"] += 1
        if self._spoken is not None and line.kind == "blank":
            self._spoken.lines.append("")

    def _below(self, line: ChatLine) -> None:
        """A line that is neither blank nor the beginning of a message."""
        spoken = self._spoken
        if line.kind == "break":
            self._close(spoken)
            self._spoken, self._header = None, line
            self._counts["ignored"] += 1
        elif line.kind == "status":
            self._counts["ignored"] += 1
            if spoken is not None:
                spoken.marks.append(line.raw.strip())
        elif spoken is None and not self._threads:
            self._reject(line, "before_first_message", "text before the first message")
        elif spoken is None or line.kind in {"recall", "transfer"}:
            self._close(spoken)
            self._spoken = None
            self._event(line)
        else:
            spoken.lines.append(line.raw)
            spoken.taken += 1
            self._counts["content"] += 1

    def _close(self, spoken: _Spoken | None) -> None:
        """Put a gathered message into its conversation, a new one where the customer changed."""
        if spoken is None:
            return
        while spoken.lines and not spoken.lines[-1]:
            spoken.lines.pop()
        while spoken.lines and not spoken.lines[0]:
            spoken.lines.pop(0)
        text = "\n".join(spoken.lines or spoken.marks)
        head, header = spoken.head, spoken.header
        try:
            values = {"sender": head.name, "text": text, "time": head.stamp}
            draft = self._drafting.message(head.number, values, "", self._remark)
        except RefusedError as refused:
            self._counts["content"] -= spoken.taken
            self._reject(head, refused.code, refused.reason, spoken.taken, refused.field)
            return
        if not self._threads or header is not None or (spoken.after_border and self._other_customer(head)):
            self._threads.append(
                _Thread(head.number, header.name if header else "", header is not None and header.names_customer)
            )
            self._transferred = False
        thread = self._threads[-1]
        thread.messages.append(draft)
        if not thread.customer:
            thread.customer = next((name for name in (head.name, head.to) if name and not self._is_agent(name)), "")

    def _other_customer(self, head: ChatLine) -> bool:
        """Whether this message belongs to another customer than the one the current conversation is with."""
        current = self._threads[-1]
        if not current.customer:
            return False
        if head.to:
            return current.customer not in (head.name, head.to)
        if self._is_agent(head.name) or head.name == current.customer or self._transferred:
            return False
        known_agents = any(self._is_agent(message.sender) for message in current.messages)
        others = {message.sender for message in current.messages} - {current.customer}
        if not known_agents and (not others or head.name in others):
            return False
        return known_agents or self._last_said.get(current.customer, 0) < head.number

    def _is_agent(self, name: str) -> bool:
        party = self._drafting.rules.known(name)
        return party is not None and party.role != "customer"

    def _event(self, line: ChatLine) -> None:
        """A line of the window itself becomes a system message, at the time of the message above it."""
        self._counts["content"] += 1
        thread = self._threads[-1]
        moment = next((message.moment for message in reversed(thread.messages)), None)
        transfer = line.kind == "transfer"
        self._transferred = self._transferred or transfer
        thread.messages.append(
            MessageDraft(
                line.number, line.raw.strip(), role="system", moment=moment, kind="transfer" if transfer else "text"
            )
        )

    def _finished(self) -> tuple[list[Conversation], list[int]]:
        conversations: list[Conversation] = []
        lines: list[int] = []
        learned: dict[str, None] = {}
        several = len(self._threads) > 1
        for number, thread in enumerate(self._threads, start=1):
            identity = f"{self._label}-{number}" if several else self._label
            if thread.name and not thread.names_customer:
                identity = f"{self._label}:{thread.name}"
            draft = ConversationDraft(identity, thread.line, thread.messages)
            names = [message.sender for message in thread.messages if message.role is None]
            rules = replace(self._drafting.rules, agent_names=(*self._drafting.rules.agent_names, *learned))
            parties = rules.assign(names)
            learned |= {glob.escape(name): None for name, party in parties.items() if party.role == "agent"}
            customer = next((name for name, party in parties.items() if party.role == "customer"), "")
            draft.values["customer"] = customer or (thread.name if thread.names_customer else "")
            conversation = replace(self._drafting, rules=rules).conversation(draft, self._remark)
            gap = self._options.split_gap_seconds
            for piece in (conversation,) if gap is None else split_conversation(conversation, gap):
                conversations.append(piece)
                lines.append(thread.line)
        return conversations, lines

    def _reject(self, line: ChatLine, code: str, reason: str, lines: int = 1, field_name: str = "") -> None:
        self._rejections.append(Rejection(self._file, line.number, field_name, code, reason, excerpt(line.raw), lines))

    def _remark(self, line: int, name: str, code: str, reason: str, shown: str) -> None:
        self._notices.append(Notice(self._file, line, name, code, reason, shown))


def _undecoded(line: str) -> bool:
    if line.isascii():
        return False
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False
