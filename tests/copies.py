"""Databases that are filled once and copied for every other test that wants them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect

from qaplatform.store import migrating
from qaplatform.store.engine import Store
from tests.postgresql import Copy, PostgreSQL


@functools.cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/template.sqlite")
        migrating.upgrade(store)
        store.close()
        return Path(folder, "template.sqlite").read_bytes()


def migrated(path: Path) -> Store:
    """A migrated, empty SQLite database in a new file; migrating takes a second, and is done once."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_migrated())
    return Store(f"sqlite:///{path}")


_STATEMENTS: dict[tuple[str, str], list[tuple[str, Any]]] = {}


@pytest.fixture
def forms_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes an empty database one of some form is put down, and said again to the next empty one: a tenth of a second."""
    make_anew = migrating.make_anew

    def make_again(connection: Connection, form: str) -> None:
        if inspect(connection).get_table_names():
            make_anew(connection, form)
            return
        key = connection.dialect.name, form
        if key in _STATEMENTS:
            for statement, values in _STATEMENTS[key]:
                connection.exec_driver_sql(statement, values)
            return
        said: list[tuple[str, Any]] = []

        def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
            if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "EXPLAIN")):
                said.append((statement, values))

        event.listen(connection, "before_cursor_execute", note)
        make_anew(connection, form)
        event.remove(connection, "before_cursor_execute", note)
        _STATEMENTS[key] = said

    monkeypatch.setattr(migrating, "make_anew", make_again)


_COPIES: dict[tuple[object, ...], tuple[bytes | Copy, Any]] = {}


def fill_once(store: Store, fill: Callable[..., Any], *arguments: Any) -> Any:
    """Fill a database by a function, or with what the same call has filled another one of its kind with.

    Whatever was in the database is part of the copy, and goes where a copy takes its place. What the function returns is
    returned again: it must be of values that nobody changes.
    """
    assert fill.__closure__ is None, "what it writes must follow from its arguments alone"
    key = (fill.__module__, fill.__qualname__, *arguments, store.is_sqlite)
    if key not in _COPIES:
        returned = fill(store, *arguments)
        _COPIES[key] = (_copied(store), returned)
        return returned
    content, returned = _COPIES[key]
    if isinstance(content, Copy):
        PostgreSQL.running().fill(store.url.database or "", content)
        return returned
    assert store.file is not None
    store.close()
    for rest in ("-wal", "-shm"):
        store.file.with_name(store.file.name + rest).unlink(missing_ok=True)
    store.file.write_bytes(content)
    return returned


def _copied(store: Store) -> bytes | Copy:
    if store.file:
        store.close()  # Whoever leaves it last writes the log into the file.
        return store.file.read_bytes()
    return PostgreSQL.running().copied(store.url.database or "")
