"""What the database files keep, and that every column that holds words is accounted for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import JSON, String, text

from qaplatform.store import overwriting
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base
from tests.copies import migrated


def test_the_list_of_places_that_hold_words_names_every_column(repository: Path) -> None:
    listed = (repository / "docs" / "erasure.md").read_text(encoding="utf-8")
    columns = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(getattr(column.type, "impl", column.type), String | JSON)
    ]
    assert len(columns) > 60
    assert [name for name in columns if f"`{name}`" not in listed] == []


@pytest.fixture
def sqlite(tmp_path: Path) -> Store:
    store = migrated(tmp_path / "store.sqlite")
    yield store
    store.close()


def _filled_and_emptied(store: Store) -> None:
    """Rows of changing sizes in changing order, so that pages are split and filled up; in the end all words are gone."""
    chance = random.Random(3)
    ids = list(range(1, 2001))
    chance.shuffle(ids)
    with store.writing() as session:
        session.execute(text("CREATE TABLE words (id INTEGER PRIMARY KEY, said TEXT)"))
        session.execute(text("CREATE INDEX by_said ON words (said)"))
    for _ in range(8):
        with store.writing() as session:
            said = ["canary" + "".join(chance.choices("abcdefgh", k=chance.choice([3, 50, 400, 1500]))) for _ in ids]
            session.execute(
                text("INSERT INTO words VALUES (:id, :said) ON CONFLICT (id) DO UPDATE SET said = :said"),
                [{"id": id, "said": one} for id, one in zip(ids, said, strict=True)],
            )
    with store.writing() as session:
        session.execute(text("UPDATE words SET said = '' WHERE id % 10 > 0"))
        session.execute(text("UPDATE words SET said = 'x'"))


def test_what_pages_keep_between_their_rows_goes_when_every_page_is_written_anew(sqlite: Store) -> None:
    _filled_and_emptied(sqlite)
    assert sqlite.file
    overwriting.overwrite(sqlite, every_page=False)
    assert b"canary" in sqlite.file.read_bytes()
    overwriting.overwrite(sqlite, every_page=True)
    files = [path for path in sqlite.file.parent.iterdir() if path.is_file()]
    assert len(files) >= 1
    assert [path.name for path in files if b"canary" in path.read_bytes()] == []


def test_a_reader_that_does_not_end_is_said_and_nothing_is_lost(sqlite: Store) -> None:
    with sqlite.writing() as session:
        session.execute(text("CREATE TABLE words (said TEXT)"))
    with sqlite.reading() as reader:
        reader.execute(text("SELECT count(*) FROM words")).all()
        with sqlite.writing() as session:
            session.execute(text("INSERT INTO words VALUES ('x')"))
        with pytest.raises(overwriting.StillReadError):
            overwriting.overwrite(sqlite, every_page=False, busy_seconds=0.05)
    overwriting.overwrite(sqlite, every_page=True)
    with sqlite.reading() as reader:
        assert reader.execute(text("SELECT said FROM words")).all() == [("x",)]


def test_other_connections_keep_their_settings(store: Store) -> None:
    overwriting.overwrite(store, every_page=True)
    if store.is_sqlite:
        with store.reading() as session:
            assert session.scalar(text("PRAGMA busy_timeout")) == 30_000
            assert session.scalar(text("PRAGMA temp_store")) == 2
