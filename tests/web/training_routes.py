"""Rows of ``routes.py`` for the pages of training, one file a part, and what they are about in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tests.web.route_rows import Row
from tests.web.training import (
    rows_daily_logs,
    rows_drills,
    rows_exams,
    rows_lessons,
    rows_papers,
    rows_paths,
    rows_scenarios,
)

_PARTS = (rows_daily_logs, rows_drills, rows_exams, rows_lessons, rows_papers, rows_paths, rows_scenarios)
TRAINING_ROUTES: Mapping[str, Row] = {name: row for part in _PARTS for name, row in part.ROUTES.items()}


def fill_training_examples(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    for part in _PARTS:
        part.fill(session, now)
