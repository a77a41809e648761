"""A backup of either database restores into either, whole or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from qaplatform.errors import QAPlatformError
from qaplatform.formats.writing.atomic import OutputError
from qaplatform.services.backing_up import (
    BackupDamagedError,
    BackupNewerError,
    FolderNotEmptyError,
    back_up,
    restore,
)
from qaplatform.store import migrating
from qaplatform.store.copying import NotEmptyError, RowRefusedError
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.tables import Base, Import, MessageRow, Note, Shop, Team
from tests.copies import forms_made_once
from tests.filling import ROWS, filled
from tests.postgresql import PostgreSQL
from tests.searching import ids_holding
from tests.stores import ONLY_SQLITE

NOW = datetime(2026, 11, 11, tzinfo=UTC)
FORMS_MADE_ONCE = pytest.mark.usefixtures(forms_made_once.__name__)


def dump(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with store.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two uploads."""
    folder = tmp_path / "from"
    (folder / "uploads" / "2026 年").mkdir(parents=True)
    (folder / "uploads" / "2026 年" / "聊天.txt").write_text("亲", encoding="gb18030")
    (folder / "uploads" / "big.bin").write_bytes(bytes(range(256)) * 9000)
    (folder / "secret-key").write_text("mine")
    return folder


@pytest.fixture(name="filled")
def _filled(store: Store) -> Store:
    return filled(store)


@pytest.fixture
def made(filled: Store, folder: Path, tmp_path: Path) -> Path:
    out = tmp_path / "backup.zip"
    back_up(filled, folder, out, now=NOW)
    return out


@pytest.fixture
def target(empty_store: Store) -> Store:
    """Somewhere to restore to, of each kind, without a table."""
    return empty_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def ready(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of ours without a row, of each kind."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "ready.sqlite")
        opened = Store(f"sqlite:///{tmp_path / 'ready.sqlite'}")
        yield opened
        opened.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create()
    yield server.opened(url)
    server.give_back(url)


def test_all_that_was_there_is_there_again_on_either_database(
    filled: Store, made: Path, target: Store, folder: Path, tmp_path: Path
) -> None:
    there = tmp_path / "to"
    there.mkdir()
    restored = restore(made, target, there)
    assert dump(target) == dump(filled)
    assert restored.rows == ROWS * len(Base.metadata.tables)
    assert restored.made_at == NOW
    assert migrating.current(target) == migrating.newest()
    for path in (folder / "uploads").rglob("*.*"):
        assert (there / path.relative_to(folder)).read_bytes() == path.read_bytes()
    assert not (there / "secret-key").exists()
    assert [path.name for path in there.iterdir()] == ["uploads"]

    # A backup of a backup is the same.
    again = back_up(target, there, tmp_path / "again.zip", now=NOW)
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(tmp_path / "again.zip") as two:
        first = {name: [json.loads(line) for line in one.open(name)] for name in one.namelist() if "tables/" in name}
        second = {name: [json.loads(line) for line in two.open(name)] for name in two.namelist() if "tables/" in name}
    assert first == second
    assert again.files.keys() == {"uploads/big.bin", "uploads/2026 年/聊天.txt"}

    # It can be searched and added to.
    with target.writing() as session:
        assert session.scalars(select(MessageRow.last_revision).order_by(MessageRow.id)).all()[-1] == 1
        assert ids_holding(session, "亲") == [1, 2, 3]
        session.add(Note(conversation_id=1, text="新", user_id=1, created_at=NOW))
        session.add(Team(name="新", created_at=NOW))
        session.flush()
        assert session.scalars(select(Note.id).order_by(Note.id.desc())).first() == ROWS + 1


@FORMS_MADE_ONCE
def test_only_an_empty_database_is_filled(made: Path, filled: Store, tmp_path: Path) -> None:
    before = dump(filled)
    with pytest.raises(NotEmptyError):
        restore(made, filled, tmp_path / "to")
    assert dump(filled) == before
    assert not (tmp_path / "to" / "uploads").exists()


def test_a_database_of_ours_without_a_row_is_empty(whole: Path, ready: Store, tmp_path: Path) -> None:
    restored = restore(whole, ready, tmp_path / "to")
    assert {name: len(rows) for name, rows in dump(ready).items()} == dict.fromkeys(Base.metadata.tables, ROWS)
    assert restored.rows == ROWS * len(Base.metadata.tables)


@FORMS_MADE_ONCE
def test_the_tables_of_others_are_left_alone(whole: Path, target: Store, tmp_path: Path) -> None:
    with target.writing() as session:
        session.execute(text("CREATE TABLE theirs (a INTEGER)"))
    with pytest.raises(NotEmptyError, match="theirs"):
        restore(whole, target, tmp_path / "to")
    assert inspect(target.engine).get_table_names() == ["theirs"]


@FORMS_MADE_ONCE
def test_uploads_that_are_there_are_not_written_over(whole: Path, target: Store, tmp_path: Path) -> None:
    mine = tmp_path / "to" / "uploads" / "mine.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("x")
    with pytest.raises(FolderNotEmptyError):
        restore(whole, target, tmp_path / "to")
    assert mine.read_text() == "x"
    assert inspect(target.engine).get_table_names() == []


@FORMS_MADE_ONCE
@ONLY_SQLITE  # Lines of a backup are the same, whatever they were written from, and wherever they go.
@pytest.mark.parametrize("empty_store", ["sqlite"], indirect=True)
def test_paths_of_uploads_follow_the_data_folder(filled: Store, folder: Path, target: Store, tmp_path: Path) -> None:
    kept, elsewhere = folder / "uploads" / "big.bin", tmp_path / "watched" / "day.csv"
    with filled.writing() as session:
        session.get_one(Import, 1).file_path = str(kept)
        session.get_one(Import, 2).file_path = str(elsewhere)
    back_up(filled, folder, tmp_path / "backup.zip", now=NOW)
    restore(tmp_path / "backup.zip", target, tmp_path / "to")
    with target.reading() as session:
        paths = session.scalars(select(Import.file_path).order_by(Import.id)).all()[:2]
    assert paths == [str(tmp_path / "to" / "uploads" / "big.bin"), str(elsewhere)]


# --- damage ----------------------------------------------------------------------------------------------


def _rewritten(change: Callable[[str, bytes], bytes | None]) -> Callable[[Path], None]:
    """Write an archive anew, its members changed; ``None`` leaves one out."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                if (changed := change(name, data)) is not None:
                    archive.writestr(name, changed)

    return spoil


def _in_manifest(**values: Any) -> Callable[[Path], None]:
    return _rewritten(
        lambda name, data: json.dumps(json.loads(data) | values).encode() if name == "manifest.json" else data
    )


def _in_member(wanted: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(name: str, data: bytes) -> bytes:
        assert name != wanted or old in data
        return data.replace(old, new, 1) if name == wanted else data

    return _rewritten(change)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 3 + 40):
        data[at] ^= 0xFF
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], None], type[QAPlatformError], str]] = {
    # First, for both databases: it is found when rows are in them.
    "a word is changed": (_in_member("tables/notes.jsonl", b"text 1", b"tent 1"), BackupDamagedError, "notes: changed"),
    "cut off": (_cut, BackupDamagedError, "no whole backup"),
    "bytes flipped": (_flipped, BackupDamagedError, "whole"),
    "no zip": (lambda path: path.write_bytes(b"hello") and None, BackupDamagedError, "no whole backup"),
    "empty": (lambda path: path.write_bytes(b"") and None, BackupDamagedError, "no whole backup"),
    "no manifest": (_rewritten(lambda n, d: None if n == "manifest.json" else d), BackupDamagedError, "manifest"),
    "manifest is no JSON": (_rewritten(lambda n, d: b"{" if n == "manifest.json" else d), BackupDamagedError, "says of"),
    "a table is missing": (_rewritten(lambda n, d: None if n == "tables/notes.jsonl" else d), BackupDamagedError, "notes"),
    "a row is missing": (
        _rewritten(lambda n, d: d.split(b"\n", 1)[1] if n == "tables/rulings.jsonl" else d), BackupDamagedError, "3 of 4",
    ),
    "a line is no JSON": (_in_member("tables/notes.jsonl", b'{"id"', b'{"id'), RowRefusedError, "notes"),
    "another column": (_in_member("tables/notes.jsonl", b'"text"', b'"test"'), RowRefusedError, "notes"),
    "a time is none": (_in_member("tables/notes.jsonl", b'"created_at":"2026', b'"created_at":"x026'), RowRefusedError, "notes"),
    "an upload is changed": (_in_member("files/uploads/big.bin", b"\x00\x01", b"\x01\x01"), BackupDamagedError, "big.bin"),
    "an upload elsewhere": (
        _in_manifest(files={"uploads/../../evil": {"count": 1, "sha256": "x"}}), BackupDamagedError, "evil",
    ),
    "an upload at the root": (_in_manifest(files={"/etc/evil": {"count": 1, "sha256": "x"}}), BackupDamagedError, "evil"),
    "a later format": (_in_manifest(format=2, program="9.0"), BackupNewerError, "9.0"),
    "a later form": (_in_manifest(form="far_ahead", program="9.0"), BackupNewerError, "9.0"),
    "a table too many": (
        _in_manifest(tables={"shops": {"count": 4, "sha256": "x"}}), BackupDamagedError, "tables of its form",
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup to be spoilt."""
    place = tmp_path_factory.mktemp("whole")
    shutil.copyfile(sqlite_template, place / "store.sqlite")
    (place / "uploads").mkdir()
    (place / "uploads" / "big.bin").write_bytes(bytes(range(256)) * 900)
    store = filled(Store(f"sqlite:///{place / 'store.sqlite'}"))
    back_up(store, place, place / "whole.zip", now=NOW)
    store.close()
    return place / "whole.zip"


@FORMS_MADE_ONCE
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_is_left_of_it(
    whole: Path, target: Store, tmp_path: Path, damage: str
) -> None:
    spoil, error, said = DAMAGES[damage]
    bad = tmp_path / "bad.zip"
    shutil.copyfile(whole, bad)
    spoil(bad)
    (tmp_path / "to").mkdir()
    with pytest.raises(error, match=said):
        restore(bad, target, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []
    if target.file:
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith("restored")] == []
    else:
        assert inspect(target.engine).get_table_names() == []


@FORMS_MADE_ONCE
def test_after_a_refused_backup_a_whole_one_fits(whole: Path, target: Store, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    shutil.copyfile(whole, bad)
    DAMAGES["a word is changed"][0](bad)
    with pytest.raises(BackupDamagedError):
        restore(bad, target, tmp_path)
    assert restore(whole, target, tmp_path).rows > 0


@pytest.fixture
def lax(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An SQLite database of ours, which takes what others have no room for."""
    shutil.copyfile(sqlite_template, tmp_path / "lax.sqlite")
    opened = Store(f"sqlite:///{tmp_path / 'lax.sqlite'}")
    yield opened
    opened.close()


@FORMS_MADE_ONCE
def test_what_one_database_has_no_room_for_is_said(tmp_path: Path, lax: Store, postgresql: PostgreSQL) -> None:
    with lax.writing() as session:
        session.add(Shop(id=1, code="s" * 101, name="x", created_at=NOW))
    back_up(lax, tmp_path / "none", tmp_path / "lax.zip", now=NOW)
    url = postgresql.create(empty=True)
    strict = postgresql.opened(url)
    with pytest.raises(RowRefusedError, match=r"shops.*too long"):
        restore(tmp_path / "lax.zip", strict, tmp_path / "to")
    assert inspect(strict.engine).get_table_names() == []
    postgresql.give_back_empty(url)


@FORMS_MADE_ONCE
def test_a_nul_becomes_a_mark_of_the_same_length_where_none_can_be_kept(
    tmp_path: Path, lax: Store, target: Store
) -> None:
    with lax.writing() as session:
        session.add(Shop(id=1, code="s", name="a\0b\\u0000", created_at=NOW))
    back_up(lax, tmp_path / "none", tmp_path / "lax.zip", now=NOW)
    restore(tmp_path / "lax.zip", target, tmp_path / "to")
    with target.reading() as session:
        assert session.get_one(Shop, 1).name == ("a\0b\\u0000" if target.is_sqlite else "a\ufffdb\\u0000")


def test_there_must_be_something_to_back_up(tmp_path: Path) -> None:
    nothing = Store(f"sqlite:///{tmp_path / 'nothing.sqlite'}")
    with pytest.raises(StoreError, match="no database"):
        back_up(nothing, tmp_path, tmp_path / "out.zip", now=NOW)
    nothing.close()
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_no_file(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        back_up(filled, tmp_path / "none", tmp_path / "nowhere" / "out.zip", now=NOW)
    if filled.file:
        filled.close()
        with sqlite3.connect(filled.file) as spoilt:
            spoilt.execute("DROP TABLE search_terms")
            spoilt.execute("UPDATE notes SET created_at = 'never'")
        spoilt.close()
        with pytest.raises(ValueError, match="never"):
            back_up(filled, tmp_path / "none", tmp_path / "out.zip", now=NOW)
    assert not list(tmp_path.glob("out*"))


@FORMS_MADE_ONCE
def test_a_backup_and_what_is_restored_of_it_are_for_their_owner_alone(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "backup.zip"
    out.write_bytes(b"an older one, for everybody")
    out.chmod(0o644)
    back_up(store, folder, out, now=NOW)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    target = Store(f"sqlite:///{there / 'x.sqlite'}")
    restore(out, target, there)
    target.close()
    assert stat.S_IMODE((there / "uploads").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in there.rglob("*") if path.is_file()} == {0o600}
