"""Changing a YAML text at the marks of its nodes: whatever is not changed stays as it was, byte for byte.

A place is a path of keys and positions. Comments, order, quotes and layout of everything else are kept; what cannot be
done without touching them is refused, and then the text is there to be edited by hand.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import yaml

from qaplatform.errors import QAPlatformError

_Node = Any
"""A node of PyYAML, whose kinds have little in common (hence ``Any``)."""
Path = Sequence[str | int]
Value = str | float | bool | Sequence[str] | Mapping[str, "str | float | bool | Sequence[str]"] | None
"""``None`` takes the key out."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE = re.compile(r"[\w](?:[^\n:#,\[\]{}\"'`\\]*[^\s:#,\[\]{}\"'`\\])?\Z")
_HEADER = re.compile(r"\|[+-]?[ \t]*(?:[ \t]#[^\n]*)?(?=\n|\Z)")
"""The line in which a literal block begins, with a comment behind it, but without an indentation of its own."""
_ITEM = re.compile(r"[ ]*-[ ]+\Z")


class UneditableYamlError(QAPlatformError):
    """This place cannot be changed by form without disturbing others; change it in the YAML."""

    code: ClassVar[str] = "rubric_drafts.by_hand"


class YamlText:
    """A YAML text and its nodes; a change makes another one."""

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            UneditableYamlError: it is no YAML.
        """
        self.text = text
        self._starts = [0, *(one.end() for one in re.finditer("\n", text))]
        try:
            self.root: _Node = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise UneditableYamlError from error

    def find(self, path: Path) -> _Node:
        """The node at a place; ``None`` where there is none."""
        node = self.root
        for step in path:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                return None
        return node

    def lines_of(self, path: Path) -> tuple[int, int]:
        """The first and the last line of a node, from 1."""
        node = self._demand(path)
        return node.start_mark.line + 1, self._line_at(self._end(node)) + 1

    # --- values ----------------------------------------------------------------------------------

    def with_value(self, path: Path, value: Value) -> YamlText:
        """The text with a value at a place, whose mapping must be there or is made.

        Raises:
            UneditableYamlError: it cannot be done without disturbing the rest.
        """
        node = self.find(path)
        if value is None:
            return self if node is None else self._without(path)
        if isinstance(value, Mapping):
            return self._with_mapping(path, value)
        if node is None:
            return self._with_pair(path, value)
        if isinstance(value, (str, float, int)):
            if not isinstance(node, yaml.ScalarNode):
                raise UneditableYamlError
            return self._replaced(self._start(node), self._end(node), _scalar(value, node.style))
        if not isinstance(node, yaml.SequenceNode):
            raise UneditableYamlError
        return self._with_items(path, list(value))

    def _with_mapping(self, path: Path, value: Mapping[str, str | float | bool | Sequence[str]]) -> YamlText:
        if not value:
            return self.with_value(path, None)
        node, out = self.find(path), self
        if node is not None and not isinstance(node, yaml.MappingNode):
            raise UneditableYamlError
        if node is None:
            return self._with_pair(path, value)
        for key, inner in value.items():
            out = out.with_value([*path, key], inner)
        for key, _ in node.value:
            if key.value not in value:
                out = out.with_value([*path, key.value], None)
        return out

    def _with_pair(self, path: Path, value: Value) -> YamlText:
        """A key that is not there yet, as the last of its mapping."""
        *above, key = path
        parent = self.find(above)
        if parent is None and above:
            return self._with_pair(above, {str(key): value})  # type: ignore[dict-item] # one level in a mapping
        if not isinstance(parent, yaml.MappingNode):
            raise UneditableYamlError
        written = f"{_scalar(str(key), None)}: {_flow(value)}"
        end = self._end(parent)
        if parent.flow_style:
            comma = ", " if parent.value else ""
            return self._replaced(end - 1, end - 1, comma + written)
        # Examples are long and stand last: what is new goes before them, after what stands there.
        last = next((one for one in reversed(parent.value) if one[0].value != "examples"), parent.value[-1])
        place = self._line_end(self._end(last[1]))
        indent = " " * parent.value[0][0].start_mark.column
        return self._replaced(place, place, f"\n{indent}{written}")

    def with_block(self, path: Path, lines: Sequence[str]) -> YamlText:
        """The text with several lines in place of a text that is there, as a literal block; none begins or ends with a blank.

        Raises:
            UneditableYamlError: there is something else, or it stands in a mapping on one line.
        """
        node, parent = self._demand(path), self._demand(path[:-1])
        if not isinstance(node, yaml.ScalarNode) or not isinstance(parent, yaml.MappingNode) or parent.flow_style:
            raise UneditableYamlError
        begin, end = self._start(node), self._end(node)
        header = _HEADER.match(self.text, begin, end)
        indent = " " * (parent.value[0][0].start_mark.column + 2)
        written = "".join(f"\n{indent}{one}" if one else "\n" for one in lines)
        return self._replaced(begin, end, (header[0] if header else "|") + written)

    def with_lines(self, path: Path, lines: Sequence[str], *, before: Collection[str] = ()) -> YamlText:
        """The text with lines more in a block mapping: keys with their values, without indentation.

        They go before the first key of ``before`` that is there and the comments right above it, or else last.

        Raises:
            UneditableYamlError: there is no such mapping, or no place in it.
        """
        parent = self.find(path)
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style:
            raise UneditableYamlError
        indent = " " * parent.value[0][0].start_mark.column
        written = [f"{indent}{one}".rstrip() for one in lines]
        number = next((number for number, (key, _) in enumerate(parent.value) if key.value in before), None)
        if number is None:
            end = self._line_end(self._end(parent))
            return self._replaced(end, end, "".join(f"\n{one}" for one in written))
        key = parent.value[number][0]
        if self.text[self._begin(key) : self._start(key)].strip():
            raise UneditableYamlError
        line, least = key.start_mark.line, self._line_at(self._end(parent.value[number - 1][1])) + 1 if number else 0
        while line > least and self._line(line - 1).lstrip().startswith("#"):
            line -= 1
        return self._replaced(self._starts[line], self._starts[line], "".join(f"{one}\n" for one in written))

    def _without(self, path: Path) -> YamlText:
        *above, key = path
        parent = self._demand(above)
        if not isinstance(parent, yaml.MappingNode):
            raise UneditableYamlError
        if len(parent.value) == 1 and above and isinstance(above[-1], str):
            return self._without(above)
        place = next(number for number, (name, _) in enumerate(parent.value) if name.value == key)
        name, node = parent.value[place]
        if parent.flow_style:
            return self._cut(parent, place, self._start(name), self._end(node))
        begin = self._starts[name.start_mark.line]
        if self.text[begin : self._start(name)].strip():
            raise UneditableYamlError
        return self._replaced(begin, self._line_end(self._end(node)) + 1, "")

    # --- lists of words --------------------------------------------------------------------------

    def _with_items(self, path: Path, wanted: list[str]) -> YamlText:
        node = self._demand(path)
        present = [one.value if isinstance(one, yaml.ScalarNode) else None for one in node.value]
        if None in present:
            raise UneditableYamlError
        if not wanted:
            return self._without(path)
        out = self
        steps = difflib.SequenceMatcher(None, present, wanted, autojunk=False).get_opcodes()
        for kind, begin, end, first, last in reversed(steps):
            if kind == "equal":
                continue
            new = wanted[first:last]
            both = min(end - begin, len(new))
            # What is too many is cut last, what is missing is added behind: a list never stands empty in between.
            if len(new) > both:
                out = out.with_words(path, begin + both, new[both:])
            for number in reversed(range(both)):
                out = out.with_value([*path, begin + number], new[number])
            for number in reversed(range(begin + both, end)):
                out = out.without_word(path, number)
        return out

    def with_words(self, path: Path, place: int, words: Sequence[str]) -> YamlText:
        """The text with words more in a list, from a position on."""
        node = self._demand(path)
        if node.flow_style:
            written = ", ".join(_scalar(one, None) for one in words)
            if not node.value:
                end = self._end(node) - 1
                return self._replaced(end, end, written)
            if place == 0:
                begin = self._start(node.value[0])
                return self._replaced(begin, begin, f"{written}, ")
            behind = self._end(node.value[place - 1])
            return self._replaced(behind, behind, f", {written}")
        indent = self._dash(node.value[0])
        lines = "".join(f"{indent}{_scalar(one, None)}\n" for one in words)
        begin = self._line_end(self._end(node.value[place - 1])) + 1 if place else self._begin(node.value[0])
        if begin > len(self.text):
            return self._replaced(len(self.text), len(self.text), "\n" + lines.rstrip("\n"))
        return self._replaced(begin, begin, lines)

    def without_word(self, path: Path, place: int) -> YamlText:
        """The text without one word of a list that has more."""
        node = self._demand(path)
        item = node.value[place]
        if node.flow_style:
            return self._cut(node, place, self._start(item), self._end(item))
        self._dash(item)
        return self._replaced(self._begin(item), self._line_end(self._end(item)) + 1, "")

    def _cut(self, node: _Node, place: int, begin: int, end: int) -> YamlText:
        """A piece of a flow list or mapping with one comma."""
        first = [one[0] if isinstance(one, tuple) else one for one in node.value]
        last = [one[1] if isinstance(one, tuple) else one for one in node.value]
        if place + 1 < len(first):
            return self._replaced(begin, self._start(first[place + 1]), "")
        if place:
            return self._replaced(self._end(last[place - 1]), end, "")
        return self._replaced(begin, end, "")

    # --- criteria: items of a list that stand in blocks ----------------------------------------------

    def with_item(self, path: Path, body: str) -> YamlText:
        """A block more at the end of a list; ``body`` begins at its first key, its lines without indentation."""
        node = self._demand(path)
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
            raise UneditableYamlError
        dash = self._dash(node.value[0])
        inner = " " * len(dash)
        lines = [
            dash + body.split("\n", maxsplit=1)[0],
            *(inner + one if one else "" for one in body.rstrip("\n").split("\n")[1:]),
        ]
        end = self._line_end(self._end(node.value[-1]))
        # What takes one line stands close, as in a list of includes.
        return self._replaced(end, end, ("\n\n" if len(lines) > 1 else "\n") + "\n".join(lines))

    def without_item(self, path: Path, place: int) -> YamlText:
        """A block less, with the comments right above it."""
        begin, end = self._block(path, place)
        node = self._demand(path)
        if len(node.value) == 1:
            raise UneditableYamlError
        if place + 1 == len(node.value):
            return self._replaced(len(self.text[:begin].rstrip()), end, "")
        after = re.match(r"\n?(?:[ ]*\n)*", self.text[end:])
        return self._replaced(begin, end + (after.end() if after else 0), "")

    def with_swapped(self, path: Path, place: int) -> YamlText:
        """A block and the next one change places, each with the comments right above it."""
        first, second = self._block(path, place), self._block(path, place + 1)
        text = self.text
        middle = text[first[1] : second[0]]
        return self._replaced(
            first[0], second[1], text[second[0] : second[1]] + middle + text[first[0] : first[1]]
        )  # fmt: skip

    def _block(self, path: Path, place: int) -> tuple[int, int]:
        node = self._demand(path)
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not 0 <= place < len(node.value):
            raise UneditableYamlError
        item = node.value[place]
        self._dash(item)
        line = item.start_mark.line
        least = self._line_at(self._end(node.value[place - 1])) + 1 if place else self._demand(path).start_mark.line
        while line > least and self._line(line - 1).lstrip().startswith("#"):
            line -= 1
        return self._starts[line], self._line_end(self._end(item))

    # --- places ----------------------------------------------------------------------------------

    def _demand(self, path: Path) -> _Node:
        node = self.find(path)
        if node is None:
            raise UneditableYamlError
        return node

    def _start(self, node: _Node) -> int:
        return int(self._starts[node.start_mark.line] + int(node.start_mark.column))

    def _end(self, node: _Node) -> int:
        """Where a node's own text ends: a block's marks reach over the comments behind it."""
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            begin = self._start(node)
            end = (
                self._starts[node.end_mark.line] + int(node.end_mark.column)
                if node.end_mark.line < len(self._starts)
                else len(self.text)
            )
            return begin + len(self.text[begin:end].rstrip())
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _line_at(self, place: int) -> int:
        return self.text.count("\n", 0, place)

    def _line(self, number: int) -> str:
        begin = self._starts[number]
        return self.text[begin : self._line_end(begin)]

    def _line_end(self, place: int) -> int:
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found

    def _begin(self, item: _Node) -> int:
        return self._starts[int(item.start_mark.line)]

    def _dash(self, item: _Node) -> str:
        """What stands before an item of a block list."""
        written = self.text[self._begin(item) : self._start(item)]
        if not _ITEM.match(written):
            raise UneditableYamlError
        return written

    def _replaced(self, begin: int, end: int, written: str) -> YamlText:
        return YamlText(self.text[:begin] + written + self.text[end:])


def _scalar(value: str | float, style: str | None) -> str:
    """A scalar on one line, quoted as before or as it must be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    if style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if style in (None, "") and _SAFE.match(value) and value.lower() not in ("null", "true", "false", "yes", "no"):
        return value
    if style != '"' and "\\" in value and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _flow(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key, None)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_scalar(str(one), None) for one in value) + "]"
    return _scalar(value, None) if isinstance(value, (str, int, float)) else ""
