"""Texts for training that were written here: versions append, the newest published one stands (``LearningText``)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import LearningText

TextKind = Literal["path", "lesson", "question", "paper", "scenario", "drill", "focus"]
TextState = Literal["draft", "published", "withdrawn"]


class StoredText(msgspec.Struct, frozen=True):
    """One version of a text."""

    id: int
    kind: TextKind
    code: str
    language: str
    text: str
    content_hash: str
    state: TextState
    conversation_id: int | None
    user_id: int
    created_at: datetime

    @property
    def puts_back(self) -> bool:
        """Whether the shipped text stands from this version on: published, and empty."""
        return self.state == "published" and not self.text


class NewText(msgspec.Struct, frozen=True, kw_only=True):
    """A version to be added."""

    kind: TextKind
    code: str
    text: str
    content_hash: str
    state: TextState
    user_id: int
    language: str = ""
    conversation_id: int | None = None


def add_text(session: Session, new: NewText, *, now: datetime) -> int:
    """Add a version; its id."""
    row = LearningText(**msgspec.structs.asdict(new), created_at=now)
    session.add(row)
    session.flush()
    return row.id


def text_of(session: Session, id: int) -> StoredText | None:
    """The version of an id."""
    row = session.get(LearningText, id)
    return None if row is None else _stored(row)


def standing_texts(session: Session, kind: TextKind) -> list[StoredText]:
    """Of every code and language the newest version that is no draft, by code; one that was withdrawn is among them.

    Where the shipped text was put back, nothing that was written here stands.
    """
    return [one for one in _newest(session, kind, LearningText.state != "draft") if not one.puts_back]


def newest_texts(session: Session, kind: TextKind) -> list[StoredText]:
    """Of every code and language the newest version, draft or not, by code."""
    return _newest(session, kind)


def last_written_texts(session: Session, kind: TextKind) -> list[StoredText]:
    """Of every code and language the newest version that says anything, by code: what a withdrawn one said before."""
    return _newest(session, kind, LearningText.text != "")


def newest_standing_id(session: Session, kind: TextKind) -> int:
    """Changes whenever what stands of a kind does; 0 where nothing was written here."""
    asked = select(func.max(LearningText.id)).where(LearningText.kind == kind, LearningText.state != "draft")
    return session.scalar(asked) or 0


def versions_of(session: Session, kind: TextKind, code: str, language: str = "") -> list[StoredText]:
    """All versions of a text, the newest first."""
    asked = select(LearningText).where(
        LearningText.kind == kind, LearningText.code == code, LearningText.language == language
    )
    return _stored_all(session, asked.order_by(LearningText.id.desc()))


def drop_drafts(session: Session, kind: TextKind, code: str, language: str = "") -> None:
    """Delete the drafts of a text that were written since the last version that was none."""
    row = LearningText
    where = (row.kind == kind, row.code == code, row.language == language)
    stands = session.scalar(select(func.max(row.id)).where(*where, row.state != "draft")) or 0
    session.execute(delete(row).where(*where, row.state == "draft", row.id > stands))


def _newest(session: Session, kind: TextKind, *where: object) -> list[StoredText]:
    row = LearningText
    newest = select(func.max(row.id)).where(row.kind == kind, *where).group_by(row.code, row.language)  # type: ignore[arg-type]
    return _stored_all(session, select(row).where(row.id.in_(newest)).order_by(row.code, row.language))


def _stored_all(session: Session, asked: Select[LearningText]) -> list[StoredText]:
    return [_stored(row) for row in session.scalars(asked)]


def _stored(row: LearningText) -> StoredText:
    return StoredText(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]
        code=row.code,
        language=row.language,
        text=row.text,
        content_hash=row.content_hash,
        state=row.state,  # type: ignore[arg-type]
        conversation_id=row.conversation_id,
        user_id=row.user_id,
        created_at=row.created_at,
    )
