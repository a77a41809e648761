"""Rows of ``routes.py`` for the pages of training, and what they are about in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tests.web.route_rows import Row

TRAINING_ROUTES: Mapping[str, Row] = {}


def fill_training_examples(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
