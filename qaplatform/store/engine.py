"""The database: SQLite in one file, or PostgreSQL by a URL; the same code on both.

Transactions are opened here and nowhere else: :meth:`Store.reading` sees one state and writes nothing,
:meth:`Store.writing` commits at its end or leaves nothing. On SQLite a writing transaction begins IMMEDIATE, so that
whoever reads first and writes then never fails for having been second.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from qaplatform.store.faults import NoSpaceError, StoreError, plain_faults

__all__ = ["NoSpaceError", "Store", "StoreError"]

_BUSY_SECONDS = 30.0
"""So long a transaction waits for another's; ``?busy_seconds=…`` in the URL says otherwise."""
_BUSY_OPTION = "busy_seconds"
_BEGIN = "qaplatform_begin"


class Store:
    """A database and its transactions."""

    def __init__(self, url: str) -> None:
        """Take ``sqlite:///PATH`` or ``postgresql://…`` (psycopg 3); nothing is connected yet.

        Raises:
            StoreError: the URL is of neither kind.
        """
        self.url, busy_seconds = _url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (_sqlite if self.is_sqlite else _postgresql)(self.url, busy_seconds)
        self._busy_seconds = busy_seconds
        self._writer = Lock() if self.is_sqlite else None

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state; what it changes is thrown away.

        Raises:
            StoreFaultError: the database cannot be read; says why (``store/faults.py``).
        """
        with plain_faults(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block; an error in it leaves nothing.

        Raises:
            StoreFaultError: the disk is full, the database locked, damaged, away …; says which (``store/faults.py``).
        """
        engine = self.engine.execution_options(**{_BEGIN: "IMMEDIATE"})
        with (
            self._turn(),
            plain_faults(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Threads of this process write to SQLite in turn.

        SQLite itself lets those who wait sleep and try again, longer each time: under load somebody waits for seconds while
        others come and go. Whoever waits too long tries all the same, and hears from SQLite what is the matter.
        """
        if self._writer is None:
            yield
            return
        has_turn = self._writer.acquire(timeout=self._busy_seconds)
        try:
            yield
        finally:
            if has_turn:
                self._writer.release()

    @contextmanager
    def rebuilding(self) -> Iterator[Session]:
        """A writing transaction in which tables may be made anew: SQLite looks at foreign keys at its end only.

        Otherwise dropping a table there would take along the rows that point at it, before it is back.

        Raises:
            StoreError: at the end something points at what is not there.
            StoreFaultError: as in :meth:`writing`.
        """
        engine = self.engine.execution_options(**{_BEGIN: "IMMEDIATE"})
        with plain_faults(), engine.connect() as connection:
            if not self.is_sqlite:
                with connection.begin(), Session(connection, expire_on_commit=False) as session:
                    yield session
                    session.flush()
                return
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # does nothing within a transaction
            try:
                with connection.begin(), Session(connection, expire_on_commit=False) as session:
                    yield session
                    session.flush()
                    _check_foreign_keys(connection)
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"a row of {broken[0]} points at a row of {broken[2]} that is not there; nothing was changed")


def _url(url: str) -> tuple[URL, float]:
    """The URL, and how long a transaction waits for another's."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database URL; write sqlite:///PATH or postgresql://USER@HOST/NAME") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreError(f"a database of kind {parsed.drivername!r} is not supported; there are sqlite and postgresql")
    said = parsed.query.get(_BUSY_OPTION, str(_BUSY_SECONDS))
    try:
        return parsed.difference_update_query([_BUSY_OPTION]), max(0.0, float(str(said)))
    except ValueError as error:
        raise StoreError(f"{_BUSY_OPTION}={said} in the database URL is no number of seconds") from error


class _HintedCompiler(SQLiteCompiler):
    """Writes ``select().with_hint(table, "INDEXED BY …", "sqlite")`` out, which SQLAlchemy's own leaves away for SQLite."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        """What stands behind a table."""
        return text


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    connect_args = {"timeout": busy_seconds, "check_same_thread": False}
    # Parameters are what people wrote: they have no place in error messages and logs.
    engine = create_engine(url, connect_args=connect_args, hide_parameters=True)
    engine.dialect.statement_compiler = _HintedCompiler

    @event.listens_for(engine, "do_connect")
    def before_connect(_dialect: Any, _record: Any, arguments: list[Any], _named: dict[str, Any]) -> None:
        # What lies in it is for its owner alone, wherever it lies; SQLite gives the files beside it the same rights.
        if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
            with suppress(OSError):  # It is there, or cannot be made, which SQLite says in better words.
                os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions are switched off: they begin late and never IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={round(busy_seconds * 1000)}",
            "secure_delete=ON",  # what is erased is overwritten
            "cache_size=-65536",
            "journal_size_limit=67108864",  # what a long import beside long readings made of the log goes again
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(url: URL, busy_seconds: float) -> Engine:
    # A plan made for any word is wrong for most; compiling it or calling helpers takes longer than our queries do;
    # and what they read lies in memory or on a disk without moving parts.
    settings = (
        "plan_cache_mode=force_custom_plan", "jit=off", "max_parallel_workers_per_gather=0", "random_page_cost=1.1",
        f"lock_timeout={round(busy_seconds * 1000)}",
    )  # fmt: skip
    ours = " ".join(f"-c {setting}" for setting in settings)
    connect_args = {"options": f"{ours} {url.query.get('options', '')}".strip()}
    return create_engine(
        url, connect_args=connect_args, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
    )
