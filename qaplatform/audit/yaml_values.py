"""Reading nodes as what is wanted at their place: texts, numbers, days, parameter structs.

Every method reports a mistake at the node it concerns and goes on with a harmless stand-in, so that one run
shows all mistakes of a file. The stand-ins never leave a loader: it raises once anything was reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Report
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, describe, did_you_mean

_INTEGER = re.compile(r"[-+]?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{0,15})?\Z")
_ID = re.compile(r"[a-z][a-z0-9_-]*\Z")
_FAMILY_ID = re.compile(r"[a-z][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*\Z")
_LANGUAGES = ("zh", "en")


class Fields:
    """The values of one mapping by key, known keys only."""

    def __init__(self, node: Pairs, values: Mapping[str, Node]) -> None:
        self.node = node
        self._values = values

    def get(self, key: str) -> Node | None:
        """The value of a key; ``None`` where it is missing or written as nothing."""
        value = self._values.get(key)
        return None if isinstance(value, Scalar) and value.empty else value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def place(self, key: str) -> Node:
        """Where to point for a key: its value, or the mapping where it is missing."""
        return self._values.get(key, self.node)


class Values:
    """Interprets nodes; mistakes go to ``report``."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def fields(self, node: Node, what: str, known: Sequence[str], required: Sequence[str] = ()) -> Fields | None:
        """A mapping with known keys only; ``None`` (reported) where it is no mapping or lacks a required key."""
        if not isinstance(node, Pairs):
            self.report.error(node, say("{what} must be a mapping, not {found}", what=what, found=describe(node)))
            return None
        for key, value in node.pairs:
            if key.value not in known:
                hint = did_you_mean(key.value, known)
                if not hint and isinstance(value, Scalar) and value.empty:
                    hint = say("; inside {{…}} a text with a comma must stand in quotes")
                self.report.error(
                    key, say("unknown key {name!r} in {what}{near}", name=key.value, what=what, near=hint)
                )
        fields = Fields(node, {key.value: value for key, value in node.pairs})
        missing = [name for name in required if fields.get(name) is None]
        for name in missing:
            self.report.error(fields.place(name), say("{what} needs {name!r}", what=what, name=name))
        return None if missing else fields

    def entries(self, node: Node | None, what: str) -> tuple[tuple[Scalar, Node], ...]:
        """The pairs of a mapping whose keys are the author's own; nothing where it is missing."""
        if node is None:
            return ()
        if not isinstance(node, Pairs):
            self.report.error(node, say("{what} must be a mapping, not {found}", what=what, found=describe(node)))
            return ()
        return node.pairs

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The items of a list; nothing where it is missing."""
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.report.error(node, say("{what} must be a list, not {found}", what=what, found=describe(node)))
            return ()
        return node.items

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        """A text that is not empty; blanks around it are cut. Any unquoted word is a text: ``no`` is 'no'."""
        if node is None:
            return default
        if not isinstance(node, Scalar) or node.empty or not node.value.strip():
            self.report.error(node, say("{what} must be a text, not {found}", what=what, found=describe(node)))
            return default
        return node.value.strip()

    def id(self, node: Node | None, what: str, *, family: bool = False) -> str:
        """An identifier: lower-case letters, digits, ``_`` and ``-``; with ``family`` also ``family/member``."""
        value = self.text(node, what)
        if node is not None and value and not (_FAMILY_ID if family else _ID).match(value):
            self.report.error(
                node,
                say(
                    "{what} must be of lower-case letters, digits, '_' and '-', a letter first, not {found}",
                    what=what,
                    found=describe(node),
                ),
            )
        return value

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of texts, none twice."""
        seen: dict[str, None] = {}
        for item in self.items(node, what):
            value = self.text(item, say("an item of {what}", what=what))
            if value and value in seen:
                self.report.error(item, say("{name!r} stands twice in {what}", name=value, what=what))
            elif value:
                seen[value] = None
        return tuple(seen)

    def number(
        self,
        node: Node | None,
        what: str,
        default: float = 0.0,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> float:
        """A number between ``least`` and ``most`` (both included)."""
        if node is None:
            return default
        if not (isinstance(node, Scalar) and node.plain and _NUMBER.match(node.value)):
            self.report.error(node, say("{what} must be a number, not {found}", what=what, found=describe(node)))
            return default
        value = float(node.value)
        if (least is not None and value < least) or (most is not None and value > most):
            span = say("at least {least:g}", least=least)
            if least is not None and most is not None:
                span = say("from {least:g} to {most:g}", least=least, most=most)
            self.report.error(node, say("{what} must be {span}, not {value}", what=what, span=span, value=node.value))
            return default
        return value

    def seconds(self, node: Node | None, what: str, default: float) -> float:
        """A duration above zero."""
        value = self.number(node, what, default)
        if node is not None and value <= 0:
            self.report.error(node, say("{what} must be above 0, not {found}", what=what, found=describe(node)))
            return default
        return value

    def flag(self, node: Node | None, what: str, *, default: bool = False) -> bool:
        """``true`` or ``false``, nothing else."""
        if node is None:
            return default
        if not (isinstance(node, Scalar) and node.plain and node.value in ("true", "false")):
            self.report.error(node, say("{what} must be true or false, not {found}", what=what, found=describe(node)))
            return default
        return node.value == "true"

    def choice(self, node: Node | None, what: str, options: Sequence[str], default: str) -> str:
        """One of the given words."""
        if node is None:
            return default
        value = node.value if isinstance(node, Scalar) else ""
        if value not in options:
            wanted = say("{names} or {last}", names=tuple(options[:-1]), last=options[-1])
            self.report.error(
                node,
                say(
                    "{what} must be {wanted}, not {found}{near}",
                    what=what,
                    wanted=wanted,
                    found=describe(node),
                    near=did_you_mean(value, options),
                ),
            )
            return default
        return value

    def day(self, node: Node | None, what: str) -> date | None:
        """A calendar day, ``YYYY-MM-DD``."""
        if node is None:
            return None
        if isinstance(node, Scalar) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.value):
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                pass
        self.report.error(
            node, say("{what} must be a day such as 2026-11-11, not {found}", what=what, found=describe(node))
        )
        return None

    def moment(self, node: Node | None, what: str) -> datetime | None:
        """A moment in ISO 8601; without a zone it is naive."""
        if node is None:
            return None
        if isinstance(node, Scalar) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:", node.value):
            try:
                return datetime.fromisoformat(node.value)
            except ValueError:
                pass
        self.report.error(
            node,
            say(
                "{what} must be a moment such as 2026-11-11T20:00:00+08:00, not {found}",
                what=what,
                found=describe(node),
            ),
        )
        return None

    def clock(self, node: Node | None, what: str) -> int:
        """A time of day ``HH:MM`` (to ``24:00``) in minutes since midnight."""
        value = node.value if isinstance(node, Scalar) else ""
        match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", value)
        minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
        if not 0 <= minutes <= 1440:
            if node is not None:
                self.report.error(
                    node,
                    say('{what} must be a time of day such as "09:00", not {found}', what=what, found=describe(node)),
                )
            return 0
        return minutes

    def words(self, node: Node | None, what: str) -> Words | None:
        """``{zh: …, en: …}``; a missing language is a warning."""
        if node is None:
            return None
        fields = self.fields(node, what, _LANGUAGES)
        if fields is None:
            return None
        found = {
            language: self.text(fields.get(language), say("{what} in {language}", what=what, language=language))
            for language in _LANGUAGES
        }
        if not any(found.values()):
            self.report.error(node, say("{what} has no text; write {{zh: …, en: …}}", what=what))
        else:
            for language, value in found.items():
                if not value:
                    self.report.warning(node, say("{what} has no {language!r} text", what=what, language=language))
        return Words(found["zh"], found["en"])
