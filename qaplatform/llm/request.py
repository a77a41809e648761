"""What is asked of a model: messages, and the form its answer must have."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One message of the prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(msgspec.Struct, frozen=True):
    """A prompt and the JSON schema of its answer, whatever endpoint it goes to."""

    messages: tuple[Message, ...]
    schema: dict[str, Any]
    schema_name: str
    max_tokens: int
    """The answer may have so many tokens."""
