"""Overwriting what was taken out of the database, so that no file of it holds it any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from qaplatform.store.engine import Store, StoreError
from qaplatform.store.faults import StoreBusyError, fault_of, plain_faults

_PURGED_TABLES = (
    "conversations", "messages", "findings", "work_items", "search_terms", "sent_texts", "llm_answers", "llm_calls", "grades",
    "drill_cards", "learning_texts", "learning_versions",
)  # fmt: skip
_ERASED_TABLES = (
    *_PURGED_TABLES, "conversation_marks", "customers", "cases", "notes", "rulings", "imports", "import_problems", "push_batches",
    "watched_files", "saved_searches", "sample_plans", "samples", "reviews", "added_findings", "jobs", "grading_runs",
    "problem_points", "daily_logs", "log_answers", "step_records",
)  # fmt: skip


class StillReadError(StoreError):
    """Somebody reads the database without end, and what was erased cannot be overwritten meanwhile; it is tried again."""


def overwrite(store: Store, *, every_page: bool, busy_seconds: float = 30.0) -> None:
    """See to it that no file of the database holds what was taken out of it; outside of any transaction.

    SQLite overwrites what is deleted (``secure_delete``), but a page that was split or filled up may keep an old copy
    beside its rows: ``every_page`` writes all of them anew (VACUUM), which takes as much space again and keeps writers
    waiting meanwhile. The write-ahead log is emptied. PostgreSQL is told to clear the tables; what it and its write-ahead
    log keep is up to the server.

    Raises:
        StillReadError: a reader does not end, so that the log cannot be emptied.
        StoreFaultError: the disk has no room for it, or fails.
    """
    if not store.is_sqlite:
        with plain_faults(), store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in _ERASED_TABLES:
                connection.exec_driver_sql(f"VACUUM {name}")
        return
    with _outside_transactions(store) as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
        if every_page:
            # In memory, where temporary tables are otherwise, or in a small system folder there may be no room for it.
            cursor.execute("PRAGMA temp_store = FILE")
            cursor.execute(f"PRAGMA temp_store_directory = '{_folder(store)}'")
            cursor.execute("VACUUM")
        is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        raise StillReadError


@contextmanager
def _outside_transactions(store: Store) -> Iterator[sqlite3.Cursor]:
    """A connection of its own to SQLite, closed at the end, so that its settings stay with nobody."""
    pooled = store.engine.raw_connection()
    pooled.detach()
    try:
        connection = pooled.dbapi_connection
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(f"{store.url} is not SQLite")
        yield connection.cursor()
    except sqlite3.Error as error:
        fault = fault_of(error)
        if isinstance(fault, StoreBusyError):
            raise StillReadError from error
        raise fault or StoreError(f"the database could not be written anew: {error}; nothing was changed") from error
    finally:
        pooled.close()


def _folder(store: Store) -> str:
    return str(store.file.absolute().parent).replace("'", "''") if store.file else ""
