"""Rubrics from their files, with everything this release can check, observe and ask.

Word lists that have been read are kept between runs: reading those of a full rubric takes more than a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec

import qaplatform.audit
from qaplatform.audit.checking import checks
from qaplatform.audit.observing import observers
from qaplatform.audit.phrase_loading import Read
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.rubric_loading import check_rubric, load_rubric
from qaplatform.resources import shipped_prompts
from qaplatform.services.file_store import FileStore, cache_folder


def read_rubric(path: str, read: Read, *, prompts: Collection[str] | None = None) -> Rubric:
    """A rubric with all it includes; see :func:`qaplatform.audit.rubric_loading.load_rubric`.

    Raises:
        RubricError: with every mistake of all files.
    """
    return load_rubric(path, read, checks(), _observed(), prompts=prompts, kept=_kept_phrases())


def look_through(path: str, read: Read, *, thorough: bool) -> tuple[Rubric | None, tuple[Problem, ...]]:
    """A rubric (``None`` if it cannot be used) and everything that is wrong or doubtful in its files."""
    return check_rubric(
        path, read, checks(), _observed(), prompts=shipped_prompts(), thorough=thorough, kept=_kept_phrases()
    )


def _observed() -> dict[str, type[msgspec.Struct]]:
    return {name: one.params for name, one in observers().items()}


@cache
def _kept_phrases() -> FileStore:
    """What another release would find in word lists, or say of them, is other files."""
    core = sorted(Path(qaplatform.audit.__path__[0]).glob("*.py"))
    sources = hashlib.sha256(b"".join(one.read_bytes() for one in core)).hexdigest()
    return FileStore(cache_folder(), "phrases", f"{sources}:{version('google-re2')}:{version('hyperscan')}")
