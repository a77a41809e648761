"""Pages of a list that is counted: bounded, and how many there are on all pages.

Selects are ``Any`` here: their type names every column.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

MOST_ON_A_PAGE = 500


def page_of(statement: Any, page: int, page_size: int) -> Any:
    """A page of an ordered select; pages count from 1."""
    page_size = max(1, min(page_size, MOST_ON_A_PAGE))
    return statement.limit(page_size).offset((max(page, 1) - 1) * page_size)


def count_of(session: Session, statement: Any) -> int:
    """How many rows a select without order and limit has."""
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0
