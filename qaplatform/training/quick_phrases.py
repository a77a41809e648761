"""Beginnings of sentences that a candidate inserts by a key: ``packs/quick_phrases.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.resources import shipped_file

MOST = 9
"""The keys 1 to 9."""


class QuickPhraseError(SourceError):
    """The quick phrases cannot be used; see ``problems``."""


class QuickPhrase(msgspec.Struct, frozen=True):
    """The beginning of a sentence; never one that is an answer by itself."""

    id: str
    title: Words
    says: Words


class _File(msgspec.Struct, frozen=True):
    phrases: tuple[QuickPhrase, ...]


def load_quick_phrases(path: Path) -> tuple[QuickPhrase, ...]:
    """The phrases of a file, nine at most.

    Raises:
        QuickPhraseError: with every mistake in it.
    """
    report = Report()
    report.opened(path.as_posix())
    root = compose(path.as_posix(), path.read_text(encoding="utf-8-sig"), report)
    found = read_struct(Values(report), root, _File, say("the file of quick phrases"))
    if found is None or report.problems:
        raise QuickPhraseError(report.problems)
    return found.phrases[:MOST]


@lru_cache(maxsize=1)
def shipped_quick_phrases() -> tuple[QuickPhrase, ...]:
    """The phrases that ship with the program."""
    return load_quick_phrases(shipped_file("packs", "quick_phrases.yaml"))
