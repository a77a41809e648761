"""Phrase groups: the word lists a rubric is built from.

A group says whose words are searched, for which literal phrases and patterns, and what exempts a hit.
Literals are searched in text folded and freed of spaces, punctuation and emoji, so that ``抱 * 歉`` is
still ``抱歉``; patterns (RE2) run over folded text that keeps them. See :mod:`qaplatform.audit.normalise`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from qaplatform.audit.problem import Mark

Who = Literal["agent", "customer", "any"]


class Words(msgspec.Struct, frozen=True, gc=False):
    """A text for people in both languages of the product."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``language`` (a code such as ``zh``, ``zh-CN``, ``en``); the other one where that is empty."""
        return (self.en or self.zh) if language.lower().startswith("en") else (self.zh or self.en)


class Sample(msgspec.Struct, frozen=True, gc=False):
    """An example sentence of a group and the place where it was written."""

    text: str
    mark: Mark = Mark()


class PhraseGroup(msgspec.Struct, frozen=True, gc=False):
    """One word list; ``patterns`` and ``unless`` are RE2 sources with every ``<name>`` already written out."""

    id: str
    who: Who = "any"
    title: Words | None = None
    phrases: tuple[str, ...] = ()
    """Literals as the author wrote them; searched in the tight view."""
    patterns: tuple[str, ...] = ()
    """Searched in the plain view."""
    unless: tuple[str, ...] = ()
    """A hit that lies inside a match of one of these (plain view) is exempt."""
    homophones: bool = False
    """Phrases of at least three Chinese characters are also found by their toneless sound."""
    asked: bool = False
    """Looked for only in the messages a check asks about, not in every one: for words that matter in few places."""
    quoting_exempt: bool = False
    """A hit inside quotation marks that repeats the customer's words is exempt."""
    hits: tuple[Sample, ...] = ()
    misses: tuple[Sample, ...] = ()
    mark: Mark = Mark()

    def semantic(self) -> dict[str, object]:
        """What a result can depend on: all but the examples and the marks."""
        return {
            name: msgspec.to_builtins(getattr(self, name))
            for name in self.__struct_fields__
            if name not in ("hits", "misses", "mark")
        }


class PhraseBook(Mapping[str, PhraseGroup]):
    """All groups of a rubric by id, in the order of their files; read only."""

    def __init__(self, groups: Iterable[PhraseGroup] = ()) -> None:
        self._groups = {group.id: group for group in groups}
        content = [self._groups[name].semantic() for name in sorted(self._groups)]
        self.content_hash = hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()
        """sha256 of what the groups find (hex); examples and comments don't change it."""

    def __getitem__(self, name: str) -> PhraseGroup:
        return self._groups[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        return f"PhraseBook({len(self)} groups, {self.content_hash[:12]})"
