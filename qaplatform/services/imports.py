"""Imports as people see and steer them: uploads wait as drafts until somebody has said how they are to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.intake import ImportOptions, Upload, announce_import, key_of
from qaplatform.services.jobs import JobView
from qaplatform.services.jobs import cancel as cancel_job
from qaplatform.services.jobs import one as job_named
from qaplatform.services.jobs import retry as retry_job
from qaplatform.services.noting import note
from qaplatform.services.shops import ShopFields, create_shop
from qaplatform.services.uploads import left_behind
from qaplatform.store import import_list, imports
from qaplatform.store.import_list import ImportFilter, ImportLine, JobOfKey, Reach
from qaplatform.store.imports import LIVE, ImportState, NewImport
from qaplatform.store.tables import ImportProblem

COUNTED: frozenset[ImportState] = frozenset({"draft", "waiting", "running", "failed"})
"""States of which a list says how many there are: those that somebody may have to do something about."""


class ImportNotFoundError(QAPlatformError):
    """There is no such import, or it belongs to a shop that is not yours; look at the list of imports."""

    code: ClassVar[str] = "imports.unknown"


class ImportMovedOnError(QAPlatformError):
    """Somebody else was quicker; load the page again to see how the import stands."""

    code: ClassVar[str] = "imports.moved_on"


class ImportFileGoneError(QAPlatformError):
    """The file is not kept any more; upload it again."""

    code: ClassVar[str] = "imports.file_gone"


class ImportPlaceError(QAPlatformError):
    """Choose the shop that the conversations belong to."""

    code: ClassVar[str] = "imports.place"


@dataclass(frozen=True)
class Place:
    """Where the conversations of a file go: into one shop, or each into the shop it names."""

    shop_id: int | None = None
    create_shops: bool = False
    """Shops that are named and not there are set up."""
    new_shop: str | None = None
    """The name of a shop that is to be set up first."""


@dataclass(frozen=True)
class ImportView:
    """An import with the job that takes it in, and what the viewer may do with it."""

    line: ImportLine
    """As its job left it."""
    job: JobView | None
    per_second: float | None
    """Conversations."""
    may_confirm: bool
    may_cancel: bool
    may_retry: bool

    @property
    def state(self) -> ImportState:
        """How it stands."""
        return self.line.state


def reach_of(viewer: Viewer) -> Reach:
    """The imports a viewer may see."""
    return Reach(viewer.scope("imports.see"), viewer.user_id)


def listed(
    session: Session, viewer: Viewer, wanted: ImportFilter, *, now: datetime, page: int = 1, page_size: int = 50
) -> Sequence[ImportView]:
    """A page of imports, newest first, and one more if there is a next page."""
    lines = import_list.listed(session, reach_of(viewer), wanted, offset=(page - 1) * page_size, limit=page_size + 1)
    jobs = import_list.jobs_of_keys(session, [key_of(one.id) for one in lines if one.state in LIVE])
    return [_view(session, viewer, one, jobs.get(key_of(one.id)), now) for one in lines]


def shown(session: Session, viewer: Viewer, import_id: int, *, now: datetime) -> ImportView:
    """One import.

    Raises:
        ImportNotFoundError: it is not there, or not for this viewer.
    """
    line = _visible(session, viewer, import_id)
    return _view(session, viewer, line, _job_of(session, import_id), now)


def _visible(session: Session, viewer: Viewer, import_id: int) -> ImportLine:
    line = import_list.line_of(session, import_id)
    if line is None or not may_see(viewer, line):
        raise ImportNotFoundError
    return line


def may_see(viewer: Viewer, line: ImportLine) -> bool:
    """Whether a viewer may see an import."""
    return _may(viewer, "imports.see", line)


def _may(viewer: Viewer, permission: str, line: ImportLine) -> bool:
    if line.shop_id is None and line.user_id == viewer.user_id:
        return viewer.may(permission)
    return viewer.may_see(permission, shop_id=line.shop_id, team_id=None, agent_id=None)


def pushed(
    session: Session, shop_id: int, import_id: int, *, after: int, limit: int
) -> tuple[ImportLine, Sequence[ImportProblem]]:
    """A batch that was pushed into a shop, and its problems from behind place ``after``.

    Raises:
        ImportNotFoundError: it is not there, or came in another way or into another shop.
    """
    line = import_list.line_of(session, import_id)
    if line is None or line.origin != "push" or line.shop_id != shop_id:
        raise ImportNotFoundError
    line = _as_its_job_left_it(line, _job_of(session, import_id))
    return line, imports.problems_of(session, import_id, after=after, limit=limit)


def _job_of(session: Session, import_id: int) -> JobOfKey | None:
    return import_list.jobs_of_keys(session, [key_of(import_id)]).get(key_of(import_id))


def _as_its_job_left_it(line: ImportLine, found: JobOfKey | None) -> ImportLine:
    """Where a worker was lost too often, or somebody ended a job as a job, the import itself does not know."""
    if line.state not in LIVE or found is None or found.state not in {"failed", "cancelled"}:
        return line
    state: ImportState = "failed" if found.state == "failed" else "cancelled"
    return replace(line, state=state, error=found.error, finished_at=found.finished_at)


def _view(session: Session, viewer: Viewer, line: ImportLine, found: JobOfKey | None, now: datetime) -> ImportView:
    line = _as_its_job_left_it(line, found)
    state = line.state
    job = job_named(session, found.id, now=now) if found is not None and state != "draft" else None
    makes = _may(viewer, "imports.make", line)
    per_second = None
    if job is not None and job.state == "running" and job.per_second and job.done:
        per_second = job.per_second * line.position / job.done
    return ImportView(
        line=line,
        job=job,
        per_second=per_second,
        may_confirm=makes and state == "draft",
        may_cancel=makes and state in LIVE and job is not None and job.may_cancel,
        may_retry=makes and state in {"failed", "cancelled"} and line.file_path is not None and job is not None,
    )


# --- from the upload to its job -----------------------------------------------------------------------


def made_place(session: Session, place: Place, *, by: Viewer, now: datetime, data_folder: Path, timezone: str) -> Place:
    """A place whose new shop, if it is to have one, is there.

    Raises:
        AccessError: ``by`` may not set up shops.
        ShopNameFormError, ShopCodeFormError, ShopCodeTakenError: the shop cannot be called so.
    """
    if place.new_shop is None:
        return place
    fields = ShopFields(code=place.new_shop, name=place.new_shop, timezone=timezone)
    return Place(create_shop(session, fields, by=by, now=now, data_folder=data_folder))


def strays(session: Session, data_folder: Path, *, now: datetime) -> list[Path]:
    """Files that a crash left behind in the data folder; for the caller to remove."""
    parts, files = left_behind(data_folder, now=now)
    known = import_list.paths_known(session, [str(one) for one in files]) if files else set()
    return [*parts, *(one for one in files if str(one) not in known)]


def checked_place(viewer: Viewer, place: Place) -> dict[str, Any]:
    """What of a place goes into an import's options.

    Raises:
        AccessError: the viewer may not import into that shop, or not set up shops.
    """
    viewer.demand("imports.make")
    if place.shop_id is not None:
        if not viewer.may_see("imports.make", shop_id=place.shop_id, team_id=None, agent_id=None):
            raise AccessError
        return {}
    if place.create_shops:
        viewer.demand("shops.manage")
    scope = viewer.scope("imports.make")
    if scope.everything:
        return {"create_shops": True} if place.create_shops else {}
    # Conversations name their shops themselves: nobody puts any into a shop that is not theirs.
    return {"only_shops": sorted(scope.shop_ids)}


def new_draft(session: Session, upload: Upload, place: Place, *, by: Viewer, now: datetime) -> int:
    """Keep an upload until it is confirmed; the import's id.

    Raises:
        AccessError: ``by`` may not import into that shop.
    """
    options = checked_place(by, place)
    new = NewImport(
        shop_id=place.shop_id, origin="upload", file_name=upload.name, file_path=str(upload.path),
        file_bytes=upload.size_bytes, file_hash=upload.sha256, options=options, user_id=by.user_id,
    )  # fmt: skip
    return imports.make(session, new, now=now, state="draft")


def draft_of(session: Session, viewer: Viewer, import_id: int) -> ImportLine:
    """A draft that the viewer may confirm.

    Raises:
        ImportNotFoundError: it is not there, or not for this viewer.
        ImportMovedOnError: it is no draft any more.
        ImportFileGoneError: its file is not there.
    """
    line = _visible(session, viewer, import_id)
    if not _may(viewer, "imports.make", line):
        raise ImportNotFoundError
    if line.state != "draft":
        raise ImportMovedOnError
    if line.file_path is None or not Path(line.file_path).exists():
        raise ImportFileGoneError
    return line


def set_draft(session: Session, import_id: int, place: Place, reading: Mapping[str, Any], *, by: Viewer) -> None:
    """Put down how a draft is to be read and where its conversations go; ``reading`` as in ``ReadOptions``.

    Raises:
        AccessError: ``by`` may not import into that shop.
        ImportNotFoundError, ImportMovedOnError: as for :func:`draft_of`.
        InputError: an option does not make sense.
    """
    draft_of(session, by, import_id)
    options = checked_place(by, place) | {"reading": dict(reading)}
    ImportOptions.of(options)
    if not import_list.set_draft(session, import_id, shop_id=place.shop_id, options=options):
        raise ImportMovedOnError


def confirm(session: Session, import_id: int, *, by: Viewer, now: datetime) -> int:
    """Announce the job that takes a draft in; the job's id.

    Raises:
        AccessError: ``by`` may not import into its shop any more.
        ImportNotFoundError, ImportMovedOnError, ImportFileGoneError: as for :func:`draft_of`.
    """
    line = draft_of(session, by, import_id)
    place = Place(line.shop_id, bool(line.options.get("create_shops")))
    options = checked_place(by, place) | {"reading": line.options.get("reading", {})}
    if not import_list.set_draft(session, import_id, shop_id=line.shop_id, options=options):
        raise ImportMovedOnError
    import_list.confirm(session, import_id, now=now)
    note(session, by, now, "import.started", ("import", import_id), shop_id=line.shop_id)
    return announce_import(session, import_id, line.file_bytes, user_id=by.user_id, now=now)


def discard(session: Session, import_id: int, *, by: Viewer) -> str:
    """Remove a draft; the path of its file, for the caller to remove once this is committed.

    Raises:
        ImportNotFoundError, ImportMovedOnError, ImportFileGoneError: as for :func:`draft_of`.
    """
    draft_of(session, by, import_id)
    path = import_list.remove_draft(session, import_id)
    if path is None:
        raise ImportMovedOnError
    return path


# --- while it goes on, and after ------------------------------------------------------------------------


def cancel(session: Session, import_id: int, *, by: Viewer, now: datetime) -> None:
    """End an import that waits, or ask one that is going on to stop; what is stored stays.

    Raises:
        ImportNotFoundError: it is not there, or not for this viewer.
        ImportMovedOnError: it has ended.
    """
    view = _steered(session, import_id, by, now)
    if not view.may_cancel or view.job is None:
        raise ImportMovedOnError
    follow(session, cancel_job(session, view.job.id, now=now, user_id=by.user_id), now=now)


def retry(session: Session, import_id: int, *, by: Viewer, now: datetime) -> None:
    """Let an import that failed or was cancelled go on where it stopped, into shops that ``by`` may still import into.

    Raises:
        ImportNotFoundError: it is not there, or not for this viewer.
        ImportMovedOnError: it waits, runs or is done.
        ImportFileGoneError: its file is not kept any more.
        JobKeyBusyError, JobNotToRetryError: as for ``services.jobs.retry``.
    """
    view = _steered(session, import_id, by, now)
    if view.line.file_path is None:
        raise ImportFileGoneError
    if not view.may_retry or view.job is None:
        raise ImportMovedOnError
    scope, line = by.scope("imports.make"), view.line
    if line.shop_id is None and not scope.everything:
        # Whoever made it may have been given fewer shops since.
        only = scope.shop_ids & set(line.options.get("only_shops", scope.shop_ids))
        import_list.narrow(session, import_id, options=line.options | {"only_shops": sorted(only)})
    follow(session, retry_job(session, view.job.id, now=now, user_id=by.user_id), now=now)


def follow(session: Session, job: JobView, *, now: datetime) -> None:
    """Say of an import what has just been made of its job: ended while it waited, or waiting again.

    Whatever else becomes of a job its handler says itself. For jobs of other kinds nothing is done.
    """
    if job.import_id is None:
        return
    if job.state == "cancelled":
        import_list.end_unended(session, job.import_id, "cancelled", now=now)
    elif job.state == "waiting":
        import_list.wait_again(session, job.import_id)


def settle(session: Session, import_id: int, *, now: datetime) -> None:
    """Say of an import that waits or is going on what its job says, if that has ended without a word to it."""
    found = _job_of(session, import_id)
    if found is None or found.state in {"failed", "cancelled"}:
        state: ImportState = "cancelled" if found is not None and found.state == "cancelled" else "failed"
        import_list.end_unended(session, import_id, state, now=now, error=found.error if found else None)


def _steered(session: Session, import_id: int, by: Viewer, now: datetime) -> ImportView:
    view = shown(session, by, import_id, now=now)
    if not _may(by, "imports.make", view.line):
        raise ImportNotFoundError
    return view
