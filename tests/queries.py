"""Counting the statements that reach a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from qaplatform.store.engine import Store


@contextmanager
def counted_statements(store: Store) -> Iterator[list[str]]:
    """The statements that are executed in the block; settings of the transaction are none."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SET LOCAL", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


@contextmanager
def sqlite_plans(store: Store) -> Iterator[list[str]]:
    """How SQLite goes about the statements of the block, step by step."""
    asked: list[tuple[str, Any]] = []
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    with store.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            seen += [row[-1] for row in plan]
