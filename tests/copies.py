"""Databases that are filled once and copied for every other test that wants them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
