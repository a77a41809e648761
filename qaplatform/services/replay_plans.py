"""What of a changed rubric has to be judged anew, and what stands in the stored audits already.

A criterion that is judged as before keeps its stored outcomes; only points are made anew. It is judged as before where
its check, parameters and gates are the same and no word list that it names has changed, nor anything an observer reads:
which observers a check looks at nobody can tell from outside, so a change there means judging everything.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from qaplatform.audit.checking import checks
from qaplatform.audit.phrases import PhraseBook
from qaplatform.audit.rubric import Criterion, Rubric, Section

_JUDGED_BY = ("kind", "check", "params", "when", "effective", "options", "question", "hint")
_POINTS = ("weight", "deduction", "max_deduction")


@dataclass(frozen=True)
class ReplayPlan:
    """How to come from what ``old`` said to what ``new`` says."""

    old: Rubric
    new: Rubric
    judged: tuple[str, ...]
    """Criteria of ``new`` that are judged anew, in its order."""
    removed: tuple[str, ...]
    """Criteria of ``old`` that are gone."""
    is_whole: bool
    """Everything is judged anew."""
    rescores_all: bool
    """Points or verdicts may differ though no outcome does."""
    part: Rubric = field(repr=False, compare=False)
    """``new`` with only what is judged anew."""

    @property
    def watched(self) -> tuple[str, ...]:
        """The criteria whose failures may change in number."""
        return (*self.judged, *self.removed)


def replay_plan(old: Rubric, new: Rubric) -> ReplayPlan:
    """Compare two versions."""
    groups = {
        name
        for name in old.phrases.keys() | new.phrases.keys()
        if name not in old.phrases
        or name not in new.phrases
        or old.phrases[name].semantic() != new.phrases[name].semantic()
    }
    is_whole = _plain(old.observe) != _plain(new.observe) or any(_names(one, groups) for one in new.observe.values())
    before = {one.id: one for one in old.criteria}
    judged = tuple(
        one.id for one in new.criteria if is_whole or one.id not in before or _is_judged(before[one.id], one, groups)
    )
    removed = tuple(id for id in before if id not in {one.id for one in new.criteria})
    kept = [(before[one.id], one) for one in new.criteria if one.id not in judged]
    rescores = (
        bool(removed)
        or (old.pass_mark, old.scored_share_floor) != (new.pass_mark, new.scored_share_floor)
        or any(was.critical != now.critical or _points(was) != _points(now) for was, now in kept)
        or any(
            id in before
            and (before[id].critical, before[id].hint, _points(before[id])) != (it.critical, it.hint, _points(it))
            for id, it in ((one.id, one) for one in new.criteria)
        )
        or any(id not in before for id in judged)
    )
    return ReplayPlan(old, new, judged, removed, is_whole, rescores, _part(new, judged))


def _is_judged(old: Criterion, new: Criterion, groups: set[str]) -> bool:
    if any(_plain(getattr(old, name)) != _plain(getattr(new, name)) for name in _JUDGED_BY):
        return True
    # How many findings there were is kept only in the points that they cost.
    if (old.deduction or new.deduction) and _points(old) != _points(new):
        return True
    return new.params is not None and _names(new.params, groups)


def _points(one: Criterion) -> tuple[float | None, ...]:
    return tuple(getattr(one, name) for name in _POINTS)


def _names(params: msgspec.Struct, groups: set[str]) -> bool:
    """Whether parameters name one of some groups, or the beginning of its name."""
    named = set(_strings(msgspec.to_builtins(params)))
    return bool(named & groups) or any(
        group.startswith(text) for text in named if text.endswith(("_", ".", "-", ":", "/")) for group in groups
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*_strings(key), *_strings(inner))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _part(new: Rubric, judged: tuple[str, ...]) -> Rubric:
    wanted = set(judged)
    sections = [Section(one.id, one.title, tuple(it for it in one.criteria if it.id in wanted)) for one in new.sections]
    kept = tuple(one for one in sections if one.criteria)
    return msgspec.structs.replace(new, sections=kept, phrases=_book(new, [it for one in kept for it in one.criteria]))


def _book(new: Rubric, criteria: Sequence[Criterion]) -> PhraseBook:
    """The word lists that some criteria name, where they look at nothing else; all of them where they do."""
    if any(one.when.topic or _looks_around(one) for one in criteria):
        return new.phrases
    named = {text for one in criteria for text in _strings(_plain(one.params))}
    return PhraseBook(group for group in new.phrases.values() if group.id in named)


def _looks_around(one: Criterion) -> bool:
    """Whether a criterion's check reads what observers see."""
    if one.kind != "check":
        return False
    module = sys.modules[checks()[one.check or one.id].check.__module__]
    source = inspect.getsource(module)
    return ".observe(" in source or "audit.observers" in source
