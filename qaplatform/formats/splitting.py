"""Cutting an endless thread into conversations where nobody wrote for a long time."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from qaplatform.audit.conversation import Conversation


def split_conversation(conversation: Conversation, gap_seconds: float) -> tuple[Conversation, ...]:
    """Cut before each message that follows a silence of ``gap_seconds`` or more.

    The first piece keeps the id, the next ones get ``#2``, ``#3`` …. Messages without a time stay with the
    piece before them; without any times nothing is cut.
    """
    cuts: list[int] = []
    latest: datetime | None = None
    for number, message in enumerate(conversation.messages):
        if message.sent_at is None:
            continue
        moment = datetime.fromisoformat(message.sent_at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if latest is not None and (moment - latest).total_seconds() >= gap_seconds:
            cuts.append(number)
        latest = moment if latest is None or moment > latest else latest
    if not cuts:
        return (conversation,)
    starts, ends = [0, *cuts], [*cuts, len(conversation.messages)]
    return tuple(
        msgspec.structs.replace(
            conversation,
            id=conversation.id if piece == 1 else f"{conversation.id}#{piece}",
            messages=conversation.messages[start:end],
        )
        for piece, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )
