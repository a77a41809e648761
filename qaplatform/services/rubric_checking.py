"""What is wrong with the files of a draft: the same mistakes at path:line:column as ``rubric check`` says, but quicker.

A thorough check tries every pattern in Hyperscan, which takes most of a minute. What a published version holds was tried
before; so only the groups that differ from it are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import msgspec

from qaplatform.audit.pattern_lint import hyperscan_mistake
from qaplatform.audit.phrase_loading import read_phrase_file
from qaplatform.audit.phrases import PhraseGroup
from qaplatform.audit.problem import Problem, Report
from qaplatform.audit.rubric import Rubric
from qaplatform.services.rubric_reading import look_through

_MOST_KEPT = 12


@dataclass(frozen=True)
class Checked:
    """A rubric out of some files, ``None`` with any error, and all errors and warnings."""

    rubric: Rubric | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being used."""
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What should be better."""
        return tuple(one for one in self.problems if one.severity == "warning")


_kept: dict[str, Checked] = {}
_lock = Lock()


def digest_of(code: str, files: Mapping[str, str]) -> str:
    """What tells some files from others, comments and all."""
    return hashlib.sha256(msgspec.json.encode([code, dict(files)], order="deterministic")).hexdigest()


def checked(code: str, files: Mapping[str, str], base: Rubric | None) -> Checked:
    """The rubric in some files and its mistakes; patterns that ``base`` has are known to be good."""
    key = digest_of(code, files) + (base.phrases.content_hash if base else "")
    with _lock:
        if key in _kept:
            return _kept[key]
    found = _checked(code, files, base)
    with _lock:
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
    return found


def _checked(code: str, files: Mapping[str, str], base: Rubric | None) -> Checked:
    rubric, problems = look_through(f"{code}.yaml", files.__getitem__, thorough=False)
    if rubric is None:
        return Checked(None, problems)
    known = base.phrases if base else {}
    refused = [one for one in rubric.phrases.values() if _is_refused(one, known.get(one.id))]
    if not refused:
        return Checked(rubric, problems)
    more = Report()
    for path in dict.fromkeys(one.mark.path for one in refused):
        read_phrase_file(path, files[path], more, {}, thorough=True)
    every = dict.fromkeys((*problems, *more.problems))
    return Checked(None, tuple(sorted(every, key=lambda one: (one.path, one.line, one.column, one.message))))


def _is_refused(group: PhraseGroup, before: PhraseGroup | None) -> bool:
    for name in ("patterns", "unless"):
        patterns: tuple[str, ...] = getattr(group, name)
        known = set(getattr(before, name)) if before else set()
        new = tuple(one for one in patterns if one not in known)
        if new and hyperscan_mistake(new) is not None:
            return True
    return False
