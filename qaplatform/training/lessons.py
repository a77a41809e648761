"""Lessons: what a new hire reads, tied to the criteria it explains. Read by :mod:`qaplatform.training.lesson_loading`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.training.lesson_blocks import LessonChat, Pair
from qaplatform.training.markdown import text_of

Language = Literal["zh", "en"]
Level = Literal["junior", "intermediate", "senior"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
LEVELS: tuple[Level, ...] = ("junior", "intermediate", "senior")


class Heading(msgspec.Struct, frozen=True):
    """A heading of a lesson; ``level`` 2–4, the title of the lesson itself is level 1."""

    level: int
    text: str


class Lesson(msgspec.Struct, frozen=True, dict=True):
    """One lesson in one language."""

    id: str
    language: Language
    title: Words
    tags: tuple[str, ...]
    criteria: tuple[str, ...]
    """Ids of the criteria it explains; a finding of one leads here."""
    minutes: int
    """How long reading takes."""
    level: Level
    version: str
    body: str
    """Markdown, as written."""
    headings: tuple[Heading, ...] = ()
    pairs: tuple[Pair, ...] = ()
    chats: tuple[LessonChat, ...] = ()
    links: tuple[str, ...] = ()
    """Ids of the lessons it points at, each once."""

    @cached_property
    def content_hash(self) -> str:
        """Says whether two versions are the same: a SHA-256 in hexadecimal over head and body."""
        parts = [self.id, self.language, self.title.zh, self.title.en, *self.tags, "", *self.criteria, ""]
        parts += [str(self.minutes), self.level, self.version, self.body]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def own_title(self) -> str:
        """The title in the lesson's own language."""
        return self.title.zh if self.language == "zh" else self.title.en


class UnknownLessonError(KeyError):
    """There is no lesson of that id."""


class Lessons(msgspec.Struct, frozen=True):
    """All lessons, by id and language; a lesson may lack a language, never both."""

    by_id: Mapping[str, Mapping[Language, Lesson]] = {}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all lessons, for whoever checks references to them."""
        return frozenset(self.by_id)

    def lesson(self, id: str, language: Language = "zh") -> Lesson:
        """A lesson in that language, or in the other where that one is not written.

        Raises:
            UnknownLessonError: there is none of that id.
        """
        languages = self.by_id.get(id)
        if not languages:
            raise UnknownLessonError(id)
        return languages.get(language) or next(iter(languages.values()))

    def all(self, language: Language = "zh") -> tuple[Lesson, ...]:
        """Every lesson once, ordered by id."""
        return tuple(self.lesson(id, language) for id in sorted(self.by_id))

    def explaining(self, criterion: str, language: Language = "zh") -> tuple[Lesson, ...]:
        """The lessons that explain a criterion; those that name it first come first."""
        found = [one for one in self.all(language) if criterion in one.criteria]
        return tuple(sorted(found, key=lambda one: (one.criteria.index(criterion), one.id)))


def plain_text(lesson: Lesson) -> str:
    """What a search looks through: the title and the words of the body, without any markup."""
    return f"{lesson.own_title}\n{text_of(lesson.body)}"
