"""Looking for what somebody typed into a list's search field."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def stands_in(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a text stands in one of some columns, small or capital. Neither database takes NUL."""
    plain = text.replace("\0", "")
    return or_(*(column.icontains(plain, autoescape=True) for column in columns))
