"""Writing texts for training: drafts, publishing, taking back; what the texts must be, each kind says for itself."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.store.training import texts
from qaplatform.store.training.texts import NewText, TextKind, TextState

MOST_CHARS = 200_000
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class TextCodeError(QAPlatformError):
    """An id is made of small letters, digits, dots, underscores and hyphens, 80 at most."""

    code: ClassVar[str] = "training.text_code"


class TextTooLongError(QAPlatformError):
    """A text for training has 200,000 characters at most; make two of it."""

    code: ClassVar[str] = "training.text_too_long"


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """A version as somebody wants it."""

    kind: TextKind
    code: str
    text: str
    language: str = ""
    conversation_id: int | None = None


def write_text(session: Session, by: Viewer, writing: Writing, *, state: TextState, now: datetime) -> int:
    """Add a version of a text that its kind has found good (a draft may be anything); its id.

    Raises:
        AccessError: ``by`` may not write drafts, or not publish or take back.
        TextCodeError, TextTooLongError: it cannot be so.
    """
    by.demand("training.edit" if state == "draft" else "training.publish")
    if not _CODE.fullmatch(writing.code):
        raise TextCodeError
    if len(writing.text) > MOST_CHARS:
        raise TextTooLongError
    content_hash = hashlib.sha256(writing.text.encode("utf-8", "surrogatepass")).hexdigest()
    new = NewText(**msgspec.structs.asdict(writing), content_hash=content_hash, state=state, user_id=by.user_id)
    id = texts.add_text(session, new, now=now)
    did = "reset" if state == "published" and not writing.text else state
    note(session, by, now, f"training.text_{did}", ("learning_text", id))
    return id
