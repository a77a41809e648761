"""Which version of a rubric judges from when: releases, which are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.store.engine import StoreError
from qaplatform.store.rows import insert_new
from qaplatform.store.tables import RubricRelease, RubricVersion, User


class ReleaseRaceError(StoreError):
    """Another version of the rubric was published at the same time; look at it first."""


@dataclass(frozen=True, slots=True)
class ReleaseDates:
    """A release without its files: what holds from when."""

    id: int
    code: str
    content_hash: str
    effective_from: datetime
    has_files: bool
    """Whether it has other comments or examples than the version that judges the same."""


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release for people, with who published it."""

    id: int
    code: str
    number: int
    content_hash: str
    version_id: int
    effective_from: datetime
    note: str
    is_rollback: bool
    published_by: str | None
    published_at: datetime
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class LastRelease:
    """The release of a rubric that was published last, whether or not it holds yet."""

    number: int
    published_at: datetime


def last_release(session: Session, code: str) -> LastRelease | None:
    """What was published last of a rubric; ``None`` where the shipped version holds."""
    row = RubricRelease
    asked = select(row.number, row.published_at).where(row.code == code).order_by(row.number.desc()).limit(1)
    found = session.execute(asked).one_or_none()
    return None if found is None else LastRelease(*found)


def release_dates(session: Session) -> list[ReleaseDates]:
    """All releases, in the order in which they come to hold."""
    row = RubricRelease
    asked = (
        select(row.id, row.code, RubricVersion.content_hash, row.effective_from, row.files.is_not(None))
        .join(RubricVersion, RubricVersion.id == row.rubric_version_id)
        .order_by(row.effective_from, row.id)
    )
    return [ReleaseDates(*values) for values in session.execute(asked)]


def release_lines(session: Session, code: str | None = None, *, limit: int | None = None) -> list[ReleaseLine]:
    """Releases of one rubric, or of all, the one that holds last first."""
    row = RubricRelease
    asked = (
        select(
            row.id, row.code, row.number, RubricVersion.content_hash, row.rubric_version_id, row.effective_from, row.note,
            row.draft_id, User.name, row.published_at, row.files.is_not(None),
        )
        .join(RubricVersion, RubricVersion.id == row.rubric_version_id)
        .outerjoin(User, User.id == row.published_by)
        .order_by(row.effective_from.desc(), row.id.desc())
    )  # fmt: skip
    if code is not None:
        asked = asked.where(row.code == code)
    if limit is not None:
        asked = asked.limit(limit)
    return [
        ReleaseLine(id, of, number, content, version, since, note, draft is None, name, at, bool(own))
        for id, of, number, content, version, since, note, draft, name, at, own in session.execute(asked)
    ]


def files_of_versions(session: Session, content_hashes: Collection[str]) -> dict[str, dict[str, str]]:
    """The YAML by path of versions, by content hash; those that nobody knows are left out."""
    if not content_hashes:
        return {}
    asked = select(RubricVersion.content_hash, RubricVersion.files)
    return dict(session.execute(asked.where(RubricVersion.content_hash.in_(sorted(content_hashes)))).all())


def files_of_releases(session: Session, release_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The YAML by path of releases that have their own."""
    if not release_ids:
        return {}
    row = RubricRelease
    asked = select(row.id, row.files).where(row.id.in_(sorted(release_ids)), row.files.is_not(None))
    return {id: dict(files) for id, files in session.execute(asked)}


def has_other_files(session: Session, content_hash: str, files: Mapping[str, str]) -> bool:
    """Whether a version is stored with other comments or examples: it stays as it was when it first judged."""
    kept = files_of_versions(session, [content_hash]).get(content_hash)
    return kept is not None and dict(kept) != dict(files)


def version_of(session: Session, content_hash: str, code: str, files: Mapping[str, str], *, now: datetime) -> int:
    """The id of a version; it is written down where nobody has yet."""
    asked = select(RubricVersion.id).where(RubricVersion.content_hash == content_hash)
    known = session.scalar(asked)
    if known is None:
        row = {"content_hash": content_hash, "code": code, "files": dict(files), "created_at": now}
        insert_new(session, RubricVersion, [row])
        known = session.scalars(asked).one()
    return known


def add_release(  # noqa: PLR0913 - a row
    session: Session,
    *,
    code: str,
    version_id: int,
    effective_from: datetime,
    note: str,
    draft_id: int | None,
    published_by: int,
    now: datetime,
    files: Mapping[str, str] | None = None,
) -> int:
    """Add a release; its id.

    Raises:
        ReleaseRaceError: another one was added at the same time.
    """
    last = session.scalar(select(func.max(RubricRelease.number)).where(RubricRelease.code == code)) or 0
    made = RubricRelease(
        code=code, number=last + 1, rubric_version_id=version_id, effective_from=effective_from, note=note, draft_id=draft_id,
        published_by=published_by, published_at=now, files=None if files is None else dict(files),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError as error:
        raise ReleaseRaceError from error
    return made.id
