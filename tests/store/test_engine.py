"""Transactions on both databases."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text

from qaplatform.store.engine import Store, StoreError
from qaplatform.store.tables import Setting, Team

NOW = datetime(2026, 11, 11, 20, 0, 3, 250_000, tzinfo=UTC)


def test_what_is_written_is_there_with_its_zone(store: Store) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.writing() as session:
        session.add(Team(name="售后一组", created_at=local))
    with store.reading() as session:
        team = session.scalars(select(Team)).one()
    assert (team.name, team.created_at, team.created_at.tzinfo) == ("售后一组", NOW, UTC)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="has no zone"), store.writing() as session:
        session.add(Team(name="x", created_at=NOW.replace(tzinfo=None)))


def test_an_error_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.writing() as session:
            session.add(Team(name="x", created_at=NOW))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with store.reading() as session:
        assert session.scalars(select(Team)).all() == []


def test_reading_writes_nothing(store: Store) -> None:
    with store.reading() as session:
        session.add(Team(name="x", created_at=NOW))
        session.flush()
    with store.reading() as session:
        assert session.scalars(select(Team)).all() == []


def test_readers_that_go_on_to_write_wait_for_each_other(store: Store) -> None:
    with store.writing() as session:
        session.add(Setting(name="counter", value=0))

    def count_up() -> None:
        for _ in range(20):
            with store.writing() as session:
                counter = session.get_one(Setting, "counter", with_for_update=True)
                counter.value += 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.get_one(Setting, "counter").value == 80


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "oracle://x"])
def test_other_databases_are_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite"):
        Store(url)


def test_an_sqlite_file_is_for_its_owner_alone_in_whatever_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    store = Store(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with store.writing() as session:
        session.execute(text("CREATE TABLE x (y)"))
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()
    assert files == {"x.sqlite": 0o600, "x.sqlite-wal": 0o600, "x.sqlite-shm": 0o600}
