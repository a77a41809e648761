"""JSON that is not one object a line: an array of conversations, or objects printed over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,\[\]]*")
MAX_BROKEN = 100
"""After so many broken values the rest of the file is given up as one."""


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A stretch of the file: an object, or what stands where an object was expected."""

    data: bytes
    line: int
    line_count: int
    closed: bool


def is_document(sample: bytes) -> bool:
    """Whether a JSON file holds an array or a printed object, judged by how it begins."""
    head = sample.lstrip()
    if head.startswith(b"["):
        return head[1:].lstrip()[:1] in (b"{", b"]", b"")
    return head.partition(b"\n")[0].strip() == b"{"


def values_in(data: bytes) -> Iterator[JsonValue]:
    """The objects of a document one after the other, and what is between them and no separator.

    An object that is never closed is given as it stands; looking goes on at the next line that begins like
    the first object did (the same indentation and ``{``).
    """
    resume = _resume_pattern(data)
    position, line, broken = 0, 1, 0
    while True:
        gap = _BETWEEN.match(data, position)
        start = gap.end() if gap else position
        line += data.count(b"\n", position, start)
        if start >= len(data):
            return
        end, closed = _end_of_value(data, start)
        if not closed:
            broken += 1
            following = resume.search(data, start + 1) if broken < MAX_BROKEN else None
            end = following.start() + 1 if following else len(data)
        body = data[start:end].rstrip(b" \t\r\n,") or data[start:end]
        yield JsonValue(body, line, body.count(b"\n") + 1, closed)
        line += data.count(b"\n", start, end)
        position = end


def _end_of_value(data: bytes, start: int) -> tuple[int, bool]:
    """Where the value at ``start`` ends; text that is no object ends at the next comma or line end."""
    if data[start : start + 1] != b"{":
        stop = re.compile(rb"[,\n\]{]").search(data, start + 1)
        return (stop.start() if stop else len(data)), True
    depth = 0
    for token in _TOKEN.finditer(data, start):
        mark = data[token.start()]
        if mark in b"{[":
            depth += 1
        elif mark in b"}]":
            depth -= 1
            if depth == 0:
                return token.end(), True
    return len(data), False


def _resume_pattern(data: bytes) -> re.Pattern[bytes]:
    first = re.search(rb"(?:^|\n)([ \t]*)\{", data)
    return re.compile(rb"\n" + re.escape(first[1] if first else b"") + rb"\{")
