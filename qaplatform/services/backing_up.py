"""Backups: one file with everything, made while the server runs, restored into either kind of database.

The file is a zip: a table is ``tables/<name>.jsonl``, a row a line; ``files/…`` are the uploads of the data folder; and
``manifest.json`` says which program and which form of the database made it, with count and SHA-256 of every part. What is
wrong with a backup is found out before anything of it is seen in the database.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, ClassVar

import msgspec

from qaplatform import __version__
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.formats.writing.atomic import explained, whole_file
from qaplatform.services.uploads import FOLDER as UPLOADS_FOLDER
from qaplatform.store import copying, migrating
from qaplatform.store.engine import Store, StoreError

FORMAT = 1
_MANIFEST = "manifest.json"
_WITH_PATHS = "imports"
"""The table that names files of the data folder."""
_SPOILT = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError, OSError, OverflowError,
    struct.error,
)  # fmt: skip
"""What ``zipfile`` raises where an archive is not whole: what it is made of, packed with (``NotImplementedError``: a compression it
does not know), or where its parts lie."""
_CHUNK_BYTES = 1024 * 1024
_QUICK = 3
"""zlib's level: three quarters of what the slowest level saves, in a quarter of its time."""


class BackupDamagedError(InputError):
    """This file is no whole backup; take another copy of it."""

    exit_code: ClassVar[int] = 2


class BackupNewerError(InputError):
    """This backup was made by a newer release; install that one and restore it there."""

    exit_code: ClassVar[int] = 2


class FolderNotEmptyError(QAPlatformError):
    """There are uploads in the data folder already; name another with --data."""


class Part(msgspec.Struct, frozen=True):
    """A part of a backup: how many rows or bytes, and their SHA-256."""

    count: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself; ``form`` is the database's, ``missing`` are uploads that went while it was made."""

    format: int
    program: str
    form: str
    made_at: datetime
    tables: dict[str, Part]
    files: dict[str, Part] = {}
    missing: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(part.count for part in self.tables.values())


# --- making --------------------------------------------------------------------------------------------


def back_up(store: Store, data_folder: Path, out: Path, *, now: datetime) -> Manifest:
    """Write a backup and give what it says of itself; it appears when it is whole, or not at all.

    Raises:
        StoreError: there is no database.
        OutputError: the file cannot be written.
    """
    form = migrating.current(store) if store.file is None or store.file.is_file() else None
    if form is None:
        raise StoreError("there is no database of this program; nothing was written")
    # It holds what customers wrote, unmasked.
    whole = whole_file(out, private=True)
    with whole as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as archive:
        tables = {}
        with copying.one_state(store) as connection:
            for table in copying.tables_in(connection):
                lines = copying.lines_of(connection, table, partial(_movable, table.name, data_folder))
                tables[table.name] = _write(archive, f"tables/{table.name}.jsonl", lines)
            # Within the transaction: what it says of files is not much older than the files.
            files, missing = _write_files(archive, data_folder)
        manifest = Manifest(FORMAT, __version__, form, now, tables, files, tuple(missing))
        archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def _write_files(archive: zipfile.ZipFile, data_folder: Path) -> tuple[dict[str, Part], list[str]]:
    files: dict[str, Part] = {}
    missing = []
    folder = data_folder / UPLOADS_FOLDER
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not path.is_file() or path.is_symlink():
            continue
        name = path.relative_to(data_folder).as_posix()
        try:
            with path.open("rb") as file:
                files[name] = _write(archive, f"files/{name}", _pieces(file), measure=len)
        except FileNotFoundError:
            missing.append(name)
    return files, missing


def _write(
    archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes], *, measure: Callable[[bytes], int] = lambda _: 1
) -> Part:
    """Write pieces as one member; how much there was."""
    digest = hashlib.sha256()
    count = 0
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            digest.update(piece)
            count += measure(piece)
    return Part(count, digest.hexdigest())


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK_BYTES):
        yield piece


def _movable(table: str, data_folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    """A row that does not say where the data folder is: another may take its place."""
    if table == _WITH_PATHS and row["file_path"] is not None:
        path = Path(row["file_path"])
        if path.is_relative_to(data_folder.absolute() / UPLOADS_FOLDER):
            row["file_path"] = path.relative_to(data_folder.absolute()).as_posix()
    return row


def _moved(table: str, data_folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    """The row again, for its new place."""
    if table == _WITH_PATHS and (row["file_path"] or "").startswith(f"{UPLOADS_FOLDER}/"):
        row["file_path"] = str(data_folder.absolute() / row["file_path"])
    return row


# --- restoring -----------------------------------------------------------------------------------------


def restore(file: Path, store: Store, data_folder: Path) -> Manifest:
    """Fill an empty database and data folder from a backup, and take them to the newest form; all of it or nothing.

    Raises:
        BackupDamagedError: it is no backup, or not whole.
        BackupNewerError: a newer release made it.
        NotEmptyError: there is something in the database.
        FolderNotEmptyError: there are uploads in the data folder.
        RowRefusedError: the database has no room for something.
        OutputError, StoreFaultError: the disk is full, or fails.
    """
    was_there = store.file is None or store.file.exists()
    with explained(data_folder):
        data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with _reading(file):
            archive = zipfile.ZipFile(file)
        with archive:
            manifest = _manifest(archive, file)
            _fill(store, archive, manifest, data_folder, file)
    except BaseException:
        if not was_there:
            _remove_database(store)
        raise
    return manifest


def _remove_database(store: Store) -> None:
    store.close()
    if store.file is not None:
        for name in (store.file.name + end for end in ("", "-wal", "-shm")):
            store.file.with_name(name).unlink(missing_ok=True)


def _fill(store: Store, archive: zipfile.ZipFile, manifest: Manifest, data_folder: Path, file: Path) -> None:
    with _unpacked(archive, manifest, data_folder, file) as uploads:
        with copying.restoring(store, manifest.form) as target:
            if strange := manifest.tables.keys() ^ target.tables.keys():
                named = ", ".join(sorted(strange))
                raise BackupDamagedError(f"it has not the tables of its form: {named}", file=str(file))
            for name in target.tables:
                digest = hashlib.sha256()
                lines = _lines(archive, f"tables/{name}.jsonl", digest, file)
                count = target.insert(name, lines, partial(_moved, name, data_folder))
                _check(file, name, manifest.tables[name], Part(count, digest.hexdigest()))
            target.finish()
            uploads.put_in_place()
        uploads.keep()


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Whatever a spoilt archive brings about, said in our words."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=str(file)) from error
    except _SPOILT as error:
        raise BackupDamagedError(f"{BackupDamagedError().reason} ({error})", file=str(file)) from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    with _reading(file):
        data = archive.read(_MANIFEST)
    try:
        made_by = msgspec.json.decode(data, type=_MadeBy)
        if made_by.format > FORMAT or made_by.form not in migrating.known():
            said = (
                f"made by release {made_by.program}, and this is {__version__}; install that one and restore it there"
            )
            raise BackupNewerError(said, file=str(file))
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupDamagedError(f"what it says of itself cannot be read: {error}", file=str(file)) from error


class _MadeBy(msgspec.Struct, frozen=True):
    """What every format of a manifest says."""

    format: int
    program: str
    form: str


def _lines(archive: zipfile.ZipFile, name: str, digest: hashlib._Hash, file: Path) -> Iterator[bytes]:
    # What the caller does with a line is done outside of these blocks.
    with _reading(file), archive.open(name) as member:
        for line in member:
            digest.update(line)
            yield line


def _check(file: Path, name: str, wanted: Part, found: Part) -> None:
    if wanted != found:
        said = (
            f"{name}: {found.count} of {wanted.count} are there" if found.count != wanted.count else f"{name}: changed"
        )
        raise BackupDamagedError(f"it is not whole ({said}); take another copy of it", file=str(file))


class _Uploads:
    """The uploads of a backup: unpacked beside their place, moved there at the end, and gone unless they are kept."""

    def __init__(self, data_folder: Path) -> None:
        self._place = data_folder / UPLOADS_FOLDER
        self.draft = data_folder / f"{UPLOADS_FOLDER}.{os.getpid()}.restoring"
        self._moved = self._kept = False
        if self._place.exists() and any(self._place.iterdir()):
            raise FolderNotEmptyError

    def put_in_place(self) -> None:
        """Move them to where they belong."""
        with explained(self._place):
            self._put_in_place()

    def _put_in_place(self) -> None:
        if self.draft.exists():
            if self._place.exists():
                self._place.rmdir()
            self.draft.rename(self._place)
            self._moved = True

    def keep(self) -> None:
        """All went well."""
        self._kept = True

    def close(self) -> None:
        """Leave nothing of what is not kept."""
        for folder, is_ours in ((self.draft, True), (self._place, self._moved and not self._kept)):
            if is_ours and folder.exists():
                shutil.rmtree(folder)


@contextmanager
def _unpacked(archive: zipfile.ZipFile, manifest: Manifest, data_folder: Path, file: Path) -> Iterator[_Uploads]:
    uploads = _Uploads(data_folder)
    try:
        for name, part in manifest.files.items():
            target = _inside(uploads.draft, name, file)
            with explained(target):
                uploads.draft.mkdir(mode=0o700, exist_ok=True)
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "xb", opener=_for_owner) as out:
                    _check(file, name, part, _copied(archive, name, out, file))
                    out.flush()
                    os.fsync(out.fileno())
        yield uploads
    finally:
        uploads.close()


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _inside(draft: Path, name: str, file: Path) -> Path:
    parts: Sequence[str] = PurePosixPath(name).parts
    if len(parts) < 2 or parts[0] != UPLOADS_FOLDER or any(part in ("..", "/") or "\\" in part for part in parts):
        raise BackupDamagedError(f"{name!r} is no upload", file=str(file))
    return draft.joinpath(*parts[1:])


def _copied(archive: zipfile.ZipFile, name: str, out: IO[bytes], file: Path) -> Part:
    digest = hashlib.sha256()
    count = 0
    for piece in _unpacked_pieces(archive, name, file):
        out.write(piece)
        digest.update(piece)
        count += len(piece)
    return Part(count, digest.hexdigest())


def _unpacked_pieces(archive: zipfile.ZipFile, name: str, file: Path) -> Iterator[bytes]:
    with _reading(file), archive.open(f"files/{name}") as member:
        yield from _pieces(member)
