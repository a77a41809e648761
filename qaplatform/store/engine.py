"""The database: SQLite in one file, or PostgreSQL by a URL; the same code on both.

Transactions are opened here and nowhere else: :meth:`Store.reading` sees one state and writes nothing,
:meth:`Store.writing` commits at its end or leaves nothing. On SQLite a writing transaction begins IMMEDIATE, so that
whoever reads first and writes then never fails for having been second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError

_BUSY_MILLISECONDS = 30_000
_BEGIN = "qaplatform_begin"


class StoreError(QAPlatformError):
    """The database cannot be used."""


class NoSpaceError(StoreError):
    """The disk is full; nothing was written. Free some space and try again."""


class Store:
    """A database and its transactions."""

    def __init__(self, url: str) -> None:
        """Take ``sqlite:///PATH`` or ``postgresql://…`` (psycopg 3); nothing is connected yet.

        Raises:
            StoreError: the URL is of neither kind.
        """
        self.url = _url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state; what it changes is thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block; an error in it leaves nothing.

        Raises:
            NoSpaceError: the disk is full.
            StoreError: reading or writing the disk failed.
        """
        engine = self.engine.execution_options(**{_BEGIN: "IMMEDIATE"})
        with _plain_errors(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if _says(error, "disk is full", "no space left", "disk full"):
            raise NoSpaceError from error
        if _says(error, "disk i/o error", "readonly database", "could not extend file", "malformed"):
            raise StoreError(f"the database could not be written: {error.orig}; nothing was changed") from error
        raise


def _says(error: OperationalError, *words: str) -> bool:
    text = str(error.orig).lower()
    return any(word in text for word in words)


def _url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database URL; write sqlite:///PATH or postgresql://USER@HOST/NAME") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreError(f"a database of kind {parsed.drivername!r} is not supported; there are sqlite and postgresql")
    return parsed


class _HintedCompiler(SQLiteCompiler):
    """Writes ``select().with_hint(table, "INDEXED BY …", "sqlite")`` out, which SQLAlchemy's own leaves away for SQLite."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        """What stands behind a table."""
        return text


def _sqlite(url: URL) -> Engine:
    connect_args = {"timeout": _BUSY_MILLISECONDS / 1000, "check_same_thread": False}
    # Parameters are what people wrote: they have no place in error messages and logs.
    engine = create_engine(url, connect_args=connect_args, hide_parameters=True)
    engine.dialect.statement_compiler = _HintedCompiler

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions are switched off: they begin late and never IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "secure_delete=ON",  # what is erased is overwritten
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(url: URL) -> Engine:
    # A plan made for any word is wrong for most; compiling it or calling helpers takes longer than our queries do;
    # and what they read lies in memory or on a disk without moving parts.
    settings = (
        "plan_cache_mode=force_custom_plan", "jit=off", "max_parallel_workers_per_gather=0", "random_page_cost=1.1",
    )  # fmt: skip
    ours = " ".join(f"-c {setting}" for setting in settings)
    connect_args = {"options": f"{ours} {url.query.get('options', '')}".strip()}
    return create_engine(
        url, connect_args=connect_args, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
    )
