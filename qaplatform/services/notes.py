"""Writing notes beside conversations."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.conversation_pages import reached
from qaplatform.services.noting import note
from qaplatform.store import notes

WRITE = "notes.write"
MOST_CHARS = 2000


class EmptyNoteError(QAPlatformError):
    """A note needs words, 2,000 characters at most."""

    code: ClassVar[str] = "note.empty"


class NoSuchMessageError(QAPlatformError):
    """The conversation has no message of this number."""

    code: ClassVar[str] = "note.message"


def write_note(
    session: Session,
    viewer: Viewer,
    conversation_id: int,
    text: str,
    *,
    message_number: int | None = None,
    now: datetime,
) -> int:
    """Write a note beside a conversation or one of its messages; its id.

    Raises:
        NotThereError: there is no such conversation, or the viewer may write nothing beside it.
        EmptyNoteError: there are no words, or too many.
        NoSuchMessageError: there is no such message.
    """
    row = reached(session, viewer, conversation_id, WRITE)
    # Neither database takes NUL, and nobody writes it.
    text = text.replace("\0", "").strip()
    if not 0 < len(text) <= MOST_CHARS:
        raise EmptyNoteError
    if message_number is not None and not 0 <= message_number < row.message_count:
        raise NoSuchMessageError
    id = notes.add_note(
        session,
        conversation_id=conversation_id,
        message_number=message_number,
        text=text,
        user_id=viewer.user_id,
        now=now,
    )
    note(session, viewer, now, "note.written", ("conversation", conversation_id), shop_id=row.shop_id, note=id)
    return id
