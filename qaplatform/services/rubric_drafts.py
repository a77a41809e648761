"""The rubric desk: drafts that several people may change, and versions published from a date.

A draft holds the whole YAML of a rubric. Whoever saves says which version of the draft they have seen; whoever publishes
says against which version of the rubric they have compared: nothing is overwritten unseen. What is published holds from
this moment or a later day on, never earlier, and old scores keep their version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note as note_activity
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_checking import Checked, checked
from qaplatform.services.rubric_faults import (
    DraftClosedError,
    DraftFileError,
    DraftMovedOnError,
    FaultyRubricError,
    UnknownDraftError,
    UnknownRubricError,
)
from qaplatform.services.rubric_releases import PUBLISH, SEE, Publication, newest_of, note_text, release
from qaplatform.services.rubrics import RubricInForce
from qaplatform.store import rubric_drafts as store
from qaplatform.store import rubric_releases
from qaplatform.store.nul import without_nul
from qaplatform.store.rubric_drafts import Draft, DraftLine
from qaplatform.store.rubric_releases import LastRelease, ReleaseLine

EDIT = "rubrics.edit"
MOST_FILE_CHARS = 400_000


@dataclass(frozen=True)
class RubricLine:
    """A rubric in the list: what holds now and what will."""

    code: str
    current: RubricInForce
    release: ReleaseLine | None
    """``None``: the shipped version holds."""
    coming: tuple[ReleaseLine, ...]
    """Published, and not in force yet; the next one first."""
    drafts: tuple[DraftLine, ...]


@dataclass(frozen=True)
class DraftSeen:
    """A draft with what it is compared with: the newest version that is published, in force or not."""

    draft: Draft
    newest: RubricInForce
    checked: Checked
    last: LastRelease | None
    """What was published last; ``None`` where nothing was."""

    @property
    def is_behind(self) -> bool:
        """Whether something was published since it was begun, be it only examples or comments, which judge the same."""
        is_newer = self.last is not None and self.last.published_at > self.draft.created_at
        return is_newer or self.draft.base_hash != self.newest.rubric.content_hash

    @property
    def rubric(self) -> Rubric | None:
        """The draft as a rubric; ``None`` with any mistake."""
        return self.checked.rubric

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Its mistakes and what should be better."""
        return self.checked.problems


def rubric_lines(session: Session, viewer: Viewer, *, now: datetime) -> list[RubricLine]:
    """All rubrics.

    Raises:
        AccessError: the viewer may not see them.
    """
    viewer.demand(SEE)
    book = rubric_book(session)
    releases = rubric_releases.release_lines(session)
    drafts = store.drafts(session)
    return [_line(one, releases, drafts, now) for one in book.on(now)]


def _line(
    one: RubricInForce, releases: Sequence[ReleaseLine], drafts: Sequence[DraftLine], now: datetime
) -> RubricLine:
    code = one.rubric.id
    mine = [line for line in releases if line.code == code]
    return RubricLine(
        code=code,
        current=one,
        release=next((line for line in mine if line.effective_from <= now), None),
        coming=tuple(line for line in reversed(mine) if line.effective_from > now),
        drafts=tuple(line for line in drafts if line.code == code),
    )


def rubric_line(session: Session, viewer: Viewer, code: str, *, now: datetime) -> RubricLine:
    """One rubric.

    Raises:
        AccessError: the viewer may not see it.
        UnknownRubricError: there is none.
    """
    found = next((one for one in rubric_lines(session, viewer, now=now) if one.code == code), None)
    if found is None:
        raise UnknownRubricError
    return found


# --- drafts ------------------------------------------------------------------------------------------


def open_draft(
    session: Session,
    viewer: Viewer,
    code: str,
    *,
    now: datetime,
    changes: Mapping[str, str] | None = None,
    note: str = "",
) -> Draft:
    """Begin a draft from the newest published version of a rubric; ``changes`` are files in their new wording, by path.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownRubricError: there is none.
        DraftFileError: the rubric has no such file.
        NoteLengthError: the note is too long.
    """
    viewer.demand(EDIT)
    newest = newest_of(rubric_book(session), code)
    files = _with_changes(newest.files, changes or {})
    draft_id = store.add_draft(
        session, code=code, base_hash=newest.rubric.content_hash, files=files, note=note_text(note),
        author_id=viewer.user_id, now=now,
    )  # fmt: skip
    note_activity(session, viewer, now, "rubric.draft_opened", ("rubric_draft", draft_id))
    return _draft(session, draft_id)


def draft_seen(session: Session, viewer: Viewer, draft_id: int) -> DraftSeen:
    """A draft, checked.

    Raises:
        AccessError: the viewer may not see rubrics.
        UnknownDraftError: there is none.
        UnknownRubricError: its rubric is not there any more.
    """
    viewer.demand(SEE)
    draft = _draft(session, draft_id)
    newest = newest_of(rubric_book(session), draft.code)
    last = rubric_releases.last_release(session, draft.code)
    return DraftSeen(draft, newest, checked(draft.code, draft.files, newest.rubric), last)


def save_files(
    session: Session,
    viewer: Viewer,
    draft_id: int,
    changes: Mapping[str, str],
    *,
    seen_version: int,
    now: datetime,
    note: str | None = None,
) -> Draft:
    """Save files of a draft, with their mistakes if they have any: nobody loses what they wrote.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownDraftError: there is none.
        DraftClosedError: it was published or dropped.
        DraftMovedOnError: somebody else has changed it since ``seen_version``.
        DraftFileError: the rubric has no such file, or it is too long.
        NoteLengthError: the note is too long.
    """
    viewer.demand(EDIT)
    draft = _open(session, draft_id)
    values = {"files": _with_changes(draft.files, changes)} | ({} if note is None else {"note": note_text(note)})
    _change(session, draft, viewer, seen_version, now, **values)
    return _draft(session, draft_id)


def change_files(
    session: Session,
    viewer: Viewer,
    draft_id: int,
    change: Callable[[str, Mapping[str, str]], Mapping[str, str]],
    *,
    seen_version: int,
    now: datetime,
) -> Draft:
    """Save what ``change`` makes of a draft's files, given the rubric's code; files may come and go.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownDraftError: there is none.
        DraftClosedError: it was published or dropped.
        DraftMovedOnError: somebody else has changed it since ``seen_version``.
        UneditableYamlError: ``change`` cannot be done without disturbing the rest.
    """
    viewer.demand(EDIT)
    draft = _open(session, draft_id)
    _change(session, draft, viewer, seen_version, now, files=dict(change(draft.code, draft.files)))
    return _draft(session, draft_id)


def drop_draft(session: Session, viewer: Viewer, draft_id: int, *, seen_version: int, now: datetime) -> None:
    """Put a draft aside for good.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownDraftError: there is none.
        DraftClosedError: it was published or dropped.
        DraftMovedOnError: somebody else has changed it since ``seen_version``.
    """
    viewer.demand(EDIT)
    _change(session, _open(session, draft_id), viewer, seen_version, now, state="dropped")
    note_activity(session, viewer, now, "rubric.draft_dropped", ("rubric_draft", draft_id))


# --- publishing --------------------------------------------------------------------------------------


def publish_draft(
    session: Session, viewer: Viewer, draft_id: int, said: Publication, *, seen_version: int, now: datetime
) -> int:
    """Publish a draft; the release's id. From today means from this moment.

    Raises:
        AccessError: the viewer may not publish.
        UnknownDraftError: there is none.
        DraftClosedError, DraftMovedOnError: it is closed, or was changed since ``seen_version``.
        FaultyRubricError, OtherRubricError, RubricTieError, SameRubricError: it cannot be published as it is.
        RubricMovedOnError: something else was published meanwhile.
        PastDayError: the day has passed.
        NoteLengthError: the note is too long.
    """
    viewer.demand(PUBLISH)
    draft, book = _open(session, draft_id), rubric_book(session)
    # The draft's row is changed first: whoever publishes it at the same time waits here, and then finds it closed.
    _change(session, draft, viewer, seen_version, now, state="published")
    newest = newest_of(book, draft.code)
    rubric = checked(draft.code, draft.files, newest.rubric).rubric
    if rubric is None:
        raise FaultyRubricError
    return release(
        session, viewer, book, RubricInForce(rubric, draft.files), said, code=draft.code, draft_id=draft.id, now=now
    )


def _draft(session: Session, draft_id: int) -> Draft:
    found = store.draft(session, draft_id)
    if found is None:
        raise UnknownDraftError
    return found


def _open(session: Session, draft_id: int) -> Draft:
    found = _draft(session, draft_id)
    if found.state != "open":
        raise DraftClosedError
    return found


def _change(session: Session, draft: Draft, viewer: Viewer, seen_version: int, now: datetime, **values: object) -> None:
    changed = store.change_draft(
        session, draft.id, seen_version=seen_version, user_id=viewer.user_id, now=now, **values
    )  # fmt: skip
    if not changed:
        raise DraftMovedOnError


def _with_changes(files: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    if any(path not in files or len(text) > MOST_FILE_CHARS for path, text in changes.items()):
        raise DraftFileError
    clean = {path: str(without_nul(text.replace("\r\n", "\n"))) for path, text in changes.items()}
    return {**files, **clean}
