"""What a grader remembers: every call that was made, what was sent, and the answers by what was asked."""

from __future__ import annotations

from typing import Protocol

import msgspec

from qaplatform.llm.answers import Answer
from qaplatform.llm.endpoint import Mode


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it is kept: what it cost, and what came back."""

    conversation: str
    criteria: tuple[str, ...]
    part: int
    """From 0."""
    text_hash: str = ""
    """Of what was sent of the conversation; see :meth:`Memory.note_sent`."""
    model: str
    """As it was asked for."""
    answered_by: str = ""
    """The model as the endpoint names it."""
    mode: Mode
    is_repair: bool = False
    prompt_tokens: int = 0
    """As the endpoint counted them; where it does not, what was expected at most, so that caps hold all the same."""
    completion_tokens: int = 0
    money_micros: int = 0
    seconds: float = 0.0
    fault: str = ""
    """Why nothing of it could be used; empty where it was."""
    raw: bytes = b""
    """The reply as it came."""


class Known(msgspec.Struct, frozen=True):
    """An answer that was given before."""

    answer: Answer
    model: str
    """Who gave it, as the endpoint names it."""


class Memory(Protocol):
    """What was answered before, and the book of all calls; used by several threads at once."""

    def recall(self, key: str) -> Known | None:
        """The answer that was given to the same question."""

    def note_sent(self, conversation: str, text_hash: str, text: str) -> None:
        """Part of a conversation is about to be sent, as this text between the fences; its hash is the SHA-256.

        Said before each question, and of a part about which everything is known already; whatever it raises ends the
        grading.
        """

    def keep(self, call: Call, answers: dict[str, Answer]) -> None:
        """Write a call down, with the answers it gave by key."""
