"""Releases of rubrics: which version was published from when, and going back to an old one.

What is published holds from this moment or a later day on, never earlier, and old scores keep their version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from qaplatform.audit.rubric_choice import lint_set
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note as note_activity
from qaplatform.services.rubric_books import RubricBook, release_numbered, rubric_book, version_named
from qaplatform.services.rubric_faults import (
    NoteLengthError,
    OtherRubricError,
    PastDayError,
    RubricMovedOnError,
    RubricTieError,
    SameRubricError,
    UnknownRubricError,
)
from qaplatform.services.rubrics import RubricInForce, rubrics_in_force
from qaplatform.store import rubric_releases as store
from qaplatform.store.nul import without_nul
from qaplatform.store.rubric_releases import ReleaseLine

SEE, PUBLISH = "rubrics.see", "rubrics.publish"
MOST_NOTE_CHARS = 2000
_HASH_CHARS = 12


def history(session: Session, viewer: Viewer, code: str) -> list[ReleaseLine]:
    """All releases of a rubric, the one that holds last first; before the oldest the shipped version held.

    Raises:
        AccessError: the viewer may not see it.
    """
    viewer.demand(SEE)
    return store.release_lines(session, code)


def version(session: Session, viewer: Viewer, code: str, content_hash: str) -> RubricInForce:
    """A version of a rubric by its content hash, or what a release published, by its number.

    Raises:
        AccessError: the viewer may not see it.
        UnknownRubricError: there is none, or this release cannot read it any more.
    """
    viewer.demand(SEE)
    is_number = content_hash.isdecimal() and len(content_hash) < _HASH_CHARS
    named = release_numbered if is_number else version_named
    found = named(session, content_hash, code)
    if found is None or found.rubric.id != code:
        raise UnknownRubricError
    return found


def newest_version(session: Session, viewer: Viewer, code: str) -> RubricInForce:
    """The version that holds once all that is published has come to hold.

    Raises:
        AccessError: the viewer may not see it.
        UnknownRubricError: there is no such rubric.
    """
    viewer.demand(SEE)
    return newest_of(rubric_book(session), code)


def shipped(code: str) -> RubricInForce | None:
    """The version that came with the program."""
    return next((one for one in rubrics_in_force() if one.rubric.id == code), None)


@dataclass(frozen=True)
class Publication:
    """From which day, in which zone, with which words to the agents; ``against`` is what it was compared with."""

    from_day: date
    zone: ZoneInfo
    against: str
    """Content hash of the newest version as whoever publishes has seen it."""
    note: str = ""
    after: int | None = None
    """Number of the last release that they have seen, 0 for none: some judge the same with other examples. ``None`` does not
    ask."""


def last_number(session: Session, viewer: Viewer, code: str) -> int:
    """The number of a rubric's last release, 0 where there is none.

    Raises:
        AccessError: the viewer may not see it.
    """
    viewer.demand(SEE)
    last = store.last_release(session, code)
    return 0 if last is None else last.number


def roll_back(
    session: Session, viewer: Viewer, code: str, content_hash: str, said: Publication, *, now: datetime
) -> int:
    """Publish an old version again; the release's id.

    Raises:
        AccessError: the viewer may not publish.
        UnknownRubricError: there is no such version.
        SameRubricError, RubricTieError, RubricMovedOnError, PastDayError, NoteLengthError: as in publishing.
    """
    viewer.demand(PUBLISH)
    old = version(session, viewer, code, content_hash)
    return release(session, viewer, rubric_book(session), old, said, code=code, draft_id=None, now=now)


def begin_of(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """From which moment a version holds that is published for a day: today, from now on.

    Raises:
        PastDayError: the day has passed.
    """
    today = now.astimezone(zone).date()
    if day < today:
        raise PastDayError
    return now if day == today else datetime.combine(day, time(), zone)


def release(
    session: Session,
    viewer: Viewer,
    book: RubricBook,
    one: RubricInForce,
    said: Publication,
    *,
    code: str,
    draft_id: int | None,
    now: datetime,
) -> int:
    """Make a version hold from a day on; the release's id. Without a draft it is a way back.

    Raises:
        OtherRubricError, SameRubricError, RubricTieError, RubricMovedOnError, PastDayError, NoteLengthError: as in publishing.
    """
    present, rubric = newest_of(book, code), one.rubric
    if rubric.id != code:
        raise OtherRubricError
    is_seen = said.after is None or said.after == last_number(session, viewer, code)
    if present.rubric.content_hash != said.against or not is_seen:
        raise RubricMovedOnError
    is_same = present.rubric.content_hash == rubric.content_hash
    if is_same and dict(present.files) == dict(one.files):
        raise SameRubricError
    others = [other.rubric for other in book.last if other.rubric.id != code]
    if lint_set([*others, rubric]):
        raise RubricTieError
    since, text = begin_of(said.from_day, said.zone, now), note_text(said.note)
    version_id = store.version_of(session, rubric.content_hash, code, one.files, now=now)
    try:
        release_id = store.add_release(
            session, code=code, version_id=version_id, effective_from=since, note=text,
            draft_id=draft_id, published_by=viewer.user_id, now=now,
            files=one.files if is_same or store.has_other_files(session, rubric.content_hash, one.files) else None,
        )  # fmt: skip
    except store.ReleaseRaceError as error:
        raise RubricMovedOnError from error
    action = "rubric.published" if draft_id else "rubric.rolled_back"
    note_activity(session, viewer, now, action, ("rubric_release", release_id), version=version_id)
    return release_id


def newest_of(book: RubricBook, code: str) -> RubricInForce:
    """The version of a rubric that holds in the end.

    Raises:
        UnknownRubricError: there is no such rubric.
    """
    found = book.newest(code)
    if found is None:
        raise UnknownRubricError
    return found


def note_text(text: str) -> str:
    """A note as it is kept.

    Raises:
        NoteLengthError: it is too long.
    """
    if len(text) > MOST_NOTE_CHARS:
        raise NoteLengthError
    return str(without_nul(text.replace("\r\n", "\n").strip()))
