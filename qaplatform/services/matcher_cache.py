"""Compiled matchers, kept between runs: compiling a full rubric takes seconds, loading it milliseconds."""

from __future__ import annotations

import platform
from importlib.metadata import version

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.matching import Matcher
from qaplatform.audit.rubric import Rubric
from qaplatform.services.file_store import FileStore, cache_folder

_MOST_READY = 3
"""What judged before a change, what judges after it, and what is tried out at the desk."""
_ready: dict[str, Matcher] = {}


def compiled_auditor(rubric: Rubric, context: Context) -> Auditor:
    """An auditor whose matcher comes from the cache where it can."""
    key = rubric.phrases.content_hash
    matcher = _ready.get(key)
    if matcher is None:
        made_by = f"{version('hyperscan')}:{platform.machine()}:{platform.processor()}"
        matcher = Matcher(rubric.phrases, FileStore(cache_folder(), "hsdb", made_by))
        for old in list(_ready)[: len(_ready) - _MOST_READY + 1]:
            _ready.pop(old, None)
        _ready[key] = matcher
    return Auditor(rubric, context, matcher=matcher)
