"""Rubrics and contexts as they were when they judged, loaded from what the database keeps of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.services.rubric_reading import read_rubric
from qaplatform.services.rubrics import rubrics_in_force

_log = logging.getLogger(__name__)
_MOST_KEPT = 16
_rubrics: dict[str, Rubric | None] = {}
_lock = Lock()
_loading = Lock()


def prepare() -> None:
    """Load the rubrics in force, which takes a second or two: whoever serves pages does it before the first of them."""
    in_force()


def in_force() -> tuple[Rubric, ...]:
    """The rubrics in force; two threads that ask at once do not load them twice."""
    with _loading:
        return tuple(one.rubric for one in rubrics_in_force())


def rubric_known(content_hash: str) -> Rubric | None:
    """A rubric that needs no loading: one in force, or one that was loaded before."""
    known = _rubrics.get(content_hash)
    return known or next((one for one in in_force() if one.content_hash == content_hash), None)


def rubric_of(content_hash: str, code: str, files: Callable[[], Mapping[str, str] | None]) -> Rubric | None:
    """A version of a rubric; ``files`` is asked for its YAML by path where it is not known yet.

    ``None`` where this release cannot read it any more: what it said stands in the audit, only its words are missing.
    """
    known = rubric_known(content_hash)
    if known is not None or content_hash in _rubrics:
        return known
    with _lock:
        # Threads that ask for the same at once, as those that ask models do, would all load it.
        if content_hash not in _rubrics:
            rubric = _loaded(code, files() or {})
            if len(_rubrics) >= _MOST_KEPT:
                _rubrics.pop(next(iter(_rubrics)))
            _rubrics[content_hash] = rubric
        return _rubrics[content_hash]


def _loaded(code: str, files: Mapping[str, str]) -> Rubric | None:
    try:
        return read_rubric(f"{code}.yaml", files.__getitem__)
    except (QAPlatformError, KeyError):
        _log.warning("a kept version of the rubric %s cannot be read by this release", code, exc_info=True)
        return None


@lru_cache(maxsize=64)
def _context(body: bytes) -> Context | None:
    try:
        return msgspec.json.decode(body, type=Context)
    except msgspec.ValidationError:
        _log.warning("a kept context cannot be read by this release", exc_info=True)
        return None


def context_of(body: Mapping[str, Any] | None) -> Context | None:
    """What an audit knew beside the conversation; ``None`` where nothing readable is kept of it."""
    if not body or "context" not in body:
        return None
    return _context(msgspec.json.encode(body["context"]))
