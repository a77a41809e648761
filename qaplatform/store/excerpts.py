"""A message of each conversation of a list: one that holds the words that were looked for, or how the customer began."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import MessageRow

_BEGINNING = 6
"""Among so many first messages the customer's first one is looked for."""
_MOST_PARTS = 5
_MOST_CHARS = 2_000


class Excerpt(msgspec.Struct, frozen=True):
    """A message as it was written, 2,000 characters at most; ``start:end`` are the words that were looked for, if any.

    It is not masked: mask it whole and shorten it afterwards, or half a number would stand there.
    """

    message_number: int
    role: str
    text: str
    start: int = 0
    end: int = 0


def excerpts(session: Session, conversation_ids: Sequence[int], words: str = "") -> dict[int, Excerpt]:
    """Excerpts by conversation.

    Words are found as they stand, but for case; where they are written otherwise (traditional characters, full width),
    or there are none, it is the customer's first message. Conversations without text have none.
    """
    if not conversation_ids:
        return {}
    parts = [part.lower() for part in words.split()[:_MOST_PARTS]]
    row = MessageRow
    lowered = func.lower(row.text)
    wanted = [row.number < _BEGINNING, *(lowered.contains(part, autoescape=True) for part in parts)]
    rows = session.execute(
        select(row.conversation_id, row.number, row.role, func.substr(row.text, 1, _MOST_CHARS))
        .where(row.conversation_id.in_(conversation_ids), row.last_revision.is_(None), or_(*wanted))
        .order_by(row.conversation_id, row.number)
    ).all()
    first: dict[int, Excerpt] = {}
    holding: dict[int, Excerpt] = {}
    for id, number, role, text in rows:
        if role == "customer" and text:
            first.setdefault(id, Excerpt(number, role, text))
        if id not in holding and (place := _place(text, parts)) is not None:
            holding[id] = Excerpt(number, role, text, *place)
    return {**first, **holding}


def _place(text: str, parts: Sequence[str]) -> tuple[int, int] | None:
    lowered = text.lower()
    if len(lowered) != len(text):
        return None
    found = [(place, place + len(part)) for part in parts if (place := lowered.find(part)) >= 0]
    return min(found) if found else None
