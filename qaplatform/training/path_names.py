"""What a learning path names, as far as its text can be read: a draft may have mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, compose

_KINDS: Mapping[str, str] = {"lesson": "lesson", "questions": "question", "scenarios": "scenario"}
"""The keys of steps, and what they name."""


def names_in_path(text: str) -> Mapping[str, frozenset[str]]:
    """The ids that steps of a path name, by kind (``lesson``, ``question``, ``scenario``)."""
    root = compose("", text, Report()) if text else None
    found: dict[str, set[str]] = {}
    for stage in _items(_value(root, "stages")):
        for step in _items(_value(stage, "steps")):
            for key, kind in _KINDS.items():
                found.setdefault(kind, set()).update(_texts(_value(step, key)))
    return {kind: frozenset(names) for kind, names in found.items()}


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.pairs if isinstance(node, Pairs) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else ()


def _texts(node: Node | None) -> Iterator[str]:
    return (one.value for one in (node, *_items(node)) if isinstance(one, Scalar))
