"""Phrase files → phrase groups, every mistake at ``path:line:column``.

A file holds ``defs`` (named pieces, usable as ``<name>`` in patterns) and ``groups``; see the rubric guide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import cast

import msgspec

from qaplatform.audit.keeping import Store
from qaplatform.audit.normalise import tight_view
from qaplatform.audit.pattern_lint import expanded, hyperscan_mistake, pattern_mistake, unfolded
from qaplatform.audit.phrases import PhraseBook, PhraseGroup, Sample, Who
from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Pairs, Scalar, compose, describe, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values

Read = Callable[[str], str]
"""Path as written in the sources → text; raises ``OSError``, ``LookupError`` or ``ValueError`` where it cannot."""

_KEYS = ("who", "title", "phrases", "patterns", "unless", "homophones", "asked", "quoting_exempt", "hits", "misses")
_MIN_SOUND_CHARS = 3


class PhraseError(SourceError):
    """Phrase files cannot be used; see ``problems``."""


def load_phrases(paths: Sequence[str], read: Read, *, thorough: bool = False) -> PhraseBook:
    """The groups of some files.

    Raises:
        PhraseError: with every mistake of all files.
    """
    book, problems = check_phrases(paths, read, thorough=thorough)
    if book is None:
        raise PhraseError(problems)
    return book


def check_phrases(
    paths: Sequence[str], read: Read, *, thorough: bool = True
) -> tuple[PhraseBook | None, tuple[Problem, ...]]:
    """The groups (``None`` with any error), and all errors and warnings.

    ``thorough`` also tries each pattern alone in Hyperscan.
    """
    report = Report()
    groups: dict[str, PhraseGroup] = {}
    for path in paths:
        text = read_text(path, read, report)
        if text is not None:
            read_phrase_file(path, text, report, groups, thorough=thorough)
    return (None if report.failed else PhraseBook(groups.values())), report.problems


def read_text(path: str, read: Read, report: Report, where: Node | None = None) -> str | None:
    """A file's text; where it cannot be read, that is reported at ``where`` (default: the file's first character)."""
    try:
        return read(path)
    except (OSError, LookupError, ValueError) as error:
        report.opened(path)
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        report.error(where or Mark(path), say("cannot read {path!r}: {reason}", path=path, reason=reason))
        return None


def read_phrase_file(
    path: str,
    text: str,
    report: Report,
    groups: dict[str, PhraseGroup],
    *,
    thorough: bool,
    kept: Store | None = None,
) -> None:
    """Add one file's groups to ``groups``; mistakes go to ``report``.

    A draft changes one file of many, and is looked through at every step: those without a mistake are read once. Between
    runs they lie in ``kept``, if it is given: reading all of a large rubric takes more than a second.
    """
    faultless = _faultless(path, text, thorough, kept)
    if faultless is None or any(one.id in groups for one in faultless):
        _read(path, text, report, groups, thorough=thorough)
    else:
        report.opened(path)
        groups.update({one.id: one for one in faultless})


@lru_cache(maxsize=64)
def _faultless(path: str, text: str, thorough: bool, kept: Store | None) -> tuple[PhraseGroup, ...] | None:  # noqa: FBT001 - of the key
    """The groups of a file of which there is nothing to say."""
    key = f"{path}\n{thorough}\n{text}"
    body = kept.get(key) if kept is not None else None
    if body is not None:
        with suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(body, type=tuple[PhraseGroup, ...])
    report = Report()
    groups: dict[str, PhraseGroup] = {}
    _read(path, text, report, groups, thorough=thorough)
    if report.problems:
        return None
    found = tuple(groups.values())
    if kept is not None:
        kept.put(key, msgspec.msgpack.encode(found))
    return found


def _read(path: str, text: str, report: Report, groups: dict[str, PhraseGroup], *, thorough: bool) -> None:
    root = compose(path, text, report)
    if root is None:
        return
    values = Values(report)
    top = values.fields(root, say("a phrase file"), ("defs", "groups"), ("groups",))
    if top is None:
        return
    reader = _GroupReader(values, thorough=thorough)
    reader.define(top.get("defs"))
    groups_node = top.get("groups")
    pairs = values.entries(groups_node, "groups")
    if isinstance(groups_node, Pairs) and not pairs:
        report.error(groups_node, say("the file defines no group"))
    for key, node in pairs:
        values.id(key, say("a group's id"), family=True)
        if key.value in groups:
            report.error(key, say("group {id!r} is also defined at {mark}", id=key.value, mark=groups[key.value].mark))
            continue
        group = reader.group(key, node)
        if group is not None:
            groups[group.id] = group
    for name in sorted(reader.unused):
        report.warning(reader.unused[name], say("the piece {name!r} is never used", name=name))


class _GroupReader:
    """Reads the groups of one file with its named pieces."""

    def __init__(self, values: Values, *, thorough: bool) -> None:
        self._values, self._report, self._thorough = values, values.report, thorough
        self._pieces: dict[str, str] = {}
        self.unused: dict[str, Scalar] = {}

    def define(self, node: Node | None) -> None:
        """Read ``defs``; each may use those before it."""
        for key, value in self._values.entries(node, "defs"):
            if not key.value.isidentifier() or not key.value.isascii():
                self._report.error(
                    key, say("a piece's name must be of letters, digits and '_', not {found}", found=describe(key))
                )
            pattern = self._pattern(value, say("a piece"), may_be_empty=True)
            self._pieces[key.value] = pattern or "x"
            self.unused[key.value] = key

    def group(self, key: Scalar, node: Node) -> PhraseGroup | None:
        """One group."""
        values, what = self._values, say("group {id!r}", id=key.value)
        fields = values.fields(node, what, _KEYS)
        if fields is None:
            return None
        phrases = self._phrases(fields)
        patterns = self._patterns(fields, "patterns")
        group = PhraseGroup(
            id=key.value,
            who=cast("Who", values.choice(fields.get("who"), "who", ("agent", "customer", "any"), "any")),
            title=values.words(fields.get("title"), "title"),
            phrases=phrases,
            patterns=patterns,
            unless=self._patterns(fields, "unless"),
            homophones=values.flag(fields.get("homophones"), "homophones"),
            asked=values.flag(fields.get("asked"), "asked"),
            quoting_exempt=values.flag(fields.get("quoting_exempt"), "quoting_exempt"),
            hits=self._samples(fields, "hits"),
            misses=self._samples(fields, "misses"),
            mark=key.mark,
        )
        self._lint(group, key, fields)
        return group

    def _lint(self, group: PhraseGroup, key: Scalar, fields: Fields) -> None:
        what = say("group {id!r}", id=group.id)
        if fields.get("phrases") is None and fields.get("patterns") is None:
            self._report.error(key, say("{what} has neither phrases nor patterns", what=what))
        for name, samples in (("hits", group.hits), ("misses", group.misses)):
            if not samples:
                self._report.warning(
                    key, say("{what} has no {name}; give examples that 'rubric test' can run", what=what, name=name)
                )
        hits = {sample.text for sample in group.hits}
        for sample in group.misses:
            if sample.text in hits:
                self._report.error(sample.mark, say("{text!r} stands under hits and under misses", text=sample.text))
        if group.homophones and not any(_chinese(phrase) >= _MIN_SOUND_CHARS for phrase in group.phrases):
            self._report.warning(
                fields.place("homophones"),
                say(
                    "homophones finds nothing: {what} has no phrase of {count} or more Chinese characters",
                    what=what,
                    count=_MIN_SOUND_CHARS,
                ),
            )

    def _phrases(self, fields: Fields) -> tuple[str, ...]:
        nodes = self._values.items(fields.get("phrases"), "phrases")
        texts = [self._values.text(node, say("a phrase")) for node in nodes]
        if not texts:
            return ()
        view = tight_view(texts)
        seen: dict[str, Node] = {}
        for number, (node, text) in enumerate(zip(nodes, texts, strict=True)):
            folded = view.text_of(number)
            if not text:
                continue
            if not folded:
                self._report.error(
                    node, say("{text!r} has no letter or digit, so it can never be found; write a pattern", text=text)
                )
            elif folded in seen:
                self._report.error(
                    node,
                    say(
                        "{text!r} is the same phrase as the one in line {line}", text=text, line=seen[folded].mark.line
                    ),
                )
            else:
                seen[folded] = node
        return tuple(texts)

    def _patterns(self, fields: Fields, name: str) -> tuple[str, ...]:
        seen: dict[str, Node] = {}
        for node in self._values.items(fields.get(name), name):
            pattern = self._pattern(node, say("a pattern"))
            if pattern in seen:
                self._report.error(node, say("the same pattern stands in line {line}", line=seen[pattern].mark.line))
            elif pattern:
                seen[pattern] = node
        if self._thorough and hyperscan_mistake(tuple(seen)) is not None:
            for pattern, node in seen.items():
                reason = hyperscan_mistake((pattern,))
                if reason is not None:
                    self._report.error(node, say("Hyperscan refuses the pattern: {reason}", reason=reason))
        return tuple(seen)

    def _pattern(self, node: Node, what: str, *, may_be_empty: bool = False) -> str:
        """A pattern with its pieces written out, or ``""`` where it was refused."""
        if not isinstance(node, Scalar) or node.empty or not node.value:
            self._report.error(node, say("{what} must be a text, not {found}", what=what, found=describe(node)))
            return ""
        unknown: list[str] = []

        def undefined(index: int, name: str) -> None:
            unknown.append(name)
            near = did_you_mean(name, self._pieces)
            self._report.error(
                node.inside(index), say("<{name}> is not defined in this file{near}", name=name, near=near)
            )

        pattern = expanded(node.value, self._pieces, undefined)
        for name in [name for name in self.unused if f"<{name}>" in node.value]:
            del self.unused[name]
        if unknown:
            return ""
        mistake = pattern_mistake(pattern, node.value, may_be_empty=may_be_empty)
        if mistake is not None:
            self._report.error(node.inside(mistake[0]), mistake[1])
            return ""
        strange = unfolded(node.value)
        if strange is not None:
            self._report.warning(node.inside(strange[0]), strange[1])
        return pattern

    def _samples(self, fields: Fields, name: str) -> tuple[Sample, ...]:
        seen: dict[str, Sample] = {}
        for node in self._values.items(fields.get(name), name):
            text = self._values.text(node, say("an example under {name}", name=name))
            if text in seen:
                self._report.error(node, say("{text!r} stands twice under {name}", text=text, name=name))
            elif text:
                seen[text] = Sample(text, node.mark)
        return tuple(seen.values())


def _chinese(phrase: str) -> int:
    return sum("\u3400" <= character <= "\u9fff" for character in phrase)
