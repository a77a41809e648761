"""Conversation JSONL: bytes in blocks of whole lines, decoded a block at a time.

A block whose every line is one neutral conversation costs one call of the typed decoder and a few
vectorised checks. Any other block is decoded line by line: a line in the neutral form as before, another
one leniently (``lenient.py``), and one that is neither is rejected with its place and reason. What a line
gives never depends on the block it came in.
"""

from __future__ import annotations

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.blocks import RawBlock, has_long_line, one_object_a_line, raw_block, read_blocks
from qaplatform.formats.drafts import Drafting, RefusedError, text_too_long
from qaplatform.formats.lenient import conversation_from
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import Block, Notice, Rejection, excerpt
from qaplatform.formats.splitting import split_conversation
from qaplatform.formats.times import all_canonical, canonical, written

__all__ = ["JsonlDecoder", "RawBlock", "read_blocks"]

_STRICT = msgspec.json.Decoder(Conversation)
_ANY = msgspec.json.Decoder()


class JsonlDecoder:
    """Turns raw blocks of one file into conversations; holds no state between blocks.

    ``codec`` is ``utf-8`` or ``gb18030``. ``lenient`` skips the strict reading, for files whose fields have
    other names than the neutral form's, which the strict reading would silently leave out.
    """

    def __init__(self, file: str, options: ReadOptions, *, codec: str = "utf-8", lenient: bool = False) -> None:
        self._file = file
        self._options = options
        self._codec = codec
        self._lenient = lenient
        self._drafting = Drafting.of(options)

    def decode(self, raw: RawBlock) -> Block:
        """The conversations of a block; never raises for what the block holds."""
        if raw.oversize:
            rejection = self._rejection(raw.first_line, RefusedError("line_too_long", "", self._too_long()), raw.data)
            return Block(self._file, (), (), raw.first_line, 1, raw_bytes=raw.size_bytes, rejections=(rejection,))
        text = self._as_utf8(raw)
        if text is not None and not self._lenient:
            conversations = self._strictly(text)
            if conversations is not None:
                return self._whole(raw, conversations)
        return self._by_line(raw)

    def _as_utf8(self, raw: RawBlock) -> RawBlock | None:
        if self._codec == "utf-8":
            return raw
        try:
            return raw_block(raw.data.decode(self._codec).encode(), raw.first_line, raw.start_byte)
        except UnicodeError:
            return None

    def _strictly(self, raw: RawBlock) -> list[Conversation] | None:
        """All lines at once, or ``None`` where some line needs a closer look."""
        if not one_object_a_line(raw) or has_long_line(raw, self._options.max_text_bytes):
            return None
        try:
            conversations = _STRICT.decode_lines(raw.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if len(conversations) != raw.line_count:
            return None
        for conversation in conversations:
            if not conversation.messages or not conversation.id:
                return None
        return conversations

    def _whole(self, raw: RawBlock, conversations: list[Conversation]) -> Block:
        notices: list[Notice] = []
        first, count = raw.first_line, raw.line_count
        if self._options.check_times and not all_canonical([m.sent_at for c in conversations for m in c.messages]):
            conversations = [self._with_times(c, first + i, notices) for i, c in enumerate(conversations)]
        return self._finished(raw, conversations, range(first, first + count), 0, (), notices)

    def _by_line(self, raw: RawBlock) -> Block:
        conversations: list[Conversation] = []
        lines: list[int] = []
        rejections: list[Rejection] = []
        notices: list[Notice] = []
        blank = 0
        for number, data in enumerate(raw.lines(), start=raw.first_line):
            if not data or data.isspace():
                blank += 1
                continue
            remarks: list[Notice] = []
            try:
                conversation = self._line(data, number, remarks)
            except RefusedError as refused:
                rejections.append(self._rejection(number, refused, data))
            else:
                conversations.append(conversation)
                lines.append(number)
                notices += remarks
        return self._finished(raw, conversations, lines, blank, tuple(rejections), notices)

    def _line(self, data: bytes, number: int, notices: list[Notice]) -> Conversation:
        if len(data) > self._options.max_line_bytes:
            raise RefusedError("line_too_long", "", self._too_long())
        try:
            data = data if self._codec == "utf-8" else data.decode(self._codec).encode()
            data.decode()
        except UnicodeError as error:
            raise RefusedError("encoding", "", f"the line is not {self._codec.upper()}: {error}") from error
        if not self._lenient:
            try:
                conversation = _STRICT.decode(data)
            except (msgspec.DecodeError, RecursionError):
                pass
            else:
                return self._accepted(conversation, number, notices)
        return self.record(data, number, notices)

    def record(self, data: bytes, number: int, notices: list[Notice]) -> Conversation:
        """One JSON value of any form, read leniently; ``notices`` receives what to say about it.

        Raises:
            RefusedError: it cannot become a conversation.
        """
        try:
            value = _ANY.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RefusedError("not_json", "", str(error)) from error
        except RecursionError as error:
            raise RefusedError("not_json", "", "the JSON is nested too deeply") from error

        def remark(line: int, field: str, code: str, reason: str, shown: str) -> None:
            notices.append(Notice(self._file, line, field, code, reason, shown))

        try:
            return conversation_from(value, number, self._drafting, remark)
        except RecursionError as error:
            raise RefusedError("bad_value", "", "the values are nested too deeply") from error

    def _accepted(self, conversation: Conversation, number: int, notices: list[Notice]) -> Conversation:
        if not conversation.id:
            raise RefusedError("missing_id", "id", "the conversation's id is empty")
        if not conversation.messages:
            raise RefusedError("missing_messages", "messages", "the conversation has no message")
        for index, message in enumerate(conversation.messages):
            if text_too_long(message.text, self._options.max_text_bytes):
                reason = f"the text is longer than {self._options.max_text_bytes} bytes"
                raise RefusedError("text_too_long", f"messages[{index}].text", reason)
        return self._with_times(conversation, number, notices) if self._options.check_times else conversation

    def _with_times(self, conversation: Conversation, number: int, notices: list[Notice]) -> Conversation:
        if all(message.sent_at is None or canonical(message.sent_at) for message in conversation.messages):
            return conversation

        def remark(line: int, field: str, code: str, reason: str, shown: str) -> None:
            notices.append(Notice(self._file, line, field, code, reason, shown))

        messages = []
        for index, message in enumerate(conversation.messages):
            if message.sent_at is None or canonical(message.sent_at):
                messages.append(message)
                continue
            moment = self._drafting.moment(number, message.sent_at, f"messages[{index}].sent_at", remark)
            messages.append(msgspec.structs.replace(message, sent_at=written(moment) if moment else None))
        return msgspec.structs.replace(conversation, messages=tuple(messages))

    def _finished(
        self,
        raw: RawBlock,
        conversations: list[Conversation],
        lines: range | list[int],
        blank: int,
        rejections: tuple[Rejection, ...],
        notices: list[Notice],
    ) -> Block:
        taken = len(conversations)
        gap = self._options.split_gap_seconds
        if gap is not None:
            pieces = [
                (piece, line)
                for c, line in zip(conversations, lines, strict=True)
                for piece in split_conversation(c, gap)
            ]
            conversations, lines = [piece for piece, _ in pieces], [line for _, line in pieces]
        return Block(
            self._file,
            conversations,
            lines,
            raw.first_line,
            raw.line_count,
            taken,
            blank,
            0,
            raw.size_bytes,
            rejections,
            tuple(notices),
        )

    def _rejection(self, number: int, refused: RefusedError, data: bytes) -> Rejection:
        if self._codec != "utf-8":
            data = data[:400].decode(self._codec, "replace").encode()
        return Rejection(self._file, number, refused.field, refused.code, refused.reason, excerpt(data))

    def _too_long(self) -> str:
        return f"the line is longer than {self._options.max_line_bytes} bytes"
