"""What differs between two versions of a rubric: as criteria and word lists, and as lines of their files."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from qaplatform.audit.phrases import PhraseGroup
from qaplatform.audit.rubric import Criterion, Rubric

Subject = Literal["rubric", "criterion", "group", "observer"]
_LISTS = ("phrases", "patterns", "unless")
_LEFT_OUT = frozenset({"id", "mark", "examples", "hits", "misses"})


@dataclass(frozen=True)
class Change:
    """One thing that differs; ``before`` is ``None`` where it is new, ``after`` where it is gone.

    ``field`` is empty where the whole criterion or word list is new or gone. Of lists of words, what was ``added`` and
    ``removed`` stands for the whole.
    """

    subject: Subject
    id: str
    field: str = ""
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def changes_between(old: Rubric, new: Rubric) -> list[Change]:
    """All that a score or its words can depend on, in the order of the rubric."""
    out = [
        Change("rubric", new.id, name, _shown(getattr(old, name)), _shown(getattr(new, name)))
        for name in ("version", "title", "applies", "pass_mark", "scored_share_floor", "forbids_llm")
        if getattr(old, name) != getattr(new, name)
    ]
    out += _of_criteria(old, new)
    out += _of_groups(old.phrases, new.phrases)
    for name in dict.fromkeys((*old.observe, *new.observe)):
        out += _of_fields("observer", name, _plain(old.observe.get(name)), _plain(new.observe.get(name)))
    return out


def _of_criteria(old: Rubric, new: Rubric) -> Iterator[Change]:
    before, after = ({one.id: one for one in rubric.criteria} for rubric in (old, new))
    for id in dict.fromkeys((*after, *before)):
        if id not in before:
            yield Change("criterion", id, after=after[id].title.zh)
        elif id not in after:
            yield Change("criterion", id, before=before[id].title.zh)
        else:
            yield from _of_fields("criterion", id, _criterion(before[id]), _criterion(after[id]))
    kept = [[one.id for one in rubric.criteria if one.id in before and one.id in after] for rubric in (old, new)]
    if kept[0] != kept[1]:
        yield Change("rubric", new.id, "order", "、".join(kept[0]), "、".join(kept[1]))


def _criterion(one: Criterion) -> dict[str, Any]:
    """A criterion's fields, its parameters and wording one by one."""
    out: dict[str, Any] = {}
    for name in one.__struct_fields__:
        if name in _LEFT_OUT:
            continue
        value = getattr(one, name)
        if name in ("params", "wording", "when", "effective") and value is not None:
            plain = msgspec.to_builtins(value)
            out |= {f"{name}.{key}": inner for key, inner in plain.items()}
        else:
            out[name] = msgspec.to_builtins(value)
    return out


def _of_groups(old: Mapping[str, PhraseGroup], new: Mapping[str, PhraseGroup]) -> Iterator[Change]:
    for id in dict.fromkeys((*new, *old)):
        before, after = old.get(id), new.get(id)
        if before is None or after is None:
            words = after or before
            count = f"{sum(len(getattr(words, name)) for name in _LISTS)}"
            yield Change("group", id, before=None if before is None else count, after=None if after is None else count)
            continue
        for name in _LISTS:
            was, now = getattr(before, name), getattr(after, name)
            added, removed = tuple(x for x in now if x not in was), tuple(x for x in was if x not in now)
            if added or removed:
                yield Change("group", id, name, added=added, removed=removed)
        rest = [
            {key: value for key, value in one.semantic().items() if key not in (*_LISTS, "id")}
            for one in (before, after)
        ]
        yield from _of_fields("group", id, *rest)


def _of_fields(subject: Subject, id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield Change(subject, id, name, _shown(before), _shown(after))


def _plain(value: msgspec.Struct | None) -> dict[str, Any]:
    return {} if value is None else msgspec.to_builtins(value)


def _shown(value: Any) -> str:
    """A value as people read it."""
    value = msgspec.to_builtins(value)
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict) and value.keys() == {"zh", "en"}:
        return str(value["zh"] or value["en"])
    if isinstance(value, (str, int)):
        return str(value)
    return msgspec.json.encode(value).decode()


@dataclass(frozen=True)
class DiffLine:
    """A line of a unified diff."""

    kind: Literal["same", "added", "removed", "place"]
    text: str


@dataclass(frozen=True)
class FileDiff:
    """A file that differs, as a unified diff without its head."""

    path: str
    lines: tuple[DiffLine, ...]


_KINDS: Mapping[str, Literal["same", "added", "removed", "place"]] = {"+": "added", "-": "removed", "@": "place"}


def file_diffs(old: Mapping[str, str], new: Mapping[str, str]) -> list[FileDiff]:
    """The files that differ, comments and examples included."""
    out = []
    for path in dict.fromkeys((*new, *old)):
        before, after = old.get(path, ""), new.get(path, "")
        if before != after:
            lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
            out.append(FileDiff(path, tuple(DiffLine(_KINDS.get(one[:1], "same"), one) for one in lines)))
    return out
