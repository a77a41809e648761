"""Searches that people keep: everybody their own, by name."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.store.tables import SavedSearch


class KeptSearch(msgspec.Struct, frozen=True):
    """A search under its name; ``query`` is the list's query string."""

    id: int
    name: str
    query: str
    created_at: datetime


def keep(session: Session, user_id: int, name: str, query: str, *, now: datetime) -> int:
    """Keep a search under a name, instead of the one that had it; its id."""
    own = (SavedSearch.user_id == user_id, SavedSearch.name == name)
    values = {"query": query, "created_at": now}
    try:
        # The unique constraint decides which of two at once is first; the other one replaces it.
        with session.begin_nested():
            session.execute(insert(SavedSearch).values(user_id=user_id, name=name, **values))
    except IntegrityError:
        session.execute(update(SavedSearch).where(*own).values(**values))
    return session.execute(select(SavedSearch.id).where(*own)).scalar_one()


def kept(session: Session, user_id: int) -> list[KeptSearch]:
    """Somebody's searches, by name."""
    columns = (SavedSearch.id, SavedSearch.name, SavedSearch.query, SavedSearch.created_at)
    asked = select(*columns).where(SavedSearch.user_id == user_id).order_by(SavedSearch.name, SavedSearch.id)
    return [KeptSearch(*row) for row in session.execute(asked)]


def drop(session: Session, user_id: int, search_id: int) -> bool:
    """Drop one of somebody's own searches; whether it was there."""
    gone = session.execute(
        delete(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.user_id == user_id).returning(SavedSearch.id)
    )
    return gone.scalar_one_or_none() is not None
