"""Files on their way in: written straight into the data folder, and given a name only when they are whole.

What lies there are other people's conversations: a file is gone as soon as it is taken in (``services/intake.py``), a
part of one when its upload breaks off, and whatever a crash left behind with the next upload.
"""

from __future__ import annotations

import fcntl
import io
import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from qaplatform.formats.inputs import SUFFIXES
from qaplatform.store.faults import FULL, NoSpaceError, StoreFaultError

FOLDER = "uploads"
ABANDONED_AFTER = timedelta(hours=1)
"""Nobody asks any more for a file that no import has named for so long, or writes to a part that has not grown for so long."""
_LOCKED_AFTER = timedelta(seconds=2)
"""By then whoever began a part has locked it."""
_PART = ".part"
_MOST_NAME_CHARS = 300


class UploadsFolderError(StoreFaultError):
    """The folder for uploads cannot be written to; the file was not kept. See to its disk and its owner, and try again."""

    code: ClassVar[str] = "uploads.folder"


class UploadPart(io.BufferedRandom):
    """A file that is being written. Unless it is kept, it is gone when it is closed."""

    def __init__(self, handle: int, path: Path) -> None:
        self._path: Path | None = path
        super().__init__(io.FileIO(handle, "r+"))

    @classmethod
    def begin(cls, data_folder: Path) -> UploadPart:
        """Begin a file; the folder is made if it is not there.

        Raises:
            NoSpaceError, UploadsFolderError: it cannot be written.
        """
        folder = data_folder / FOLDER
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(_PART, "", folder)  # for its owner alone
            # The system lets go of the lock when this process ends, in whatever way.
            with suppress(OSError):  # Some file systems know no locks; see left_behind().
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _plain(error) from error
        return cls(handle, Path(name))

    def write(self, data: object, /) -> int:
        """Write more.

        Raises:
            NoSpaceError: the disk is full.
            UploadsFolderError: the disk cannot be written.
        """
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as error:
            raise _plain(error) from error

    def keep(self, name: str) -> Path:
        """Give the whole file a name of its own with the suffix of ``name``, and make sure that it is on the disk.

        Raises:
            NoSpaceError: the disk is full.
            UploadsFolderError: the disk cannot be written.
        """
        if self._path is None:
            raise ValueError("the file was kept or closed before")
        kept = self._path.with_name(secrets.token_hex(16) + suffix_of(name))
        try:
            self.flush()
            os.fsync(self.fileno())
            self._path.rename(kept)
            self._path = None
            _sync_folder(kept.parent)
        except OSError as error:
            raise _plain(error) from error
        return kept

    def close(self) -> None:
        """Close it, and remove it if it was not kept."""
        try:
            super().close()
        except OSError:
            # What did not reach the disk is about to be removed; a kept file was flushed before.
            self.raw.close()
        finally:
            if self._path is not None:
                self._path.unlink(missing_ok=True)
                self._path = None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(error: OSError) -> StoreFaultError:
    if error.errno in FULL:
        return NoSpaceError(error.strerror)
    return UploadsFolderError(str(error))


def suffix_of(name: str) -> str:
    """The suffix by which readers know a file, in small letters, with ``.gz`` behind; empty where it says nothing."""
    suffixes = [one.lower() for one in Path(name).suffixes]
    packed = suffixes[-1:] == [".gz"]
    plain = suffixes[:-1] if packed else suffixes
    known = plain[-1] if plain and plain[-1] in SUFFIXES else ""
    return known + (".gz" if packed else "")


def shown_name(name: str | None) -> str:
    """The name somebody's file has, without folders and what cannot be shown; some browsers send whole paths."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(char if char.isprintable() else "\ufffd" for char in last).strip()
    return kept[-_MOST_NAME_CHARS:] or "upload"


def left_behind(data_folder: Path, *, now: datetime) -> tuple[Sequence[Path], Sequence[Path]]:
    """Parts that nobody writes to any more, and whole files that have lain there for long."""
    folder = data_folder / FOLDER
    parts: list[Path] = []
    files: list[Path] = []
    for entry in os.scandir(folder) if folder.is_dir() else ():
        try:
            age = timedelta(seconds=now.timestamp() - entry.stat().st_mtime)
            if not entry.is_file(follow_symlinks=False):
                continue
            if not entry.name.endswith(_PART):
                files += [Path(entry.path)] if age > ABANDONED_AFTER else []
            elif age > ABANDONED_AFTER or (age > _LOCKED_AFTER and _is_free(Path(entry.path))):
                parts.append(Path(entry.path))
        except FileNotFoundError:
            continue
    return parts, files


def _is_free(part: Path) -> bool:
    """Whether the process that wrote a part is gone; it held a lock on it."""
    with part.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def remove(paths: Sequence[Path | str]) -> None:
    """Remove files, those that are gone already as well."""
    for path in paths:
        Path(path).unlink(missing_ok=True)
