"""YAML text → nodes that know where they stand.

Nothing is interpreted here: a scalar stays the text it was written as, so that ``no`` is no ``False`` and
``09:00`` no number; :mod:`qaplatform.audit.yaml_values` reads it as what is wanted at its place.
Aliases, anchors, tags, several documents and repeated keys are refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from qaplatform.audit.problem import Mark, Report
from qaplatform.audit.saying import Saying, say
from qaplatform.audit.yaml_complaints import complaint

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 24
"""Levels of nesting; more is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; ``plain`` = without quotes, ``source`` = the raw line(s) it stands in."""

    value: str
    mark: Mark
    style: str = ""
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def plain(self) -> bool:
        """Written without quotes and not as a block."""
        return self.style == ""

    @property
    def empty(self) -> bool:
        """Written as nothing, ``null`` or ``~``."""
        return self.plain and self.value in ("", "null", "~")

    def inside(self, index: int) -> Mark:
        """Where character ``index`` of the value stands; the scalar's own place where that cannot be told."""
        if self.style in ("|", ">"):
            return self.at_line(self.value.count("\n", 0, index) + 1) if self.style == "|" else self.mark
        raw = self.lines[0] if self.lines else ""
        begin = self.mark.column - 1 + (not self.plain)
        if self.style == "'":
            shift = self.value.count("'", 0, index)
            written, head = self.value.replace("'", "''"), index + shift
        else:
            written, head = self.value, index
        if raw[begin : begin + len(written)] != written:
            return self.mark
        return Mark(self.mark.path, self.mark.line, begin + head + 1)

    def at_line(self, number: int) -> Mark:
        """Where line ``number`` (from 1) of a literal block's value begins; else the scalar's own place."""
        if self.style != "|" or number >= len(self.lines):
            return self.mark
        raw = self.lines[number]
        return Mark(self.mark.path, self.mark.line + number, len(raw) - len(raw.lstrip()) + 1)


@dataclass(frozen=True, slots=True)
class Items:
    """A YAML sequence."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Pairs:
    """A YAML mapping; keys are texts, none twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    mark: Mark


Node = Scalar | Items | Pairs


def describe(node: Node) -> Saying:
    """A node in the words of a message."""
    if isinstance(node, Items):
        return say("a list")
    if isinstance(node, Pairs):
        return say("a mapping")
    if node.empty:
        return say("nothing")
    return say("{text!r}", text=node.value if len(node.value) <= 40 else node.value[:39] + "…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of ``known`` is near, else nothing."""
    near = difflib.get_close_matches(word[:60], list(known), n=1)
    return say("; did you mean {name!r}?", name=near[0]) if near else ""


def compose(path: str, text: str, report: Report) -> Node | None:
    """The one document of a YAML text, or ``None`` with the reason in ``report``. Raises nothing.

    Where the text holds what stands for bytes that were not UTF-8, that is an error beside others it may have.
    """
    report.opened(path)
    text = text.removeprefix("\ufeff")
    is_utf8(path, text, report)
    bad = _UNPRINTABLE.search(text)
    if bad:
        line, begin = text.count("\n", 0, bad.start()) + 1, text.rfind("\n", 0, bad.start()) + 1
        report.error(
            Mark(path, line, bad.start() - begin + 1),
            say("character U+{number:04X} cannot stand in YAML", number=ord(bad[0])),
        )
        return None
    return _Composer(path, text, report).document()


def is_utf8(path: str, text: str, report: Report) -> bool:
    """Whether a text was UTF-8 when it was read (:func:`qaplatform.resources.folder_texts`); the report says where it was not."""
    place = text.find("\ufffd")
    if place >= 0:
        report.error(Mark(path, text.count("\n", 0, place) + 1), say("the file is not written in UTF-8"))
    return place < 0


class _RefusedError(Exception):
    """The text cannot be composed; the reason is in the report."""


class _Composer:
    """Builds nodes from the parser's events, whose classes differ between PyYAML's two parsers (hence ``Any``)."""

    def __init__(self, path: str, text: str, report: Report) -> None:
        self._path, self._report = path, report
        self._lines = text.split("\n")
        self._events = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Node | None:
        try:
            root: Node | None = None
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        second = self._mark(event.start_mark)
                        self._report.error(second, say("a second document; one file holds one document"))
                        return None
                    root = self._node(next(self._events), 0)
            if root is None or (isinstance(root, Scalar) and root.empty):
                self._report.error(Mark(self._path), say("the file is empty"))
                return None
            return root
        except _RefusedError:
            return None
        except yaml.YAMLError as error:
            place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            said = [getattr(error, "context", None), getattr(error, "problem", None)]
            parts = [complaint(part) for part in said if part] or [say("it cannot be read")]
            reason = say("{context}, {problem}", context=parts[0], problem=parts[1]) if parts[1:] else parts[0]
            self._report.error(
                self._mark(place) if place else Mark(self._path), say("this is no YAML: {reason}", reason=reason)
            )
            return None

    def _mark(self, mark: Any) -> Mark:
        return Mark(self._path, mark.line + 1, mark.column + 1)

    def _refuse(self, where: Mark, message: Saying) -> _RefusedError:
        self._report.error(where, message)
        return _RefusedError()

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._mark(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(
                mark, say("the alias *{anchor} is not allowed; write the value out", anchor=event.anchor)
            )
        if getattr(event, "anchor", None) is not None:
            raise self._refuse(mark, say("the anchor &{anchor} is not allowed", anchor=event.anchor))
        if getattr(event, "tag", None) is not None:
            raise self._refuse(mark, say("the tag {tag} is not allowed", tag=event.tag))
        if depth > _DEEPEST:
            raise self._refuse(mark, say("nested deeper than {count} levels", count=_DEEPEST))
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            for inner in self._events:
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                items.append(self._node(inner, depth + 1))
            return Items(tuple(items), mark)
        if isinstance(event, yaml.MappingStartEvent):
            return Pairs(self._pairs(depth), mark)
        return self._scalar(event, mark)

    def _pairs(self, depth: int) -> tuple[tuple[Scalar, Node], ...]:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key, value = self._node(event, depth + 1), self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._report.error(key, say("a key must be a word, not {found}", found=describe(key)))
            elif key.value in pairs:
                first = pairs[key.value][0].mark.line
                self._report.error(
                    key, say("key {key!r} is given twice, first in line {line}", key=key.value, line=first)
                )
            else:
                pairs[key.value] = (key, value)
        return tuple(pairs.values())

    def _scalar(self, event: Any, mark: Mark) -> Scalar:
        if _UNPRINTABLE.search(event.value):
            raise self._refuse(mark, say("a control character stands in this text"))
        style = event.style or ""
        last = event.end_mark.line if style in ("|", ">") else mark.line
        return Scalar(event.value, mark, style, tuple(self._lines[mark.line - 1 : last + 1]))
