"""Which versions of lessons, and of a week's focus, somebody has read (``LessonReading``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import LessonReading


def readings(session: Session, user_id: int) -> Mapping[str, Mapping[str, datetime]]:
    """When somebody first read what, by lesson and content hash."""
    row = LessonReading
    found: dict[str, dict[str, datetime]] = {}
    asked = select(row.lesson, row.content_hash, row.read_at).where(row.user_id == user_id)
    for lesson, content_hash, read_at in session.execute(asked):
        found.setdefault(lesson, {})[content_hash] = read_at
    return found


def readings_of(session: Session, user_id: int, lesson: str) -> Mapping[str, datetime]:
    """When somebody first read the versions of one lesson, by content hash."""
    row = LessonReading
    asked = select(row.content_hash, row.read_at).where(row.user_id == user_id, row.lesson == lesson)
    return {one.content_hash: one.read_at for one in session.execute(asked)}


def add_reading(session: Session, user_id: int, lesson: str, content_hash: str, *, now: datetime) -> None:
    """Keep that a version was read; the first time counts."""
    new = {"user_id": user_id, "lesson": lesson, "content_hash": content_hash, "read_at": now}
    insert_new(session, LessonReading, [new])


def reader_count(session: Session, lesson: str, content_hash: str) -> int:
    """How many have read a version."""
    row = LessonReading
    asked = select(func.count()).select_from(row).where(row.lesson == lesson, row.content_hash == content_hash)
    return session.scalar(asked) or 0
