"""Compiled matchers, kept on disk between runs: compiling a full rubric takes seconds, loading it milliseconds.

The cache is only ever an economy: an unwritable folder, a damaged or foreign file is passed over. Its folder is
``QAPLATFORM_CACHE``, else ``qaplatform`` in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.matching import Matcher
from qaplatform.audit.rubric import Rubric

_DIGEST = 32


def cache_folder() -> Path:
    """Where compiled matchers are kept."""
    named = os.environ.get("QAPLATFORM_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "qaplatform"


class FileStore:
    """Byte strings by key in a folder; each file begins with the hash of the rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or ``None``."""
        try:
            content = self._path(key).read_bytes()
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

    def _path(self, key: str) -> Path:
        here = f"{key}:{version('hyperscan')}:{platform.machine()}:{platform.processor()}"
        return self._folder / f"{hashlib.sha256(here.encode()).hexdigest()[:32]}.hsdb"


_MOST_READY = 3
"""What judged before a change, what judges after it, and what is tried out at the desk."""
_ready: dict[str, Matcher] = {}


def compiled_auditor(rubric: Rubric, context: Context) -> Auditor:
    """An auditor whose matcher comes from the cache where it can."""
    key = rubric.phrases.content_hash
    matcher = _ready.get(key)
    if matcher is None:
        matcher = Matcher(rubric.phrases, FileStore(cache_folder()))
        for old in list(_ready)[: len(_ready) - _MOST_READY + 1]:
            _ready.pop(old, None)
        _ready[key] = matcher
    return Auditor(rubric, context, matcher=matcher)
