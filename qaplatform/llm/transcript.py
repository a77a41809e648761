"""A conversation as a language model is shown it: numbered lines between fences, and nothing that could pass for more.

What customers and agents write is data. A message stays on one line, however many line breaks it holds; what nobody
sees (zero width, direction marks, tags, private characters) is taken out; what looks like a fence, like the number of
a message or like the marks of a chat template is broken. The fence itself holds a secret of its own for every request.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, get_args

import msgspec

from qaplatform.audit.conversation import Message
from qaplatform.audit.normalise import fold_tight, tight_view

SaidRole = Literal["customer", "agent", "bot", "system", "note"]
Speaker = Literal["agent", "customer", "any"]
"""Whose words may be evidence; ``any`` is whoever wrote, but not the chat system."""
ROLES: tuple[SaidRole, ...] = get_args(SaidRole)
LINE_BREAK = " ⏎ "
"""Stands where a message goes on in a new line."""
_MOST_NAME_CHARS = 24
_LINE_ENDS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BLANKS = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\u17b4\u17b5")
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Co", "Cs"))
_PILED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_FENCE_RUN = re.compile("[=＝═＿_#＃`｀~～*＊<＜>＞﹤﹥⩵⩶‗-]{3,}")
_NUMBERED = re.compile(r"[\[［【〔]\s*([0-9０-９]{1,6})\s*[\]］】〕]")
_TEMPLATE = re.compile(r"([<＜⟨〈])\s*(?=[|｜/／!！]|[a-zA-Z_])|([|｜])(?=\s*[>＞⟩〉])")
_ROLE_MARK = re.compile(r"([\[［【])\s*(?=[/／]?\s*(?:inst|sys|system|user|assistant|human)\s*[\]］】])", re.IGNORECASE)
_BROKEN_FENCE = "[…]"


class Said(msgspec.Struct, frozen=True):
    """One message, masked: its number in the conversation (from 0), who wrote it, what, and when."""

    number: int
    role: SaidRole
    text: str
    auto: bool = False
    """Sent by itself, such as a welcome."""
    sent_at: str | None = None
    """The time as it shall be shown, such as ``10:24:09``."""
    name: str | None = None
    """Which agent, where several took part; no personal name."""


class Window(msgspec.Struct, frozen=True):
    """A part of a conversation that is asked about at once; ``index`` counts from 0."""

    messages: tuple[Said, ...]
    index: int = 0
    count: int = 1
    repeated: int = 0
    """So many messages at the beginning stood in the window before as well."""


def said_of(messages: Sequence[Message], texts: Sequence[str], *, first: int = 0) -> list[Said]:
    """A conversation's messages with their masked texts; times are cut to the clock."""
    said = []
    for number, (message, text) in enumerate(zip(messages, texts, strict=True), start=first):
        role: SaidRole = "note" if message.kind == "note" else message.role
        clock = re.search(r"[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)", message.sent_at or "")
        said.append(Said(number, role, text, message.auto, clock[1] if clock else None, message.agent))
    return said


def is_said_by(message: Said, speaker: Speaker) -> bool:
    """Whether a message's words may be evidence; what an agent's chair sent by itself is not the agent's."""
    if speaker == "any":
        return message.role != "system"
    return message.role == speaker and not message.auto


def fence_for(nonce: str) -> str:
    """The fence of one request, from a secret that nobody in the conversation can know."""
    return f"=====CHAT {hashlib.sha256(nonce.encode()).hexdigest()[:20]}====="


def cleaned(text: str) -> str:
    """A text on one line, with nothing in it that is not seen; other characters stay as they are."""
    text = _LINE_ENDS.sub(LINE_BREAK, text.strip("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
    text = "".join(" " if char == "\t" else char for char in text if not _is_hidden(char))
    return _BLANKS.sub(" ", _PILED_MARKS.sub(r"\1", text)).strip()


def hidden_chars(text: str) -> int:
    """How many characters of a text nobody sees: a sign of somebody who writes for machines."""
    return sum(text.count(char) for char in set(text) if char not in "\n\r\u200d\ufe0f" and _is_hidden(char))


@lru_cache(maxsize=1 << 16)
def _is_hidden(char: str) -> bool:
    if char.isascii():
        return (char < " " and char != "\t") or char == "\x7f"
    code = ord(char)
    if char in _UNSEEN or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF or 0x180B <= code <= 0x180F:
        return True
    return unicodedata.category(char) in _HIDDEN_CATEGORIES or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def escaped(text: str, fence: str) -> str:
    """A text that can stand between fences: on one line, nothing hidden, nothing that passes for what is not there."""
    text = _NUMBERED.sub(r"(\1)", cleaned(text))
    for marks in (_TEMPLATE, _ROLE_MARK):
        text = marks.sub(lambda match: f"{match[0].strip()} ", text)
    text = _FENCE_RUN.sub(lambda match: match[0][:2], text)
    return _without_secret(text, fence)


@lru_cache(maxsize=64)
def _secret(fence: str) -> str:
    return fold_tight(fence).removeprefix("chat")


def _without_secret(text: str, fence: str) -> str:
    """The text without the fence's secret, however it is written: width, case, spaces and punctuation in between."""
    secret = _secret(fence)
    while secret:
        view = tight_view([text])
        at = view.text_of(0).find(secret)
        if at < 0:
            break
        begin, end = view.original(0, at, at + len(secret))
        text = text[:begin] + _BROKEN_FENCE + text[end:]
    return text


def render(window: Window, fence: str, *, roles: Mapping[str, str], auto: str = "") -> str:
    """The messages between two fences, one a line.

    Args:
        window: What to show.
        fence: See :func:`fence_for`.
        roles: What the roles are called in the prompt's language.
        auto: What is said of messages that were sent automatically.
    """
    lines = [line_of(one, fence, roles=roles, auto=auto) for one in window.messages]
    return "\n".join([fence, *lines, fence])


def line_of(message: Said, fence: str, *, roles: Mapping[str, str], auto: str = "") -> str:
    """One message: ``[3] 客服 a03 10:24:09: text``."""
    name = re.sub(r"[^\w.-]", "", cleaned(message.name or ""))[:_MOST_NAME_CHARS]
    time = re.sub(r"[^0-9: -]", "", message.sent_at or "").strip()
    sure = [roles[message.role], auto if message.auto else ""]
    words = escaped(message.text, fence)
    secret = _secret(fence)
    # Words of a role keep the number apart; a name or a time might be the beginning of the secret.
    if secret and secret in fold_tight(f"{name}{time}{words}"):
        name = time = ""
    head = " ".join(part for part in (sure[0], name, sure[1], time) if part)
    return f"[{message.number}] {head}: {words}"


def windows(
    messages: Sequence[Said],
    *,
    count_tokens: Callable[[str], int],
    most_tokens: int,
    overlap_turns: int = 2,
) -> list[Window]:
    """A conversation in parts of at most ``most_tokens``, cut where the turn passes to the other side.

    Each part begins with the last ``overlap_turns`` turns of the one before, as far as they take no more than a third
    of it. A turn that is too long is cut between messages, a message that is too long into pieces with its number.

    Raises:
        ValueError: ``most_tokens`` is so small that nothing fits.
    """
    sizes = _Sizes(count_tokens)
    pieces = [piece for one in messages for piece in _fitting(one, sizes, most_tokens)]
    total = sum(sizes.of(one) for one in pieces)
    if total <= most_tokens:
        return [Window(tuple(pieces))] if pieces else []
    parts: list[tuple[int, int, int]] = []
    fresh = begin = 0
    while fresh < len(pieces):
        room = most_tokens - sum(sizes.of(one) for one in pieces[begin:fresh])
        end = fresh
        while end < len(pieces) and sizes.of(pieces[end]) <= room:
            room -= sizes.of(pieces[end])
            end += 1
        if end == fresh:
            # What is repeated left no room for the next message; that one comes first.
            begin = fresh
            continue
        if end < len(pieces):
            end = _turn_border(pieces, fresh, end)
        parts.append((begin, fresh, end))
        fresh, begin = end, _overlap(pieces, end, overlap_turns, sizes, most_tokens // 3)
    return [
        Window(tuple(pieces[begin:end]), index, len(parts), fresh - begin)
        for index, (begin, fresh, end) in enumerate(parts)
    ]


class _Sizes:
    """Tokens of a message's line, counted once."""

    _ROLES: Mapping[str, str] = dict.fromkeys(ROLES, "customer")

    def __init__(self, count_tokens: Callable[[str], int]) -> None:
        self._count_tokens = count_tokens
        self._known: dict[Said, int] = {}

    def of(self, message: Said) -> int:
        if message not in self._known:
            line = line_of(message, "", roles=self._ROLES, auto="automatic")
            self._known[message] = self._count_tokens(line) + 2
        return self._known[message]


def _fitting(message: Said, sizes: _Sizes, most_tokens: int) -> list[Said]:
    """The message, or its pieces where it is too long for a part of its own."""
    if sizes.of(message) <= most_tokens:
        return [message]
    if sizes.of(msgspec.structs.replace(message, text=message.text[:1])) > most_tokens:
        raise ValueError(f"no message fits into {most_tokens} tokens")
    pieces, text = [], message.text
    size = max(len(text) * most_tokens // sizes.of(message), 1)
    while text:
        piece = msgspec.structs.replace(message, text=text[:size])
        if sizes.of(piece) > most_tokens and size > 1:
            size = max(size * 3 // 4, 1)
            continue
        pieces.append(piece)
        text = text[size:]
    return pieces


def _side(message: Said) -> str:
    return "customer" if message.role == "customer" else "shop"


def _turn_border(pieces: Sequence[Said], fresh: int, end: int) -> int:
    """The last place up to ``end`` where the other side begins, best the customer; ``end`` where there is none."""
    borders = [at for at in range(fresh + 1, end + 1) if _side(pieces[at]) != _side(pieces[at - 1])]
    late = [at for at in borders if at > fresh + (end - fresh) // 2]
    asking = [at for at in late if _side(pieces[at]) == "customer"]
    return (asking or late or borders or [end])[-1]


def _overlap(pieces: Sequence[Said], end: int, turns: int, sizes: _Sizes, most_tokens: int) -> int:
    """Where the next part begins: some turns before ``end``, none of it cut."""
    begin, at, room = end, end, most_tokens
    while at > 0 and turns > 0:
        at -= 1
        room -= sizes.of(pieces[at])
        if room < 0:
            break
        if at == 0 or _side(pieces[at - 1]) != _side(pieces[at]):
            begin, turns = at, turns - 1
    return begin
