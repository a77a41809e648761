"""A file of a draft as forms: what stands in it, with the mistakes of each field, and writing back what was changed.

Only what differs from what stands there is written, at the marks of its nodes (``services/yaml_edits.py``), so that form
and YAML are two views of the same text. What is nonsense is written as well: the mistake then stands at its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from qaplatform.audit.checking import checks
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.services.rubric_fields import (
    FieldSpec,
    criterion_fields,
    group_fields,
    rubric_fields,
    section_fields,
    template,
)
from qaplatform.services.yaml_edits import Path, UneditableYamlError, Value, YamlText

Subject = Literal["rubric", "section", "criterion", "group"]
MOVES = ("up", "down", "remove")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")


@dataclass(frozen=True)
class FormItem:
    """Something in a file that has a form; ``key`` names it in the address."""

    key: str
    subject: Subject
    path: Path
    title: str
    problem_count: int


@dataclass(frozen=True)
class FormField:
    """A field as it stands in the draft."""

    spec: FieldSpec
    name: str
    value: str
    line: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ItemForm:
    """The form of one item."""

    item: FormItem
    fields: tuple[FormField, ...]
    problems: tuple[Problem, ...]
    """Those that belong to no field."""
    lines: tuple[int, int]
    """Where it stands in the file, first and last line."""
    check: str | None
    is_first: bool
    is_last: bool


def items_of(text: YamlText, problems: Sequence[Problem]) -> list[FormItem]:
    """What in a file has a form; ``problems`` are those of this file."""
    out: list[FormItem] = []

    def add(key: str, subject: Subject, path: Path, title: str) -> None:
        first, last = text.lines_of(path)
        count = sum(first <= one.line <= last for one in problems if one.severity == "error") if path else 0
        out.append(FormItem(key, subject, path, title, count))

    if text.find(["groups"]) is not None:
        for name, node in _pairs(text.find(["groups"])):
            add(name, "group", ("groups", name), _title(node) or name)
        return out
    root = "rubric" if text.find(["sections"]) is not None else "section"
    if isinstance(text.root, yaml.MappingNode):
        add("", root, (), _title(text.root))  # type: ignore[arg-type]
    for above in _lists(text):
        for place, node in enumerate(_nodes(text.find(above))):
            key = _plain(text.find([*above, place, "id"])) or f"{place + 1}"
            add(key, "criterion", (*above, place), _title(node) or key)
    return out


def item_of(text: YamlText, key: str) -> FormItem:
    """One of them.

    Raises:
        UneditableYamlError: there is none of that name.
    """
    found = next((one for one in items_of(text, ()) if one.key == key), None)
    if found is None:
        raise UneditableYamlError
    return found


def form_of(text: YamlText, item: FormItem, problems: Sequence[Problem]) -> ItemForm:
    """The form of an item."""
    check, specs = _specs(text, item)
    first, last = text.lines_of(item.path)
    mine = [one for one in problems if first <= one.line <= last] if item.path else list(problems)
    spans = {place: _span(text, [*item.path, *spec.path]) for place, spec in enumerate(specs)}
    at: dict[int, list[Problem]] = {}
    rest = []
    for one in mine:
        place = _place_of(one, spans) or _above(one, text, item, specs)
        if place is None:
            rest.append(one)
        else:
            at.setdefault(place - 1, []).append(one)
    fields = tuple(
        FormField(
            spec, "|".join(map(str, spec.path)), _shown(text.find([*item.path, *spec.path]), spec),
            _line_of(spans[place]), tuple(at.get(place, ())),
        )
        for place, spec in enumerate(specs)
    )  # fmt: skip
    others = items_of(text, ()) if item.subject == "criterion" else []
    same = [one.key for one in others if one.path[:-1] == item.path[:-1]]
    own = tuple(one for one in rest if item.path or not _belongs_elsewhere(one, text))
    return ItemForm(
        item, fields, own, (first, last), check,
        is_first=bool(same) and same[0] == item.key, is_last=bool(same) and same[-1] == item.key,
    )  # fmt: skip


def with_posted(text: YamlText, item: FormItem, posted: Mapping[str, str]) -> YamlText:
    """The text after a form was sent; a check box that is not ticked is not among what was posted.

    Raises:
        UneditableYamlError: a place cannot be changed without disturbing others.
    """
    for one in form_of(text, item, ()).fields:
        new = posted.get(one.name, "false" if one.spec.kind == "flag" else one.value)
        new = "\n".join(line.rstrip() for line in new.replace("\r\n", "\n").strip().split("\n"))
        if new != one.value:
            text = text.with_value([*item.path, *one.spec.path], _value(new, one.spec))
    return text


def with_criterion(text: YamlText, check: str | None, taken: set[str], newest: Rubric) -> tuple[YamlText, str]:
    """The text with a criterion more, worded as the newest version words the same check; and its id.

    Raises:
        UneditableYamlError: the file has no list of criteria to add it to.
    """
    if check is not None and check not in checks():
        raise UneditableYamlError
    above = next(iter(reversed(_lists(text))), None)
    if above is None:
        raise UneditableYamlError
    stem = check or "manual"
    id = next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 1000))) if name not in taken)
    known = next((one for one in newest.criteria if one.check == check and check is not None), None)
    wording = {code: (said.zh, said.en) for code, said in known.wording.items()} if known else {}
    return text.with_item(above, template(check, id, wording)), id


def with_move(text: YamlText, item: FormItem, move: str) -> YamlText:
    """The text with a criterion one place up or down, or without it; ``move`` is one of ``MOVES``.

    Raises:
        UneditableYamlError: it cannot go there.
    """
    if item.subject != "criterion":
        raise UneditableYamlError
    *above, last = item.path
    place = int(last)
    if move == "remove":
        return text.without_item(above, place)
    return text.with_swapped(above, place - 1 if move == "up" else place)


# --- nodes -----------------------------------------------------------------------------------------


def _specs(text: YamlText, item: FormItem) -> tuple[str | None, list[FieldSpec]]:
    if item.subject == "group":
        return None, group_fields()
    if item.subject != "criterion":
        return None, rubric_fields() if item.subject == "rubric" else section_fields()
    kind = _plain(text.find([*item.path, "kind"])) or "check"
    check = (_plain(text.find([*item.path, "check"])) or item.key) if kind == "check" else None
    has_hint = text.find([*item.path, "hint"]) is not None
    options = len(_nodes(text.find([*item.path, "options"])))
    return check, criterion_fields(check, options, has_hint=has_hint, is_question=kind == "question")


def _lists(text: YamlText) -> list[Path]:
    """Where criteria stand: in a section's file, or in sections written in the rubric itself."""
    out: list[Path] = [("criteria",)] if text.find(["criteria"]) is not None else []
    for place, _ in enumerate(_nodes(text.find(["sections"]))):
        if text.find(["sections", place, "criteria"]) is not None:
            out.append(("sections", place, "criteria"))
    return out


def _nodes(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _pairs(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(key.value, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _plain(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _title(node: yaml.Node) -> str:
    words = dict(_pairs(dict(_pairs(node)).get("title")))
    return _plain(words.get("zh")) or _plain(words.get("en"))


def _shown(node: yaml.Node | None, spec: FieldSpec) -> str:
    """What stands at a place, as a form shows it."""
    if spec.kind == "flag":
        return "true" if (_plain(node) or spec.default) == "true" else "false"
    if isinstance(node, yaml.SequenceNode):
        return "\n".join(_plain(one).strip() for one in node.value)
    if isinstance(node, yaml.MappingNode):
        return "\n".join(f"{name}: {_plain(value)}" for name, value in _pairs(node))
    return "\n".join(line.rstrip() for line in _plain(node).strip().split("\n"))


def _value(new: str, spec: FieldSpec) -> Value:
    if spec.kind == "flag":
        return None if new == spec.default else new == "true"
    if not new:
        return None
    if spec.kind == "number":
        return float(new) if _NUMBER.match(new) else new
    lines = [line.strip() for line in new.split("\n") if line.strip()]
    if spec.kind == "list":
        return lines
    if spec.kind == "map":
        pairs = (line.partition(":") for line in lines)
        return {
            key.strip(): float(value) if _NUMBER.match(value.strip()) else value.strip() for key, _, value in pairs
        }  # fmt: skip
    return new


_Span = tuple[tuple[int, int], tuple[int, int]]


def _span(text: YamlText, path: Path) -> _Span | None:
    node = text.find(path)
    if node is None:
        return None
    start, end = node.start_mark, node.end_mark
    return (start.line + 1, start.column + 1), (end.line + 1, end.column + 1)


def _line_of(span: _Span | None) -> int | None:
    return span[0][0] if span else None


def _place_of(one: Problem, spans: Mapping[int, _Span | None]) -> int | None:
    """Which field a mistake stands in, counted from 1."""
    at = (one.line, one.column)
    return next((place + 1 for place, span in spans.items() if span and span[0] <= at < span[1]), None)


def _above(one: Problem, text: YamlText, item: FormItem, specs: Sequence[FieldSpec]) -> int | None:
    """The first field of a mapping that a mistake points at, such as a title without words; counted from 1."""
    for place, spec in enumerate(specs):
        for depth in range(len(spec.path) - 1, 0, -1):
            span = _span(text, [*item.path, *spec.path[:depth]])
            if span and span[0] == (one.line, one.column):
                return place + 1
    return None


def _belongs_elsewhere(one: Problem, text: YamlText) -> bool:
    """Whether a mistake stands in a criterion, which has a form of its own."""
    return any(
        first <= one.line <= last
        for above in _lists(text)
        for place, _ in enumerate(_nodes(text.find(above)))
        for first, last in [text.lines_of([*above, place])]
    )
