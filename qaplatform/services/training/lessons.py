"""Lessons as people find and read them: by tag, level and criterion, read or not, in the version that stands now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Criterion
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.store.training.readings import add_reading, readings, readings_of
from qaplatform.training.lessons import LEVELS, Language, Lesson, Lessons

ReadState = Literal["unread", "read", "changed"]
READ_STATES: tuple[ReadState, ...] = ("unread", "read", "changed")


class LessonMovedOnError(QAPlatformError):
    """The lesson was changed while you read it; look at the new version before you mark it."""

    code: ClassVar[str] = "lessons.moved_on"


class LessonLine(msgspec.Struct, frozen=True):
    """A lesson in a list."""

    lesson: Lesson
    state: ReadState
    """``changed``: another version of it was read."""
    read_at: datetime | None
    """When the version that stands, else the last one before, was read."""


class LessonFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lessons are wanted; empty = all."""

    tag: str = ""
    level: str = ""
    criterion: str = ""
    state: str = ""

    def holds(self, line: LessonLine) -> bool:
        """Whether one is."""
        lesson = line.lesson
        return (
            (not self.tag or self.tag in lesson.tags)
            and (not self.level or self.level == lesson.level)
            and (not self.criterion or self.criterion in lesson.criteria)
            and (not self.state or self.state == line.state or (self.state == "unread" and line.state == "changed"))
        )


class LessonPage(msgspec.Struct, frozen=True):
    """A lesson with what stands around it."""

    line: LessonLine
    languages: tuple[Language, ...]
    """In which it is written."""
    criteria: Mapping[str, Criterion | None]
    """What it explains, by id; ``None`` where no rubric that holds has it."""
    tag: str
    """The tag whose lessons come before and after; empty where it has none."""
    previous: Lesson | None
    next: Lesson | None
    place: int
    """Among those of the tag, from 1."""
    tag_count: int


def lesson_lines(session: Session, viewer: Viewer, language: Language) -> list[LessonLine]:
    """All lessons in a language, or the other where that is not written, easy ones first, then by tag and id."""
    lessons = lessons_now(session)
    read = readings(session, viewer.user_id)
    found = [_line(lessons, one, read.get(one.id, {})) for one in lessons.all(language)]
    return sorted(found, key=lambda one: (LEVELS.index(one.lesson.level), one.lesson.tags[:1], one.lesson.id))


def tags_of(lines: Sequence[LessonLine]) -> list[tuple[str, int]]:
    """The tags of lessons with how many have them, the most frequent first."""
    counted = Counter(tag for one in lines for tag in one.lesson.tags)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def lesson_page(session: Session, viewer: Viewer, id: str, language: Language, *, now: datetime) -> LessonPage:
    """A lesson to read.

    Raises:
        NotThereError: there is none, or it was withdrawn.
    """
    lessons = lessons_now(session)
    if id not in lessons.by_id:
        raise NotThereError
    lesson = lessons.lesson(id, language)
    known = live_criteria(session, now)
    tag = lesson.tags[0] if lesson.tags else ""
    row = [one for one in _in_order(lessons, language) if tag and tag in one.tags]
    at = next((place for place, one in enumerate(row) if one.id == id), 0)
    return LessonPage(
        line=_line(lessons, lesson, readings_of(session, viewer.user_id, id)),
        languages=tuple(lessons.by_id[id]),
        criteria={one: known.get(one) for one in lesson.criteria},
        tag=tag,
        previous=row[at - 1] if at > 0 else None,
        next=row[at + 1] if at + 1 < len(row) else None,
        place=at + 1,
        tag_count=len(row),
    )


def mark_read(session: Session, viewer: Viewer, id: str, content_hash: str, *, now: datetime) -> None:
    """Keep that somebody has read a version of a lesson, in any of its languages.

    Raises:
        AccessError: they may not learn.
        NotThereError: there is no such lesson.
        LessonMovedOnError: that version stands no more.
    """
    viewer.demand("training.learn")
    lessons = lessons_now(session)
    if id not in lessons.by_id:
        raise NotThereError
    if content_hash not in _hashes(lessons, id):
        raise LessonMovedOnError
    add_reading(session, viewer.user_id, id, content_hash, now=now)


def lessons_read(session: Session, user_id: int) -> Mapping[str, datetime]:
    """When somebody first read which lesson, in whatever version: what a step of a path asks."""
    return {id: min(versions.values()) for id, versions in readings(session, user_id).items() if "/" not in id}


def live_criteria(session: Session, now: datetime) -> Mapping[str, Criterion]:
    """The criteria of the rubrics that hold, by id."""
    found: dict[str, Criterion] = {}
    for one in rubric_book(session).on(now):
        for section in one.rubric.sections:
            for criterion in section.criteria:
                found.setdefault(criterion.id, criterion)
    return found


def _in_order(lessons: Lessons, language: Language) -> list[Lesson]:
    return sorted(lessons.all(language), key=lambda one: (LEVELS.index(one.level), one.tags[:1], one.id))


def _hashes(lessons: Lessons, id: str) -> frozenset[str]:
    """Either language will do: whoever has read the lesson in one knows what is in the other."""
    return frozenset(one.content_hash for one in lessons.by_id[id].values())


def _line(lessons: Lessons, lesson: Lesson, read: Mapping[str, datetime]) -> LessonLine:
    now = [read[one] for one in _hashes(lessons, lesson.id) if one in read]
    if now:
        return LessonLine(lesson, "read", min(now))
    return LessonLine(lesson, "changed", max(read.values())) if read else LessonLine(lesson, "unread", None)
