"""Real databases for tests: an SQLite file, or a database of a PostgreSQL server that is brought up for the tests.

Every test gets a database of its own, copied from one that was migrated once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Pool, event, func, select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Base
from tests.copies import migrated
from tests.postgresql import PostgreSQL


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
    migrated(path).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        migrated(path).close()
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.give_back(url)


ONLY_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
"""For what the other kind of database does not have."""


@pytest.fixture
def store(request: pytest.FixtureRequest, store_url: str) -> Iterator[Store]:
    """A migrated, empty database, once of each kind."""
    if not store_url.startswith("sqlite"):
        yield request.getfixturevalue("postgresql").opened(store_url)
        return
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
        other = migrated(tmp_path / "other.sqlite")
        yield other
        other.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create()
    yield server.opened(url)
    server.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table, once of each kind."""
    server: PostgreSQL | None = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    if server:
        url = server.create(empty=True)
        yield server.opened(url)
        server.give_back_empty(url)
        return
    opened = Store(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def nothing_is_kept_for_a_power_failure() -> Iterator[None]:
    """SQLite waits for the disk at every commit; tests have thousands of them, and no power failure."""

    def on_checkout(connection: object, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            with suppress(sqlite3.Error):  # Whoever uses it hears what is the matter with it.
                connection.execute("PRAGMA synchronous=OFF")

    event.listen(Pool, "checkout", on_checkout)
    yield
    event.remove(Pool, "checkout", on_checkout)
