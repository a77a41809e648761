"""Databases that cannot be used for a while: full, locked, read-only, damaged, on a disk that fails. The faults are real.

SQLite is given no more pages, a lock that somebody else holds, a damaged file, a disk that takes no more bytes. A PostgreSQL
server's disk cannot be filled by a test: a trigger raises what the server would.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from qaplatform.store.engine import Store
from qaplatform.store.faults import (
    DiskFaultError,
    NoSpaceError,
    StoreBusyError,
    StoreDamagedError,
    StoreFaultError,
    StoreReadOnlyError,
)
from qaplatform.store.tables import Base

Kind = Literal["full", "busy", "read_only", "disk", "damaged"]
KINDS: dict[Kind, type[StoreFaultError]] = {
    "full": NoSpaceError,
    "busy": StoreBusyError,
    "read_only": StoreReadOnlyError,
    "disk": DiskFaultError,
    "damaged": StoreDamagedError,
}
_RAISED = {
    "full": ("53100", 'could not extend file "base/1/2": No space left on device'),
    "disk": ("58030", 'could not read block 7 in file "base/1/2": Input/output error'),
    "damaged": ("XX001", 'invalid page in block 7 of relation "base/1/2"'),
}


def impatient(url: str, seconds: float = 0.2) -> str:
    """The URL of a database whose transactions wait so long for others."""
    return make_url(url).update_query_dict({"busy_seconds": str(seconds)}).render_as_string(hide_password=False)


def damage(store: Store) -> None:
    """Overwrite all pages of an SQLite file but the first."""
    store.close()
    assert store.file is not None
    with store.file.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


@contextmanager
def small_files(most_bytes: int) -> Iterator[None]:
    """No file of this process can grow over so many bytes."""
    before, compiling = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Half a compiled module would stay, and break whoever loads it next.
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = compiling


@contextmanager
def broken(store: Store, kind: Kind, *tables: str) -> Iterator[None]:
    """The database cannot be written in the block; on PostgreSQL only some tables, if they are named."""
    store.engine.dispose()
    with ExitStack() as stack:
        stack.callback(store.engine.dispose)
        stack.enter_context(_sqlite(store, kind) if store.is_sqlite else _postgresql(store, kind, tables))
        yield


@contextmanager
def _sqlite(store: Store, kind: Kind) -> Iterator[None]:
    if kind == "damaged":
        damage(store)
        yield
        return
    if kind == "disk":
        with small_files(1):
            yield
        return
    if kind == "busy":
        other = sqlite3.connect(str(store.file), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()
        return

    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        if kind == "read_only":
            connection.execute("PRAGMA query_only = ON")
        else:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store.engine, "connect", on_connect)
    try:
        yield
    finally:
        event.remove(store.engine, "connect", on_connect)


@contextmanager
def _postgresql(store: Store, kind: Kind, tables: tuple[str, ...]) -> Iterator[None]:
    names = tables or tuple(table.name for table in Base.metadata.sorted_tables)
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as own:
        if kind == "busy":
            with own.transaction():
                own.execute(f"LOCK TABLE {', '.join(names)} IN SHARE MODE".encode())
                yield
            return
        if kind == "read_only":
            name = store.url.database
            own.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
            try:
                yield
            finally:
                own.execute("SET default_transaction_read_only = off")
                own.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
            return
        code, said = _RAISED[kind]
        raising = f"BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = '{code}'; END"
        own.execute(f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$".encode())
        for name in names:
            trigger = f"CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON {name} EXECUTE FUNCTION fault()"
            own.execute(trigger.encode())
        try:
            yield
        finally:
            own.execute("DROP FUNCTION fault CASCADE")
