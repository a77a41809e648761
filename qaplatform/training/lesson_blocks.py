"""The special blocks of a lesson: wording pairs and chats, written as fenced blocks of Markdown.

    ```pair banned_phrase
    customer: 能不能改下地址
    bad: 这个我也没办法
    good: 包裹已经出库，我这边改不了，可以帮您联系快递改派，您看可以吗？
    why: 办不到的时候，说原因，再给一条路。
    ```

    ```chat bad empathy_first
    customer 10:00:00 都五天了还没到
    agent    10:00:20 显示在转运中心
    ```

Who speaks may stand in Chinese as well (``客户 10:00 都五天了还没到``). After ``chat`` may stand ``good``, or ``bad`` with the
criterion it breaks; a chat without either only shows something.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Message
from qaplatform.audit.notation import NotationError, parse_messages
from qaplatform.audit.saying import Saying, say
from qaplatform.audit.yaml_source import did_you_mean
from qaplatform.training.chat_writing import as_notation

ChatVerdict = Literal["plain", "good", "bad"]
_KEYS = ("customer", "bad", "good", "why")
_KEY_LINE = re.compile(r"\s*([A-Za-z_]+)\s*[:：]\s*(.*)")
_CRITERION = re.compile(r"[a-z][a-z0-9_-]*\Z")


class Pair(msgspec.Struct, frozen=True):
    """What not to say, and what to say instead; texts may hold line breaks."""

    bad: str
    good: str
    criterion: str = ""
    """The criterion that the bad side breaks and the good side keeps; empty where it is a matter of taste."""
    customer: str = ""
    """What the customer said before; empty where it does not matter."""
    why: str = ""
    line: int = 0
    """Line of the file in which the block begins, from 1; 0 = unknown."""


class LessonChat(msgspec.Struct, frozen=True):
    """An invented chat in the transcript notation."""

    messages: tuple[Message, ...]
    verdict: ChatVerdict = "plain"
    criterion: str = ""
    """The criterion that a bad chat breaks."""
    line: int = 0


class BlockError(ValueError):
    """A block is not written as it should be; ``line`` counts inside the block, 0 = its first line with the backticks."""

    def __init__(self, line: int, message: Saying) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def block_kind(info: str) -> str:
    """``pair``, ``chat`` or nothing (ordinary code), by what stands after the backticks."""
    first = info.split(maxsplit=1)[0] if info.strip() else ""
    return first if first in ("pair", "chat") else ""


def read_pair(info: str, text: str, *, line: int = 0) -> Pair:
    """A wording pair.

    Raises:
        BlockError: a line belongs to no key, a key is unknown, twice there or missing.
    """
    words = info.split()
    if len(words) > 2 or (len(words) == 2 and not _CRITERION.match(words[1])):
        raise BlockError(0, say("after 'pair' stands nothing or the id of one criterion"))
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        key_line = _KEY_LINE.match(raw)
        if key_line and key_line[1] in _KEYS:
            if key_line[1] in found:
                raise BlockError(number, say("{key!r} stands twice in this pair", key=key_line[1]))
            current = found[key_line[1]] = [key_line[2].strip()]
        elif key_line and key_line[1].islower():
            near = did_you_mean(key_line[1], _KEYS)
            raise BlockError(
                number,
                say("unknown key {key!r}; a pair has customer, bad, good, why{near}", key=key_line[1], near=near),
            )
        elif raw.strip():
            if current is None:
                raise BlockError(number, say("a pair is written in lines such as 'bad: …' and 'good: …'"))
            current.append(raw.strip())
    texts = {key: "\n".join(one for one in lines if one) for key, lines in found.items()}
    for key in ("bad", "good"):
        if not texts.get(key):
            raise BlockError(0, say("this pair needs {key!r}", key=key))
    return Pair(criterion=words[1] if len(words) == 2 else "", line=line, **texts)


def read_chat(info: str, text: str, *, line: int = 0) -> LessonChat:
    """A chat.

    Raises:
        BlockError: a line does not follow the notation, or what stands after ``chat`` is not understood.
    """
    verdict, _, criterion = info.partition("chat")[2].strip().partition(" ")
    criterion = criterion.strip()
    if verdict not in ("", "good", "bad") or (verdict == "bad") != bool(criterion):
        raise BlockError(0, say("after 'chat' stands nothing, 'good', or 'bad' and the id of the criterion it breaks"))
    messages = _messages(text)
    if not messages:
        raise BlockError(0, say("this chat has no messages"))
    kind: ChatVerdict = "good" if verdict == "good" else "bad" if verdict == "bad" else "plain"
    return LessonChat(messages, kind, criterion, line)


def _messages(text: str) -> tuple[Message, ...]:
    """Those of a chat; who speaks may stand in Chinese, as in drills."""
    try:
        return parse_messages(text)
    except NotationError as error:
        with suppress(NotationError):
            return parse_messages(as_notation(text, timed=False))
        raise BlockError(error.line, error.wrong) from error
