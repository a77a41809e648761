"""What was costly to make, kept on disk between runs.

It is only ever an economy: an unwritable folder, a damaged file or one of somebody else's is passed over.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DIGEST = 32
_PATIENCE_SECONDS = 120.0
_STEP_SECONDS = 0.05


def cache_folder() -> Path:
    """Where it is kept: ``QAPLATFORM_CACHE``, else ``qaplatform`` in the user's cache folder."""
    named = os.environ.get("QAPLATFORM_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "qaplatform"


class FileStore:
    """Byte strings by key in a folder; each file begins with the hash of the rest."""

    def __init__(self, folder: Path, suffix: str, made_by: str) -> None:
        """Take a folder, how files end, and what makes their contents: another maker's are other files."""
        self._folder, self._suffix, self._made_by = folder, suffix, made_by

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or ``None``."""
        path = self._path(key)
        try:
            if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
                return None
            content = path.read_bytes()
        except OSError:
            return None
        body = content[_DIGEST:]
        return body if hashlib.sha256(body).digest() == content[:_DIGEST] else None

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key, if the folder lets us."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            Path(name).replace(self._path(key))
        except OSError:
            return

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Make what is to be kept under a key while no other process makes the same.

        Nobody waits for ever, and nobody where the folder cannot be written: then it is made twice.
        """
        path = self._path(key).with_suffix(".lock")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = path.open("ab")
        except OSError:
            yield
            return
        with lock:
            until = time.monotonic() + _PATIENCE_SECONDS
            while not _locked(lock.fileno()) and time.monotonic() < until:
                time.sleep(_STEP_SECONDS)
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        here = f"{key}:{self._made_by}"
        return self._folder / f"{hashlib.sha256(here.encode()).hexdigest()[:32]}.{self._suffix}"


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
