"""Imports: how far each is, what it counted, what was wrong with its input; watched files and pushed batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.store.engine import StoreError
from qaplatform.store.rows import insert_new, insert_rows
from qaplatform.store.tables import Import, ImportProblem, PushBatch, Setting, Shop, WatchedFile

Origin = Literal["upload", "command", "folder", "push", "samples"]
ImportState = Literal["draft", "waiting", "running", "done", "failed", "cancelled"]
OURS: frozenset[Origin] = frozenset({"upload", "push"})
"""Origins whose files lie in the data folder; those in watched folders and on the command line are other people's."""
LIVE: frozenset[ImportState] = frozenset({"waiting", "running"})
MOST_PROBLEMS = 10_000
"""So many problems of one import are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class NewImport:
    """What an import is made of."""

    shop_id: int | None
    origin: Origin
    file_name: str
    file_path: str | None
    file_bytes: int
    file_hash: str
    options: dict[str, Any]
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """How far one transaction takes an import; ``position`` counts conversations, refused ones too."""

    position: int = 0
    new: int = 0
    updated: int = 0
    same: int = 0
    older: int = 0
    rejected: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was rejected or noticed, without what stood in it."""

    rejected: bool
    line: int
    field: str
    code: str
    reason: str


def make(session: Session, one: NewImport, *, now: datetime, state: ImportState = "waiting") -> int:
    """Make an import; its id."""
    row = Import(
        shop_id=one.shop_id, origin=one.origin, file_name=one.file_name, file_path=one.file_path,
        file_bytes=one.file_bytes, file_hash=one.file_hash, options=one.options, state=state, user_id=one.user_id,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


@dataclass(frozen=True, slots=True)
class ImportSeen:
    """An import as whoever works on it must know it."""

    id: int
    shop_id: int | None
    origin: Origin
    file_name: str
    file_path: str | None
    file_bytes: int
    file_hash: str
    options: dict[str, Any]
    state: ImportState
    position: int
    created_at: datetime


def find(session: Session, import_id: int) -> ImportSeen | None:
    """An import as it stands."""
    row = Import
    columns = (
        row.id, row.shop_id, row.origin, row.file_name, row.file_path, row.file_bytes, row.file_hash, row.options,
        row.state, row.position, row.created_at,
    )  # fmt: skip
    found = session.execute(select(*columns).where(row.id == import_id)).one_or_none()
    return None if found is None else ImportSeen(*found)


def counted(session: Session, import_id: int) -> Step:
    """All that an import has counted."""
    row = Import
    columns = (
        row.position, row.new_count, row.updated_count, row.same_count, row.older_count, row.rejected_count,
        row.message_count,
    )  # fmt: skip
    return Step(*session.execute(select(*columns).where(row.id == import_id)).one())


def go_on(session: Session, import_id: int, step: Step) -> None:
    """Count what a transaction stored."""
    row = Import
    session.execute(
        update(row)
        .where(row.id == import_id)
        .values(
            position=row.position + step.position,
            new_count=row.new_count + step.new,
            updated_count=row.updated_count + step.updated,
            same_count=row.same_count + step.same,
            older_count=row.older_count + step.older,
            rejected_count=row.rejected_count + step.rejected,
            message_count=row.message_count + step.messages,
        )
        .execution_options(synchronize_session=False)
    )


def begin(session: Session, import_id: int) -> None:
    """Say that an import is being worked on, whatever became of an earlier try."""
    _set(session, import_id, state="running", error=None, finished_at=None)


def end(session: Session, import_id: int, state: ImportState, *, now: datetime, error: str | None = None) -> None:
    """Say how an import ended."""
    _set(session, import_id, state=state, error=error, finished_at=now)


def forget_file(session: Session, import_id: int) -> None:
    """Say that the bytes of an import are no longer kept."""
    _set(session, import_id, file_path=None)


def _set(session: Session, import_id: int, **values: Any) -> None:
    statement = update(Import).where(Import.id == import_id).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))


def problem_count(session: Session, import_id: int) -> int:
    """How many problems of an import are kept."""
    return session.scalar(select(func.count()).where(ImportProblem.import_id == import_id)) or 0


def forget_problems(session: Session, import_id: int) -> None:
    """Remove the problems of an import of which nothing is stored, for another try."""
    session.execute(delete(ImportProblem).where(ImportProblem.import_id == import_id))
    _set(session, import_id, rejected_count=0)


def add_problems(session: Session, import_id: int, problems: Sequence[Problem], *, first: int) -> None:
    """Keep problems, the first of which is number ``first`` of its import."""
    columns = ("import_id", "place", "rejected", "line", "field", "code", "reason")
    kept = problems[: max(0, MOST_PROBLEMS - first)]
    rows = [
        (import_id, place, one.rejected, one.line, one.field[:200], one.code, one.reason)
        for place, one in enumerate(kept, start=first)
    ]
    insert_rows(session, ImportProblem, columns, rows)


def problems_of(session: Session, import_id: int, *, after: int = -1, limit: int = 1000) -> list[ImportProblem]:
    """An import's problems in order, from behind place ``after``."""
    row = ImportProblem
    asked = select(row).where(row.import_id == import_id, row.place > after).order_by(row.place).limit(limit)
    return list(session.scalars(asked))


# --- watched folders ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A shop's watched folder."""

    shop_id: int
    path: str


def watched_folders(session: Session) -> list[WatchedFolder]:
    """The folders of active shops."""
    asked = select(Shop.id, Shop.watched_folder).where(Shop.active, Shop.watched_folder.is_not(None))
    return [WatchedFolder(id, str(path)) for id, path in session.execute(asked.order_by(Shop.id)) if path]


def note_watched_file(session: Session, shop_id: int, name: str, file_hash: str, *, now: datetime) -> int | None:
    """Note a file's content; its row's id, or ``None`` where that content was noted under that name before."""
    row = WatchedFile
    own = (row.shop_id == shop_id, row.name == name, row.file_hash == file_hash)
    # Two who look at once: the unique constraint lets one of them in, and the import tells whose it is.
    insert_new(session, row, [{"shop_id": shop_id, "name": name, "file_hash": file_hash, "seen_at": now}])
    return session.scalar(select(row.id).where(*own, row.import_id.is_(None)).with_for_update())


def watched_file_taken(session: Session, watched_id: int, import_id: int) -> None:
    """Say which import a watched file went into."""
    statement = update(WatchedFile).where(WatchedFile.id == watched_id).values(import_id=import_id)
    session.execute(statement.execution_options(synchronize_session=False))


def looks_of(session: Session, shop_id: int) -> dict[str, Any]:
    """What the last look into a shop's folder saw, by file name."""
    known = session.get(Setting, f"watched:{shop_id}", populate_existing=True)
    return dict(known.value) if known else {}


def set_looks(session: Session, shop_id: int, looks: dict[str, Any]) -> None:
    """Keep what a look saw."""
    session.merge(Setting(name=f"watched:{shop_id}", value=looks))


# --- pushed batches ----------------------------------------------------------------------------------


class BatchKnownError(StoreError):
    """A batch of this key was taken already."""


@dataclass(frozen=True, slots=True)
class KnownBatch:
    """A batch that was taken before."""

    body_hash: str
    answer: dict[str, Any]


def known_batch(session: Session, shop_id: int, key: str) -> KnownBatch | None:
    """The batch that came under an idempotency key."""
    row = PushBatch
    asked = select(row.body_hash, row.answer).where(row.shop_id == shop_id, row.idempotency_key == key)
    found = session.execute(asked).one_or_none()
    return None if found is None else KnownBatch(*found)


def note_batch(session: Session, shop_id: int, key: str, batch: KnownBatch, import_id: int, *, now: datetime) -> None:
    """Note a batch under its key.

    Raises:
        BatchKnownError: another came first with this key; the transaction cannot go on.
    """
    row = PushBatch(
        shop_id=shop_id, idempotency_key=key, body_hash=batch.body_hash, import_id=import_id, answer=batch.answer,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise BatchKnownError from error
