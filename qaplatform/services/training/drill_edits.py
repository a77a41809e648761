"""A drill's YAML with what a form has changed: whatever was not changed stays as it was written, comments and layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import yaml

from qaplatform.services.yaml_edits import Path, UneditableYamlError, Value, YamlText
from qaplatform.training.drill_fields import (
    DRILL_KEYS,
    LANGUAGES,
    WORDING_KEYS,
    DrillFields,
    WordingFields,
    block_lines,
    drill_lines,
    drill_yaml,
    fields_in,
    must_yaml,
    wording_lines,
)

_DRILL: Path = ("drills", 0)
_BLOCKS = frozenset({"chat", "then"})
_COMMENT = re.compile(r"(?:^|\s)#")


def edited_drill(text: str, fields: DrillFields) -> str:
    """The text of a drill with what the fields say; written anew where that cannot be done at its places."""
    anew, before = drill_yaml(fields), fields_in(text)
    if before is None:
        return anew
    try:
        edited = _edited(YamlText(text), before, fields).text
    except UneditableYamlError:
        return anew
    return edited if fields_in(edited) == fields_in(anew) else anew


def loses_comments(text: str) -> bool:
    """Whether comments inside may go when a form changes this text: a drill or wording on one line is written anew."""
    fields = fields_in(text)
    if fields is None:
        return False
    drill = YamlText(text).find(_DRILL)
    wordings = [value for key, value in drill.value if key.value in LANGUAGES]
    kept = fields.kept.split("\n")
    return any(one.flow_style for one in (drill, *wordings)) and any(
        _COMMENT.search(line) and line.rstrip() not in kept for line in text.split("\n")
    )


def _edited(text: YamlText, before: DrillFields, after: DrillFields) -> YamlText:
    if before.criterion != after.criterion:
        text = text.with_value(["criterion"], after.criterion)
    old, new = _by_key(drill_lines(before)), _by_key(drill_lines(after))
    for language in LANGUAGES:
        if language in old and language in new and text.find([*_DRILL, language]) is not None:
            del old[language], new[language]
            was, wording = before.wording(language), after.wording(language)
            text = _changed(
                text,
                [*_DRILL, language],
                _by_key(wording_lines(was)),
                _by_key(wording_lines(wording)),
                _wording_values(wording),
                WORDING_KEYS,
            )
    return _changed(text, _DRILL, old, new, _drill_values(after), DRILL_KEYS)


def _changed(
    text: YamlText,
    place: Path,
    old: Mapping[str, list[str]],
    new: Mapping[str, list[str]],
    values: Mapping[str, Value],
    order: Sequence[str],
) -> YamlText:
    """A mapping with the keys changed whose lines, as a form writes them, are no more the same."""
    for number, key in enumerate(order):
        if old.get(key) == new.get(key):
            continue
        path = [*place, key]
        node = text.find(path)
        # In place of nothing, or of null where a list belongs, the whole key is written.
        if isinstance(node, yaml.ScalarNode) and (not node.value or isinstance(values.get(key), list)):
            text, node = text.with_value(path, None), None
        value = values.get(key)
        if key not in new:
            text = text.with_value(path, None)
        elif node is None:
            text = text.with_lines(place, new[key], before=order[number + 1 :])
        elif key in _BLOCKS and isinstance(value, str) and value.strip():
            text = text.with_block(path, block_lines(value))
        else:
            text = text.with_value(path, value)
    return text


def _drill_values(fields: DrillFields) -> Mapping[str, Value]:
    title = {"zh": fields.title.zh, **({"en": fields.title.en} if fields.title.en else {})}
    return {
        "title": title,
        "must": [must_yaml(one) for one in fields.musts],
        "must_not": list(fields.must_not),
        "queue": fields.queue,
        "promotion": fields.promotion,
        "shop": fields.shop,
        "return_addresses": list(fields.return_addresses),
    }


def _wording_values(wording: WordingFields) -> Mapping[str, Value]:
    return {
        "chat": wording.chat,
        "then": wording.then,
        "panel": list(wording.panel),
        "good": wording.good,
        "bad": wording.bad,
    }


def _by_key(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines of a mapping as a form writes them, by key."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith(" "):
            found[line.partition(":")[0]] = []
        found[next(reversed(found))].append(line)
    return found
