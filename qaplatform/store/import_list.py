"""Imports as people see them: lists, one of them, its problems by kind, and what they do with drafts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select, true, update
from sqlalchemy.orm import Session

from qaplatform.store.imports import LIVE, OURS, ImportState, Origin
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import Import, ImportProblem, Job, Shop, User


@dataclass(frozen=True, slots=True)
class Reach:
    """The imports somebody may see: those of a scope, and their own that have no shop."""

    scope: Scope
    user_id: int


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """Which imports a list shows; what is empty narrows nothing."""

    states: frozenset[ImportState] = frozenset()
    origin: Origin | None = None
    shop_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import in a list."""

    id: int
    shop_id: int | None
    shop_name: str | None
    origin: Origin
    file_name: str
    file_path: str | None
    file_bytes: int
    file_hash: str
    options: dict[str, Any]
    state: ImportState
    position: int
    new_count: int
    updated_count: int
    same_count: int
    older_count: int
    rejected_count: int
    message_count: int
    error: str | None
    user_id: int | None
    user_name: str | None
    created_at: datetime
    finished_at: datetime | None


_BY_JOB: tuple[Origin, ...] = ("upload", "folder", "push")
_DRAFT: tuple[ImportState, ...] = ("draft",)
_COLUMNS = (
    Import.id, Import.shop_id, Shop.name, Import.origin, Import.file_name, Import.file_path, Import.file_bytes,
    Import.file_hash, Import.options, Import.state, Import.position, Import.new_count, Import.updated_count,
    Import.same_count, Import.older_count, Import.rejected_count, Import.message_count, Import.error, Import.user_id,
    User.name, Import.created_at, Import.finished_at,
)  # fmt: skip


def _lines(
    session: Session, *which: ColumnElement[bool], limit: int | None = None, offset: int = 0
) -> list[ImportLine]:
    asked: Any = (
        select(*_COLUMNS)
        .outerjoin(Shop, Shop.id == Import.shop_id)
        .outerjoin(User, User.id == Import.user_id)
        .where(*which)
        .order_by(Import.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [ImportLine(*row) for row in session.execute(asked)]


def listed(
    session: Session, reach: Reach, wanted: ImportFilter, *, offset: int = 0, limit: int = 50
) -> Sequence[ImportLine]:
    """Imports, newest first."""
    which = [_within(reach)]
    if wanted.states:
        which.append(Import.state.in_(sorted(wanted.states)))
    if wanted.origin is not None:
        which.append(Import.origin == wanted.origin)
    if wanted.shop_id is not None:
        which.append(Import.shop_id == wanted.shop_id)
    return _lines(session, *which, limit=limit, offset=offset)


def line_of(session: Session, import_id: int) -> ImportLine | None:
    """One import."""
    return next(iter(_lines(session, Import.id == import_id)), None)


def count_by_state(session: Session, reach: Reach, states: Collection[ImportState]) -> Mapping[str, int]:
    """How many imports there are of these states."""
    asked = select(Import.state, func.count()).where(_within(reach), Import.state.in_(sorted(states)))
    return dict(session.execute(asked.group_by(Import.state)).all())


def drafts_of(session: Session, user_id: int) -> Sequence[ImportLine]:
    """What somebody has uploaded and not yet confirmed, newest first."""
    return _lines(session, Import.state == "draft", Import.user_id == user_id)


def known_by_hash(session: Session, file_hash: str, *, but: int) -> ImportLine | None:
    """The newest import of the same content that is done."""
    found = _lines(session, Import.file_hash == file_hash, Import.state == "done", Import.id != but, limit=1)
    return next(iter(found), None)


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.scope.everything:
        return true()
    if not reach.scope.shop_ids:
        return false()
    own = and_(Import.shop_id.is_(None), Import.user_id == reach.user_id)
    return or_(Import.shop_id.in_(sorted(reach.scope.shop_ids)), own)


# --- what people do ----------------------------------------------------------------------------------


def set_draft(session: Session, import_id: int, *, shop_id: int | None, options: dict[str, Any]) -> bool:
    """Put down how a draft is to be read; ``False`` if it is none any more."""
    return _changed(session, import_id, _DRAFT, shop_id=shop_id, options=options)


def confirm(session: Session, import_id: int, *, now: datetime) -> bool:
    """Let a draft wait for its job; ``False`` if it is none any more. It counts as made now."""
    return _changed(session, import_id, _DRAFT, state="waiting", created_at=now)


def narrow(session: Session, import_id: int, *, options: dict[str, Any]) -> bool:
    """Change how an import that has ended goes on; ``False`` if it waits, runs or is done."""
    return _changed(session, import_id, ("failed", "cancelled"), options=options)


def wait_again(session: Session, import_id: int) -> bool:
    """Let an import that failed or was cancelled wait again; ``False`` if it has done neither."""
    return _changed(
        session, import_id, ("failed", "cancelled", "running", "waiting"), state="waiting", error=None, finished_at=None
    )


def end_unended(
    session: Session, import_id: int, state: ImportState, *, now: datetime, error: str | None = None
) -> bool:
    """Say that an import whose job has ended will not go on; ``False`` if it had ended itself."""
    return _changed(session, import_id, LIVE, state=state, error=error, finished_at=now)


def _changed(session: Session, import_id: int, states: Collection[ImportState], **values: Any) -> bool:
    statement = update(Import).where(Import.id == import_id, Import.state.in_(states)).values(**values)
    quiet = statement.execution_options(synchronize_session=False)
    return session.scalar(quiet.returning(Import.id)) is not None


def remove_draft(session: Session, import_id: int) -> str | None:
    """Remove a draft; the path of its file, for the caller to remove, or ``None`` if it is no draft any more."""
    gone = delete(Import).where(Import.id == import_id, Import.state == "draft").returning(Import.file_path)
    return session.scalar(gone.execution_options(synchronize_session=False))


# --- problems ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """Problems of one kind."""

    code: str
    rejected: bool
    count: int


def problem_kinds(session: Session, import_id: int) -> Sequence[ProblemKind]:
    """The kinds of problems of an import, rejected lines first, the most frequent first."""
    row, count = ImportProblem, func.count().label("count")
    asked = select(row.code, row.rejected, count).where(row.import_id == import_id).group_by(row.code, row.rejected)
    return [ProblemKind(*one) for one in session.execute(asked.order_by(row.rejected.desc(), count.desc(), row.code))]


def problems_of_kind(
    session: Session, import_id: int, code: str | None, *, offset: int = 0, limit: int = 50
) -> Sequence[ImportProblem]:
    """Problems, rejected lines first, in the order of the file; ``code=None`` = of all kinds."""
    row = ImportProblem
    in_order = (row.rejected.desc(), row.place)
    asked = select(row).where(row.import_id == import_id).order_by(*in_order).offset(offset).limit(limit)
    return session.scalars(asked if code is None else asked.where(row.code == code)).all()


def whole_problem(session: Session, import_id: int) -> ImportProblem | None:
    """Why nothing of a file could be read."""
    row = ImportProblem
    asked = select(row).where(row.import_id == import_id, row.rejected, row.line == 0).order_by(row.place).limit(1)
    return session.scalar(asked)


# --- files that have had their time, and imports left behind by their jobs --------------------------------


def paths_known(session: Session, paths: Collection[str]) -> set[str]:
    """Which of these files belong to an import."""
    asked = select(Import.file_path).where(Import.file_path.in_(sorted(paths)))
    return {path for path in session.scalars(asked) if path is not None}


def drafts_before(session: Session, moment: datetime, *, limit: int) -> Sequence[int]:
    """Drafts made before a moment."""
    asked = select(Import.id).where(Import.state == "draft", Import.created_at < moment)
    return session.scalars(asked.order_by(Import.id).limit(limit)).all()


def files_kept_before(session: Session, moment: datetime, *, limit: int) -> Sequence[tuple[int, str]]:
    """Files of ours of imports that failed or were cancelled before a moment."""
    asked = select(Import.id, Import.file_path).where(
        Import.state.in_(("failed", "cancelled")), Import.finished_at < moment, Import.origin.in_(OURS),
        Import.file_path.is_not(None),
    )  # fmt: skip
    return [(id, str(path)) for id, path in session.execute(asked.order_by(Import.id).limit(limit))]


def unended(session: Session, *, limit: int) -> Sequence[int]:
    """Imports that wait for their job or are going on in it, the oldest first."""
    asked = select(Import.id).where(Import.state.in_(LIVE), Import.origin.in_(_BY_JOB))
    return session.scalars(asked.order_by(Import.id).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class JobOfKey:
    """The newest job of a key."""

    id: int
    state: str
    error: str | None
    finished_at: datetime | None


def file_names(session: Session, reach: Reach, import_ids: Collection[int]) -> Mapping[int, str]:
    """The names of the files of some imports, as far as somebody may see them."""
    asked = select(Import.id, Import.file_name).where(Import.id.in_(sorted(import_ids)), _within(reach))
    return dict(session.execute(asked).all())


def jobs_of_keys(session: Session, keys: Collection[str]) -> Mapping[str, JobOfKey]:
    """The newest job of each key, whether it still holds it or has ended."""
    key = func.coalesce(Job.unique_key, Job.ended_key)
    held = or_(Job.unique_key.in_(sorted(keys)), Job.ended_key.in_(sorted(keys)))
    asked = (
        select(key, Job.id, Job.state, Job.error, Job.finished_at).where(Job.kind == "import", held).order_by(Job.id)
    )
    return {row[0]: JobOfKey(*row[1:]) for row in session.execute(asked)}
