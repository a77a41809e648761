"""What everybody should know about the goods this week: a short text a week, written by leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar, cast

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.services.typed_lines import line_of
from qaplatform.store.training.readings import add_reading, reader_count, readings, readings_of
from qaplatform.store.training.texts import StoredText, newest_texts, standing_texts, versions_of
from qaplatform.training.lessons import LANGUAGES, Language

MOST_TITLE_CHARS = 60
MOST_BODY_CHARS = 3000
_WEEK = re.compile(r"([0-9]{4})-w([0-9]{2})")


class FocusFormError(QAPlatformError):
    """A week's focus has a title of 1 to 60 characters and a text of 1 to 3000."""

    code: ClassVar[str] = "focus.form"


class FocusMovedOnError(QAPlatformError):
    """Somebody else saved this week's focus meanwhile; look at their version, then save yours again if it is to stand."""

    code: ClassVar[str] = "focus.moved_on"


class Focus(msgspec.Struct, frozen=True, kw_only=True):
    """The focus of a week in one language."""

    week: str
    """Such as ``2026-w48``, as ISO counts weeks."""
    first_day: date
    """A Monday."""
    language: Language
    title: str
    body: str
    """Markdown."""
    content_hash: str
    published_at: datetime
    read_at: datetime | None = None
    """When whoever asks has read this version, in either language."""

    @property
    def last_day(self) -> date:
        """The Sunday."""
        return self.first_day + timedelta(days=6)


class NewFocus(msgspec.Struct, frozen=True):
    """A week's focus in one language as somebody wants it."""

    week: str
    language: Language
    title: str
    body: str


class FocusDraft(msgspec.Struct, frozen=True):
    """A week's focus in one language as its authors see it."""

    week: str
    language: Language
    title: str
    body: str
    newest_id: int
    state: str
    """``draft``, ``published``, ``withdrawn``; empty where nothing was written."""
    reader_count: int = 0
    is_unborn: bool = False
    """There are only drafts of it in this language."""


def week_of(day: date) -> str:
    """The week a day lies in."""
    year, number, _ = day.isocalendar()
    return f"{year}-w{number:02d}"


def first_day_of(week: str) -> date:
    """The Monday of a week.

    Raises:
        NotThereError: there is no such week.
    """
    match = _WEEK.fullmatch(week)
    try:
        if match is None:
            raise NotThereError
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise NotThereError from None


def focus_of(session: Session, day: date, language: str, *, user_id: int | None = None) -> Focus | None:
    """The focus of the week a day lies in, in a language or else the other one; ``None`` where there is none.

    With ``user_id`` it says when they have read it.
    """
    return _focus(session, week_of(day), language, user_id)


def focus_seen(session: Session, viewer: Viewer, week: str, language: str) -> Focus:
    """The focus of a week.

    Raises:
        NotThereError: there is none.
    """
    first_day_of(week)
    found = _focus(session, week, language, viewer.user_id)
    if found is None:
        raise NotThereError
    return found


def focus_weeks(session: Session, viewer: Viewer, language: str) -> list[Focus]:
    """The focus of every week that has one, the newest first."""
    by_week: dict[str, list[StoredText]] = {}
    for one in standing_texts(session, "focus"):
        if one.state == "published" and _WEEK.fullmatch(one.code):
            by_week.setdefault(one.code, []).append(one)
    read = readings(session, viewer.user_id)
    found = []
    for week in sorted(by_week, reverse=True):
        texts = by_week[week]
        found.append(_made(_best(texts, language), _first_read(texts, read.get(_reading(week), {}))))
    return found


def focus_drafts(session: Session, viewer: Viewer) -> list[tuple[str, Language]]:
    """The weeks and languages whose newest version is a draft, the newest week first."""
    viewer.demand("training.edit")
    found = [one for one in newest_texts(session, "focus") if one.state == "draft"]
    return sorted(((one.code, cast("Language", one.language)) for one in found), reverse=True)


def focus_draft(session: Session, viewer: Viewer, week: str, language: Language) -> FocusDraft:
    """What an editor of a week's focus begins with.

    Raises:
        AccessError: they may not write.
        NotThereError: there is no such week.
    """
    viewer.demand("training.edit")
    first_day_of(week)
    versions = versions_of(session, "focus", week, language)
    if not versions:
        return FocusDraft(week, language, "", "", 0, "")
    newest = versions[0]
    shown = next((one for one in versions if one.text), newest)
    title, body = _read(shown.text)
    is_unborn = all(one.state == "draft" for one in versions)
    count = reader_count(session, _reading(week), newest.content_hash) if newest.state == "published" else 0
    return FocusDraft(week, language, title, body, newest.id, newest.state, count, is_unborn)


def save_focus(session: Session, by: Viewer, new: NewFocus, *, seen_id: int, publishes: bool, now: datetime) -> int:
    """Keep the focus of a week as a draft, or let everybody read it; the version's id.

    Raises:
        AccessError, NotThereError: it cannot be.
        FocusFormError: title or text are missing or too long.
        FocusMovedOnError: there is a newer version than ``seen_id``.
    """
    by.demand("training.publish" if publishes else "training.edit")
    if focus_draft(session, by, new.week, new.language).newest_id != seen_id:
        raise FocusMovedOnError
    title, body = line_of(new.title, MOST_TITLE_CHARS, FocusFormError), new.body.replace("\r\n", "\n").strip()
    if not 1 <= len(body) <= MOST_BODY_CHARS:
        raise FocusFormError
    writing = Writing(kind="focus", code=new.week, language=new.language, text=f"# {title}\n\n{body}\n")
    return write_text(session, by, writing, state="published" if publishes else "draft", now=now)


def drop_draft(session: Session, by: Viewer, week: str, language: Language, *, seen_id: int, now: datetime) -> bool:
    """Put the draft in a language aside for good; whether anything of the week's focus is left in any language.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    others = (one for one in LANGUAGES if one != language)
    is_elsewhere = any(versions_of(session, "focus", week, one) for one in others)
    return drop_text_draft(
        session, by, "focus", week, language=language, seen_id=seen_id, is_elsewhere=is_elsewhere, now=now
    )


def withdraw_focus(session: Session, by: Viewer, week: str, *, now: datetime) -> None:
    """Take the focus of a week back in all its languages.

    Raises:
        AccessError: they may not.
        NotThereError: there is none.
    """
    by.demand("training.publish")
    standing = [one for one in _standing(session, week) if one.state == "published"]
    if not standing:
        raise NotThereError
    for one in standing:
        writing = Writing(kind="focus", code=week, language=one.language, text="")
        write_text(session, by, writing, state="withdrawn", now=now)


def mark_focus_read(session: Session, viewer: Viewer, week: str, content_hash: str, *, now: datetime) -> None:
    """Keep that somebody has read a week's focus; a version that stands no more is not kept.

    Raises:
        NotThereError: there is none.
    """
    hashes = {one.content_hash for one in _standing(session, week) if one.state == "published"}
    if not hashes:
        raise NotThereError
    if content_hash in hashes:
        add_reading(session, viewer.user_id, _reading(week), content_hash, now=now)


def _focus(session: Session, week: str, language: str, user_id: int | None) -> Focus | None:
    texts = [one for one in _standing(session, week) if one.state == "published"]
    if not texts:
        return None
    read = readings_of(session, user_id, _reading(week)) if user_id is not None else {}
    return _made(_best(texts, language), _first_read(texts, read))


def _standing(session: Session, week: str) -> list[StoredText]:
    found = (versions_of(session, "focus", week, language) for language in LANGUAGES)
    newest = (next((one for one in versions if one.state != "draft"), None) for versions in found)
    return [one for one in newest if one is not None]


def _first_read(texts: Iterable[StoredText], read: Mapping[str, datetime]) -> datetime | None:
    return min((read[one.content_hash] for one in texts if one.content_hash in read), default=None)


def _best(texts: list[StoredText], language: str) -> StoredText:
    return next((one for one in texts if one.language == language), texts[0])


def _made(text: StoredText, read_at: datetime | None) -> Focus:
    title, body = _read(text.text)
    return Focus(
        week=text.code, first_day=first_day_of(text.code), language=cast("Language", text.language), title=title, body=body,
        content_hash=text.content_hash, published_at=text.created_at, read_at=read_at,
    )  # fmt: skip


def _read(text: str) -> tuple[str, str]:
    """Title and body of a text as :func:`save_focus` writes it."""
    first, _, rest = text.partition("\n")
    return (first[2:].strip(), rest.strip()) if first.startswith("# ") else ("", text.strip())


def _reading(week: str) -> str:
    """How a week's focus is called among the lessons somebody has read; no lesson's id has a slash."""
    return f"focus/{week}"
