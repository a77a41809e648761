"""Watched folders: files that were put there and stand still are taken in, each content once; nothing is moved.

A file that is still being written is left alone: it is taken at the second look at which its size and time are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from qaplatform.errors import InputError
from qaplatform.formats.inputs import SUFFIXES, known_suffix
from qaplatform.services.intake import ImportOptions, register_upload, upload_of
from qaplatform.services.jobs import JobCancelledError, JobRun
from qaplatform.store import imports
from qaplatform.store.imports import WatchedFolder

WATCH_KIND = "watch"
_STANDS_STILL = timedelta(seconds=2)
"""Between two looks there must be so much time, however soon the next one comes."""
_UNFINISHED = (".part", ".tmp", ".crdownload")
_MOST_NAME_CHARS = 500


class Look(msgspec.Struct, frozen=True, array_like=True):
    """A file as it was seen: its size, its time, since when it has stood so, and whether it was taken."""

    size_bytes: int
    changed_ns: int
    since: datetime
    is_taken: bool = False


def watch(run: JobRun) -> None:
    """Handler of the periodic job ``watch``: one look into every shop's folder."""
    with run.store.reading() as session:
        folders = imports.watched_folders(session)
    for number, folder in enumerate(folders, start=1):
        if run.cancel_asked():
            raise JobCancelledError
        _look_into(run, folder)
        with run.writing() as session:
            run.progress(session, number, len(folders))


def _look_into(run: JobRun, folder: WatchedFolder) -> None:
    with run.store.reading() as session:
        before = imports.looks_of(session, folder.shop_id)
    known = {name: msgspec.convert(seen, Look) for name, seen in before.items()}
    looks: dict[str, Look] = {}
    for name, path in _files(Path(folder.path)):
        look = _look_at(path, known.get(name), run.now())
        if look is None:
            continue
        if _stands_still(look, run.now()):
            look = _take(run, folder, name, path, look)
        looks[name] = look
    if looks != known:
        with run.writing() as session:
            imports.set_looks(session, folder.shop_id, msgspec.to_builtins(looks))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files of kinds that can be read, by their paths inside the folder; links and hidden names are passed over."""
    for parent, names, file_names in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(file_names):
            path = Path(parent, name)
            inside = path.relative_to(folder).as_posix()
            hidden = name.startswith((".", "~$")) or path.suffix.lower() in _UNFINISHED
            if not hidden and known_suffix(path) in SUFFIXES and not path.is_symlink() and _can_be_kept(inside):
                yield inside, path


def _can_be_kept(name: str) -> bool:
    """Whether a name is short enough, and no bytes that are no text."""
    return len(name) <= _MOST_NAME_CHARS and name == name.encode("utf-8", "replace").decode()


def _look_at(path: Path, before: Look | None, now: datetime) -> Look | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if before is not None and (before.size_bytes, before.changed_ns) == (status.st_size, status.st_mtime_ns):
        return before
    return Look(status.st_size, status.st_mtime_ns, now)


def _stands_still(look: Look, now: datetime) -> bool:
    return not look.is_taken and now - look.since >= _STANDS_STILL


def _take(run: JobRun, folder: WatchedFolder, name: str, path: Path, look: Look) -> Look:
    """Register a file that stands still, unless its content was registered before; it is not looked at again."""
    try:
        upload = upload_of(path, name)
    except InputError:
        return look
    if _look_at(path, look, run.now()) is not look or upload.size_bytes != look.size_bytes:
        return look
    with run.writing() as session:
        watched = imports.note_watched_file(session, folder.shop_id, name, upload.sha256, now=run.now())
        if watched is not None:
            import_id = register_upload(
                session, upload, shop_id=folder.shop_id, origin="folder",
                options=ImportOptions(), user_id=None, now=run.now(),
            )  # fmt: skip
            imports.watched_file_taken(session, watched, import_id)
    return msgspec.structs.replace(look, is_taken=True)
