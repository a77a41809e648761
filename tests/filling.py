"""Rows in every table, with something in every column: made from the model itself, so that a new table is filled as well."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Session

from qaplatform.store import search
from qaplatform.store.engine import Store
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.tables import Base
from tests.copies import fill_once

START = datetime(2026, 9, 1, 1, 2, 3, 456_789, tzinfo=UTC)
ROWS = 4
_ONE_OF = re.compile(r"(\w+) IN \(([^)]*)\)")
# Where a constraint wants more than one of some words.
FIXED: dict[str, Any] = {
    "start_minute": lambda row: 60 * row,
    "end_minute": lambda row: 60 * row + 30,
    "from_day": lambda row: date(2026, 1, 1 + row),
    "until_day": lambda row: date(2026, 2, 1 + row),
    "user_roles.shop_id": lambda row: 1 if row % 2 else None,
    "user_roles.team_id": lambda row: None if row % 2 else 1,
    "roster_entries.day": lambda row: date(2026, 9, 1 + row) if row % 2 else None,
    "roster_entries.weekday": lambda row: None if row % 2 else row,
    "messages.last_revision": lambda row: 1 if row == ROWS else None,
    "paper_rulings.points": lambda row: row / ROWS,
    "training_marks.dialogue_id": lambda row: row if row % 2 else None,
    "training_marks.answer_id": lambda row: None if row % 2 else row,
    "conversations.text_purged_at": lambda row: START if row == ROWS else None,
}


def fill(session: Session, *, rows: int = ROWS) -> None:
    """So many rows in every table; in the last of each everything that may be empty is. Ids count from 1."""
    for table in Base.metadata.sorted_tables:
        made = [_row(table, number, rows) for number in range(1, rows + 1)]
        session.execute(insert(table), made)
    search.add(session, indexed_texts(session, range(1, rows + 1)))
    if session.get_bind().dialect.name == "postgresql":
        for table in Base.metadata.sorted_tables:
            if "id" in table.columns:
                sequence = func.pg_get_serial_sequence(table.name, "id")
                session.execute(select(func.setval(sequence, rows)))


def filled(store: Store) -> Store:
    """A database that :func:`fill` has filled."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill(session)


def _row(table: Table, number: int, rows: int) -> dict[str, Any]:
    return {column.name: _value(table, column, number, rows) for column in table.columns}


def _value(table: Table, column: Column[Any], number: int, rows: int) -> Any:
    fixed = FIXED.get(f"{table.name}.{column.name}", FIXED.get(column.name))
    if fixed is not None:
        return fixed(number)
    if column.nullable and number == rows:
        return None
    if column.foreign_keys:
        key: ForeignKey = next(iter(column.foreign_keys))
        # A table that points at itself is filled from the top.
        return min(number, rows) if key.column.table is not table else _before(column, number)
    if words := _words(table, column.name):
        return words[number % len(words)]
    return _plain(column, number)


def _before(column: Column[Any], number: int) -> int | None:
    """Of rows that point at their own table: the first one, which itself points at nothing."""
    return number if not column.nullable else 1 if number > 1 else None


def _plain(column: Column[Any], number: int) -> Any:
    kind = getattr(column.type, "impl", column.type)
    for family, value in (
        (JSON, {"名": f"值 {number}", "n": [number, 1.5, True, None, {"深": "\"'\\ \n"}]} if number % 2 else []),
        (Boolean, number % 2 == 0),
        (DateTime, START + timedelta(days=number, microseconds=number)),
        (Date, date(2026, 9, number)),
        (Float, number / 3),
        (Integer, number),
        (LargeBinary, bytes([number, 0, 255, 10])),
        (String, f"{column.name} {number} 亲,😀'\"\n"),
    ):
        if isinstance(kind, family):
            return value[: kind.length or 1000] if isinstance(value, str) else value
    raise TypeError(f"{column} is of a kind that is not filled yet")


def _words(table: Table, column: str) -> list[str]:
    """The words that a constraint lets a column hold."""
    for one in table.constraints:
        if isinstance(one, CheckConstraint):
            for name, words in _ONE_OF.findall(str(one.sqltext)):
                if name == column and "'" in words:
                    return re.findall(r"'([^']*)'", words)
    return []
