"""Disks that are full or fail, databases that are locked, damaged or away: said in plain words, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from qaplatform.store import copying, migrating
from qaplatform.store.engine import Store
from qaplatform.store.faults import FAULTS, NoSpaceError, StoreAwayError, StoreDamagedError, StoreError
from qaplatform.store.tables import Setting
from tests.faults import KINDS, Kind, broken, damage, impatient
from tests.stores import ONLY_POSTGRESQL


@pytest.fixture
def hasty(store_url: str) -> Iterator[Store]:
    """A database that waits a fifth of a second for others."""
    made = Store(impatient(store_url))
    yield made
    made.close()


def fill(store: Store) -> None:
    with store.writing() as session:
        for number in range(300):
            session.add(Setting(name=f"s{number}", value="x" * 1000))
            session.flush()


def count(store: Store) -> int:
    with store.reading() as session:
        return session.scalars(select(func.count()).select_from(Setting)).one()


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_fails_says_why_and_leaves_nothing(hasty: Store, kind: Kind) -> None:
    with broken(hasty, kind):
        with pytest.raises(KINDS[kind]) as caught:
            fill(hasty)
        assert caught.value.message.startswith(KINDS[kind]().message)
        assert "x" * 20 not in caught.value.message
    if kind == "damaged" and hasty.is_sqlite:
        return
    assert count(hasty) == 0
    fill(hasty)
    assert count(hasty) == 300


def test_a_damaged_file_cannot_be_read_either(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{tmp_path / 'a.sqlite'}")
    damage(store)
    with pytest.raises(StoreDamagedError, match="restore the last backup"):
        count(store)
    with pytest.raises(StoreDamagedError), copying.one_state(store) as connection:
        copying.tables_in(connection)
    assert not migrating.is_ready(store)
    store.close()


def test_a_file_that_is_no_database_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite"
    path.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreDamagedError):
        migrating.upgrade(store)
    store.close()
    assert path.read_text(encoding="utf-8").startswith("Dear Sir")


def test_a_database_that_is_not_there_is_away(store: Store, tmp_path: Path) -> None:
    if store.is_sqlite:
        url = f"sqlite:///{tmp_path / 'nowhere' / 'a.sqlite'}"
    else:
        url = store.url.set(database="nowhere").render_as_string(hide_password=False)
    other = Store(url)
    with pytest.raises(StoreAwayError):
        count(other)
    with pytest.raises(StoreError, match="cannot be reached"):
        migrating.current(other)
    other.close()


@ONLY_POSTGRESQL
def test_a_server_that_hangs_up_in_the_middle_is_away_and_comes_back(hasty: Store) -> None:
    address = hasty.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def interrupted() -> None:
        with hasty.writing() as session, psycopg.connect(address, autocommit=True) as other:
            session.add(Setting(name="half", value=1))
            session.flush()
            backend = session.scalar(text("SELECT pg_backend_pid()"))
            other.execute("SELECT pg_terminate_backend(%s)", (backend,))
            session.add(Setting(name="whole", value=1))

    with pytest.raises(StoreAwayError):
        interrupted()
    assert count(hasty) == 0
    fill(hasty)


def test_a_lock_is_waited_for_as_long_as_the_url_says(store_url: str) -> None:
    assert make_url(impatient(store_url)).query["busy_seconds"] == "0.2"
    assert "busy_seconds" not in Store(impatient(store_url)).url.query
    with pytest.raises(StoreError, match="no number"):
        Store("sqlite:///a.sqlite?busy_seconds=soon")


def test_a_reader_is_not_kept_waiting_by_a_writer(hasty: Store) -> None:
    with broken(hasty, "busy"):
        assert count(hasty) == 0


def test_every_fault_says_what_happened_and_the_way_out() -> None:
    for kind in FAULTS:
        assert len(kind().message.split(". ")) >= 2 or ";" in kind().message, kind
        assert kind("the driver's word").message == f"{kind().message} (the driver's word)"
    assert NoSpaceError().args == (NoSpaceError().message,)
