"""Word lists that have been read, kept between runs: reading those of a full rubric takes more than a second."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import qaplatform.audit
from qaplatform.services.file_store import FileStore, cache_folder


@cache
def kept_phrases() -> FileStore:
    """Where they lie. What another release would find in them, or say of them, is other files."""
    core = sorted(Path(qaplatform.audit.__path__[0]).glob("*.py"))
    sources = hashlib.sha256(b"".join(one.read_bytes() for one in core)).hexdigest()
    return FileStore(cache_folder(), "phrases", f"{sources}:{version('google-re2')}:{version('hyperscan')}")
