"""Writing lessons: what stands, what was written since, what is wrong with it at line and column, and publishing it.

Versions append. A draft that says what stands already is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.problem import Problem
from qaplatform.audit.saying import say
from qaplatform.errors import QAPlatformError
from qaplatform.resources import shipped_folder
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.lessons import live_criteria
from qaplatform.services.training.texts import TextCodeError, Writing, write_text
from qaplatform.services.typed_lines import line_of
from qaplatform.store.training.texts import (
    StoredText,
    last_written_texts,
    newest_texts,
    standing_texts,
    text_of,
    versions_of,
)
from qaplatform.training.lesson_loading import check_lessons, shipped_lessons
from qaplatform.training.lessons import LANGUAGES, Language, Lesson

_ID = re.compile(r"[a-z][a-z0-9_-]{1,79}")
_RESERVED = frozenset({"new", "focus"})
"""What addresses of our own begin with."""
MOST_TITLE_CHARS = 60
_LACKING = say("the lesson is not written in {language}", language="").template
"""Of the warning that a lesson lacks a language: a text by itself always does."""


class LessonIdTakenError(QAPlatformError):
    """There is a lesson of this id, perhaps one that was withdrawn; choose another id, or edit that one."""

    code: ClassVar[str] = "lessons.id_taken"


class LessonTitleError(QAPlatformError):
    """A lesson has a title of 1 to 60 characters in Chinese and in English."""

    code: ClassVar[str] = "lessons.title"


class LessonTextMovedOnError(QAPlatformError):
    """Somebody else saved this lesson meanwhile; look at their version, then save yours again if it is to stand."""

    code: ClassVar[str] = "lessons.text_moved_on"


class LessonFaultyError(QAPlatformError):
    """The lesson has mistakes; put them right before it is published."""

    code: ClassVar[str] = "lessons.faulty"

    def __init__(self, problems: Sequence[Problem] = ()) -> None:
        super().__init__()
        self.problems = tuple(problems)


class LessonNotThereError(QAPlatformError):
    """This lesson does not stand in this language, so that there is nothing to withdraw."""

    code: ClassVar[str] = "lessons.withdrawn"


@dataclass(frozen=True)
class LessonText:
    """A lesson in one language as its authors see it."""

    id: str
    language: Language
    versions: tuple[StoredText, ...]
    """What was written here, the newest first."""
    shipped: str | None
    """The text of the file, if there is one."""

    @property
    def newest_id(self) -> int:
        """The version the next one follows; 0 where nothing was written here."""
        return self.versions[0].id if self.versions else 0

    @property
    def standing(self) -> StoredText | None:
        """What was published or withdrawn here last; ``None``: the shipped one stands."""
        return next((one for one in self.versions if one.state != "draft"), None)

    @property
    def standing_text(self) -> str | None:
        """What people read; ``None`` where they read nothing."""
        standing = self.standing
        if standing is None:
            return self.shipped
        return standing.text if standing.state == "published" else None

    @property
    def draft(self) -> StoredText | None:
        """The draft, where it says something else than what stands."""
        newest = self.versions[0] if self.versions else None
        is_new = newest is not None and newest.state == "draft" and newest.text != self.standing_text
        return newest if is_new else None

    @property
    def is_unborn(self) -> bool:
        """Whether it was never published in this language."""
        return self.shipped is None and self.standing is None

    @property
    def text(self) -> str:
        """What an editor begins with."""
        if self.draft is not None:
            return self.draft.text
        last = next((one.text for one in self.versions if one.text), None)
        return self.standing_text or last or self.shipped or ""


class Unpublished(msgspec.Struct, frozen=True):
    """A lesson in a language that has a draft, or was withdrawn."""

    id: str
    language: Language
    state: str
    title: str
    changed_at: datetime


def lesson_text(session: Session, viewer: Viewer, id: str, language: Language) -> LessonText:
    """A lesson in one language as it may be written on.

    Raises:
        AccessError: they may not write lessons.
        NotThereError: there is no such lesson in any language.
    """
    viewer.demand("training.edit")
    found = _text(session, id, language)
    if not found.versions and found.shipped is None and id not in lessons_now(session).by_id:
        others = (one for one in LANGUAGES if one != language)
        if not any(versions_of(session, "lesson", id, one) for one in others):
            raise NotThereError
    return found


def unpublished(session: Session, viewer: Viewer) -> list[Unpublished]:
    """Drafts and withdrawn lessons, the newest first."""
    viewer.demand("training.edit")
    standing = {(one.code, one.language): one.text for one in standing_texts(session, "lesson")}
    last = {(one.code, one.language): one.text for one in last_written_texts(session, "lesson")}
    found = []
    for one in newest_texts(session, "lesson"):
        language = cast("Language", one.language)
        stands = standing.get((one.code, one.language), _shipped(one.code, language))
        if one.state == "withdrawn" or (one.state == "draft" and one.text != stands):
            said = last.get((one.code, one.language)) or _shipped(one.code, language) or ""
            title = title_in(said) or one.code
            found.append(Unpublished(one.code, language, one.state, title, one.created_at))
    return sorted(found, key=lambda one: one.changed_at, reverse=True)


def problems_of(
    session: Session, id: str, language: Language, text: str, *, now: datetime
) -> tuple[Lesson | None, tuple[Problem, ...]]:
    """The lesson in a text, ``None`` where it has mistakes, and all that is wrong or doubtful about it."""
    lessons = lessons_now(session)
    path = f"{language}/{id}.md"
    found, problems = check_lessons(
        {path: text}, criteria=live_criteria(session, now), others=frozenset({*lessons.ids, id})
    )
    own = tuple(one for one in problems if one.message.template != _LACKING)
    if found is None:
        return None, own
    lesson = found.lesson(id, language)
    return lesson, own + _beside(lesson, lessons.by_id.get(id, {}).get(_other(language)), path)


def save_draft(
    session: Session, by: Viewer, id: str, language: Language, text: str, *, seen_id: int, now: datetime
) -> int:
    """Keep a draft, mistakes and all; ``seen_id``: the newest version its author has seen. Its id.

    Raises:
        AccessError, NotThereError, TextTooLongError: it cannot be.
        LessonTextMovedOnError: there is a newer version.
    """
    found = _current(session, by, id, language, seen_id)
    text = _ended(text)
    if found.versions and found.versions[0].state == "draft" and found.versions[0].text == text:
        return found.newest_id
    return write_text(session, by, _writing(id, language, text), state="draft", now=now)


def publish(
    session: Session, by: Viewer, id: str, language: Language, text: str, *, seen_id: int, now: datetime
) -> int:
    """Let everybody read a text from now on; its id.

    Raises:
        AccessError, NotThereError, TextTooLongError: it cannot be.
        LessonTextMovedOnError: there is a newer version.
        LessonFaultyError: it has mistakes.
    """
    by.demand("training.publish")
    _current(session, by, id, language, seen_id)
    text = _ended(text)
    lesson, problems = problems_of(session, id, language, text, now=now)
    if lesson is None:
        raise LessonFaultyError(problems)
    return write_text(session, by, _writing(id, language, text), state="published", now=now)


def drop_draft(session: Session, by: Viewer, id: str, language: Language, *, seen_id: int, now: datetime) -> bool:
    """Put the draft in a language aside for good; whether anything of the lesson is left in any language.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    others = (one for one in LANGUAGES if one != language)
    is_elsewhere = id in shipped_lessons().by_id or any(versions_of(session, "lesson", id, one) for one in others)
    return drop_text_draft(
        session, by, "lesson", id, language=language, seen_id=seen_id, is_elsewhere=is_elsewhere, now=now
    )


def withdraw(session: Session, by: Viewer, id: str, language: Language, *, now: datetime) -> int:
    """Take a lesson from the shelf in one language.

    Raises:
        AccessError, NotThereError: it cannot be.
        LessonNotThereError: it does not stand there.
    """
    by.demand("training.publish")
    found = lesson_text(session, by, id, language)
    if found.standing_text is None:
        raise LessonNotThereError
    return write_text(session, by, _writing(id, language, ""), state="withdrawn", now=now)


def new_lesson(session: Session, by: Viewer, id: str, title_zh: str, title_en: str, *, now: datetime) -> int:
    """A draft in Chinese with a head and a skeleton; its id.

    Raises:
        AccessError: they may not.
        TextCodeError: an id is no such thing.
        LessonIdTakenError: there is, or was, a lesson of this id.
        LessonTitleError: a title is missing or too long.
    """
    by.demand("training.edit")
    if not _ID.fullmatch(id) or id in _RESERVED:
        raise TextCodeError
    if id in shipped_lessons().by_id or any(versions_of(session, "lesson", id, one) for one in LANGUAGES):
        raise LessonIdTakenError
    zh, en = (line_of(one, MOST_TITLE_CHARS, LessonTitleError) for one in (title_zh, title_en))
    return write_text(session, by, _writing(id, "zh", _skeleton(id, zh, en)), state="draft", now=now)


def version_text(session: Session, viewer: Viewer, id: str, language: Language, version: str) -> str:
    """What a version says: the number of one, or ``shipped``.

    Raises:
        AccessError: they may not write lessons.
        NotThereError: there is none of that name.
    """
    viewer.demand("training.edit")
    if version == "shipped":
        text = _shipped(id, language)
        if text is None:
            raise NotThereError
        return text
    found = text_of(session, int(version)) if version.isdecimal() and len(version) < 18 else None
    if found is None or (found.kind, found.code, found.language) != ("lesson", id, language):
        raise NotThereError
    return found.text


def _current(session: Session, by: Viewer, id: str, language: Language, seen_id: int) -> LessonText:
    found = lesson_text(session, by, id, language)
    if found.newest_id != seen_id:
        raise LessonTextMovedOnError
    return found


def _text(session: Session, id: str, language: Language) -> LessonText:
    return LessonText(id, language, tuple(versions_of(session, "lesson", id, language)), _shipped(id, language))


def _shipped(id: str, language: Language) -> str | None:
    if language not in shipped_lessons().by_id.get(id, {}):
        return None
    path = shipped_folder("packs") / "lessons" / language / f"{id}.md"
    return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")


def _beside(lesson: Lesson, other: Lesson | None, path: str) -> tuple[Problem, ...]:
    """What differs from the other language is doubtful, not wrong: one of the two has to be changed first."""
    if other is None:
        lacking = _other(lesson.language)
        return (Problem(path, 1, 1, say("the lesson is not written in {language}", language=lacking), "warning"),)
    names = [
        name for name in ("title", "criteria", "minutes", "level") if getattr(lesson, name) != getattr(other, name)
    ]
    messages = [
        say("{name} is not the same as in the lesson in {language}", name=name, language=other.language)
        for name in names
    ]
    if lesson.version != other.version:
        messages.append(
            say(
                "version {version} is not that of the lesson in {language}, {other}",
                version=lesson.version,
                language=other.language,
                other=other.version,
            )
        )
    return tuple(Problem(path, 1, 1, message, "warning") for message in messages)


def _other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"


def _ended(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip() + "\n"


def _writing(id: str, language: Language, text: str) -> Writing:
    return Writing(kind="lesson", code=id, language=language, text=text)


def title_in(text: str) -> str:
    """What stands as the Chinese title in a head that may be broken; empty where nothing does."""
    match = re.search(r'^title:\s*\{\s*zh:\s*(?:"((?:\\.|[^"\\\n])*)"|([^,"}\n]+))', text, re.MULTILINE)
    return re.sub(r"\\(.)", r"\1", match[1] or match[2] or "").strip() if match else ""


def _skeleton(id: str, zh: str, en: str) -> str:
    quoted = [one.replace("\\", "\\\\").replace('"', '\\"') for one in (zh, en)]
    return (
        f'---\nid: {id}\ntitle: {{zh: "{quoted[0]}", en: "{quoted[1]}"}}\ntags: []\ncriteria: []\nminutes: 5\n'
        'level: junior\nversion: "1"\n---\n'
        "## 为什么\n\n先说这一课解决什么问题。\n\n"
        "## 怎么说\n\n```pair\ncustomer: 客户说的话\nbad: 不该这样说\ngood: 可以这样说\nwhy: 为什么\n```\n"
    )
