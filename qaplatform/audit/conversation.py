"""A conversation as everything in this program sees it: the neutral form all readers end in.

The fields mirror the conversation JSONL form one to one, so that a line decodes straight into
these frozen values. Only ``id`` and each message's ``role`` and ``text`` are required.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Role = Literal["customer", "agent", "bot", "system"]
Kind = Literal["text", "image", "card", "transfer", "note"]


class Customer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The person who wrote in; ``order_value`` is in yuan (or the shop's currency)."""

    id: str | None = None
    tier: str | None = None
    order_value: float | None = None


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One message; ``sent_at`` is ISO 8601, with its zone unless the source had none, or ``None``."""

    role: Role
    text: str
    id: str | None = None
    agent: str | None = None
    sent_at: str | None = None
    auto: bool = False
    kind: Kind = "text"


class Conversation(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One conversation in the order it was written."""

    id: str
    messages: tuple[Message, ...]
    source: str | None = None
    channel: str = "chat"
    shop: str | None = None
    queue: str | None = None
    language: str | None = None
    customer: Customer | None = None
    order_id: str | None = None
    case_id: str | None = None
    csat: float | None = None
    tags: tuple[str, ...] = ()
    meta: dict[str, Any] = {}
