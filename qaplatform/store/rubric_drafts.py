"""Drafts of rubrics as they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from qaplatform.store.tables import RubricDraft, User


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its files and the names of those who began and last changed it."""

    id: int
    code: str
    base_hash: str
    files: Mapping[str, str]
    note: str
    state: str
    version: int
    author: str | None
    changed_by: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list, without its files."""

    id: int
    code: str
    note: str
    state: str
    author: str | None
    changed_by: str | None
    updated_at: datetime


def add_draft(
    session: Session, *, code: str, base_hash: str, files: Mapping[str, str], note: str, author_id: int, now: datetime
) -> int:
    """Make a draft; its id."""
    made = RubricDraft(
        code=code, base_hash=base_hash, files=dict(files), note=note, author_id=author_id, changed_by=author_id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def draft(session: Session, draft_id: int) -> Draft | None:
    """A draft."""
    row, author, other = RubricDraft, aliased(User), aliased(User)
    asked = (
        select(
            row.id, row.code, row.base_hash, row.files, row.note, row.state, row.version, author.name, other.name,
            row.created_at, row.updated_at,
        )
        .outerjoin(author, author.id == row.author_id)
        .outerjoin(other, other.id == row.changed_by)
        .where(row.id == draft_id)
    )  # fmt: skip
    found = session.execute(asked).one_or_none()
    return None if found is None else Draft(*found)


def drafts(session: Session, *, states: Sequence[str] = ("open",), limit: int = 50) -> list[DraftLine]:
    """Drafts, the one that was changed last first."""
    row, author, other = RubricDraft, aliased(User), aliased(User)
    asked = (
        select(row.id, row.code, row.note, row.state, author.name, other.name, row.updated_at)
        .outerjoin(author, author.id == row.author_id)
        .outerjoin(other, other.id == row.changed_by)
        .where(row.state.in_(list(states)))
        .order_by(row.updated_at.desc(), row.id.desc())
        .limit(limit)
    )
    return [DraftLine(*values) for values in session.execute(asked)]


def change_draft(
    session: Session, draft_id: int, *, seen_version: int, user_id: int, now: datetime, **values: Any
) -> bool:
    """Change an open draft that is still as it was seen; ``False`` where it is not."""
    row = RubricDraft
    changed = (
        update(row)
        .where(row.id == draft_id, row.version == seen_version, row.state == "open")
        .values(version=row.version + 1, changed_by=user_id, updated_at=now, **values)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(changed) is not None
