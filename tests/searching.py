"""Conversations that hold some words, straight from the search index."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store import search
from qaplatform.store.tables import ConversationRow


def ids_holding(session: Session, query: str) -> list[int]:
    """The ids of conversations that hold every part of a query, ascending."""
    row = ConversationRow
    return list(session.scalars(select(row.id).where(row.id.in_(search.hits(session, query))).order_by(row.id)))
