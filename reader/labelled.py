"""The labelled replies: one YAML list a line, ``[reply, acts, what the customer had said, …]`` (``labelling.md``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

Label = tuple[str, str | None]


class Reply(NamedTuple):
    """One labelled reply."""

    text: str
    labels: frozenset[Label]
    due: frozenset[Label]
    """Promises with a time that can be counted."""
    before: tuple[str, ...]
    """What the customer had said."""


def read_replies(paths: Iterable[Path]) -> list[Reply]:
    """All replies of some files, in order."""
    return [_reply(row) for path in paths for row in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)]


def _reply(row: list[str]) -> Reply:
    labels, due = set(), set()
    for words in (one.split() for one in row[1].split(",") if one.strip()):
        label = words[0], next((word for word in words[1:] if word != "due"), None)
        labels.add(label)
        if words[-1] == "due":
            due.add(label)
    return Reply(row[0], frozenset(labels), frozenset(due), tuple(row[2:]))
