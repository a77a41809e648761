"""Small changes written into the YAML of a rubric where they belong; comments and layout stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaplatform.audit.problem import Mark, Report
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, compose
from qaplatform.services.rubric_forms import items_of
from qaplatform.services.yaml_edits import YamlText


def with_hint(files: Mapping[str, str], criterion: str) -> dict[str, str]:
    """The file that has a criterion, with the criterion marked a hint; nothing where no file has it."""
    for path, text in files.items():
        for one in _mappings(compose(path, text, Report())):
            fields = {key.value: (key, value) for key, value in one.pairs}
            id = fields.get("id")
            if id is None or "title" not in fields or not isinstance(id[1], Scalar) or id[1].value != criterion:
                continue
            if "hint" in fields:
                value = fields["hint"][1]
                return {path: _replaced(text, value, "true")} if isinstance(value, Scalar) else {}
            return {path: _first_in(text, one, "hint: true")}
    return {}


def without_hint(files: Mapping[str, str], criterion: str) -> dict[str, str]:
    """The file in which a criterion is marked a hint, without that line; nothing where no file has it.

    Raises:
        UneditableYamlError: it stands where it cannot be taken out without disturbing other lines.
    """
    for path, text in files.items():
        if "hint" not in text:
            continue
        yaml = YamlText(text)
        for item in items_of(yaml, ()):
            if item.subject == "criterion" and item.key == criterion:
                changed = yaml.with_value([*item.path, "hint"], None).text
                return {path: changed} if changed != text else {}
    return {}


def with_exemption(files: Mapping[str, str], group: str, pattern: str, sample: str) -> dict[str, str]:
    """The file that has a phrase group, with a pattern among its exceptions and a sample among its misses."""
    for path, text in files.items():
        if not _group(path, text, group):
            continue
        exempt = _with_item(path, text, group, "unless", pattern)
        return {path: _with_item(path, exempt, group, "misses", sample)}
    return {}


def quoted(text: str) -> str:
    """A text as a YAML scalar in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def _with_item(path: str, text: str, group: str, field: str, value: str) -> str:
    node = _group(path, text, group)
    if node is None:
        return text
    fields = {key.value: inner for key, inner in node.pairs}
    there = fields.get(field)
    if not isinstance(there, Items) or not there.items:
        return text if field in fields else _first_in(text, node, f"{field}: [{quoted(value)}]")
    if any(isinstance(one, Scalar) and one.value == value for one in there.items):
        return text
    place = _offset(text, there.mark)
    if text[place] == "[":
        return f"{text[: place + 1]}{quoted(value)}, {text[place + 1 :]}"
    begin, indent = text.rfind("\n", 0, place) + 1, there.mark.column - 1
    return f"{text[:begin]}{' ' * indent}- {quoted(value)}\n{text[begin:]}"


def _group(path: str, text: str, group: str) -> Pairs | None:
    root = compose(path, text, Report())
    for key, groups in root.pairs if isinstance(root, Pairs) else ():
        if key.value == "groups" and isinstance(groups, Pairs):
            for name, node in groups.pairs:
                if name.value == group and isinstance(node, Pairs):
                    return node
    return None


def _mappings(node: Node | None) -> Iterator[Pairs]:
    if isinstance(node, Pairs):
        yield node
        for _, inner in node.pairs:
            yield from _mappings(inner)
    elif isinstance(node, Items):
        for one in node.items:
            yield from _mappings(one)


def _first_in(text: str, node: Pairs, line: str) -> str:
    """A field put into a mapping of several fields, behind its first one or before it."""
    start = _offset(text, node.mark)
    if text[start] == "{":
        return f"{text[: start + 1]}{line}, {text[start + 1 :]}"
    first, value = node.pairs[0]
    place, indent = _offset(text, first.mark), first.mark.column - 1
    if isinstance(value, Scalar) and value.style not in ("|", ">") and value.mark.line < node.pairs[1][0].mark.line:
        # Behind a first field on one line: an id stays where one looks for it.
        place = _offset(text, node.pairs[1][0].mark)
    return f"{text[:place]}{line}\n{' ' * indent}{text[place:]}"


def _replaced(text: str, node: Scalar, value: str) -> str:
    place = _offset(text, node.mark)
    return text[:place] + value + text[place + len(node.value) + (0 if node.plain else 2) :]


def _offset(text: str, mark: Mark) -> int:
    place = 0
    for _ in range(mark.line - 1):
        place = text.index("\n", place) + 1
    return place + mark.column - 1
