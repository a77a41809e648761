"""Notes beside conversations: written once, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import Note


def add_note(
    session: Session, *, conversation_id: int, message_number: int | None, text: str, user_id: int, now: datetime
) -> int:
    """Write a note beside a conversation or one of its messages; its id."""
    note = Note(
        conversation_id=conversation_id, message_number=message_number, text=text, user_id=user_id, created_at=now
    )
    session.add(note)
    session.flush()
    return note.id
