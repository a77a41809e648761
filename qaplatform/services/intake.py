"""Taking in files: an upload is registered, and a background job reads, audits and stores it, a piece at a time.

Each piece is one transaction, with its conversations, audits, problems and the import's counts and position. An import
that was interrupted goes on behind the last piece; what it stores and counts in the end is what it would have been.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from qaplatform.errors import InputError
from qaplatform.formats.inputs import FoundInputs, input_named
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.reading import open_sources
from qaplatform.formats.report import WAYS_OUT
from qaplatform.services.jobs import JobCancelledError, JobRun
from qaplatform.services.judging import Judge
from qaplatform.services.pieces import MOST_CONVERSATIONS, Piece, pieces, without_stored
from qaplatform.services.problems import problem_of
from qaplatform.services.taking_in import Desk, Prepared
from qaplatform.store import imports
from qaplatform.store.conversations import UnauditedError
from qaplatform.store.imports import ImportSeen, NewImport, Origin, Problem, Step
from qaplatform.store.jobs import announce
from qaplatform.store.shop_names import all_shops

IMPORT_KIND = "import"
_BLOCK_BYTES = 2 << 20
_READING = (
    "kind",
    "zone",
    "encoding",
    "delimiter",
    "sheet",
    "columns",
    "roles",
    "agent_names",
    "shop",
    "split_gap_seconds",
)
_AHEAD = 2
"""Pieces being audited at once for each process, where there are several."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How an input is read, and whether shops that it names are made."""

    reading: ReadOptions = field(default_factory=ReadOptions)
    create_shops: bool = False
    only_shops: tuple[int, ...] | None = None
    """The shops whose conversations may come in, where each names its own; ``None`` = all."""

    def as_json(self) -> dict[str, Any]:
        """For the import's row."""
        defaults = ReadOptions()
        said = {name: getattr(self.reading, name) for name in _READING}
        kept = {name: value for name, value in said.items() if value != getattr(defaults, name)}
        for name in ("columns", "roles"):
            if name in kept:
                kept[name] = dict(kept[name])
        shops = {} if self.only_shops is None else {"only_shops": list(self.only_shops)}
        return {"reading": kept} | ({"create_shops": True} if self.create_shops else {}) | shops

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> ImportOptions:
        """From the import's row.

        Raises:
            InputError: an option does not make sense.
        """
        reading = dict(said.get("reading", {}))
        if "agent_names" in reading:
            reading["agent_names"] = tuple(reading["agent_names"])
        shops = said.get("only_shops")
        return cls(
            ReadOptions(**reading, block_bytes=_BLOCK_BYTES),
            create_shops=bool(said.get("create_shops")),
            only_shops=None if shops is None else tuple(shops),
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to take in; ``path`` is where its bytes lie and keeps the suffix of ``name``, which people see."""

    path: Path
    name: str
    size_bytes: int
    sha256: str


def upload_of(path: Path, name: str | None = None) -> Upload:
    """A file as it lies there.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Upload(path, name or path.name, file.tell(), digest)
    except OSError as error:
        raise InputError(error.strerror or "cannot be read", file=str(path)) from error


def register_upload(
    session: Session,
    upload: Upload,
    *,
    shop_id: int | None,
    origin: Origin,
    options: ImportOptions,
    user_id: int | None,
    now: datetime,
) -> int:
    """Make an import and announce its job in the same transaction; the import's id.

    ``shop_id`` is the shop of all conversations in the file; ``None`` = each names its own.
    """
    import_id = make_import(session, upload, shop_id=shop_id, origin=origin, options=options, user_id=user_id, now=now)
    announce_import(session, import_id, upload.size_bytes, user_id=user_id, now=now)
    return import_id


def announce_import(session: Session, import_id: int, size_bytes: int, *, user_id: int | None, now: datetime) -> int:
    """Announce the job that takes in an import's file; the job's id."""
    return announce(
        session, IMPORT_KIND, {"import_id": import_id}, now=now, unique_key=key_of(import_id), user_id=user_id,
        total=size_bytes,
    )  # fmt: skip


def key_of(import_id: int) -> str:
    """The unique key of an import's job: there is one at a time."""
    return f"{IMPORT_KIND}:{import_id}"


def make_import(
    session: Session,
    upload: Upload,
    *,
    shop_id: int | None,
    origin: Origin,
    options: ImportOptions,
    user_id: int | None,
    now: datetime,
) -> int:
    """Make an import without a job, for whoever runs it at once."""
    new = NewImport(
        shop_id=shop_id, origin=origin, file_name=upload.name[-500:], file_path=str(upload.path),
        file_bytes=upload.size_bytes, file_hash=upload.sha256, options=options.as_json(), user_id=user_id,
    )  # fmt: skip
    return imports.make(session, new, now=now)


def run_import(run: JobRun) -> None:
    """Handler of the job ``import``.

    Raises:
        InputError: the input cannot be read at all.
        JobCancelledError: somebody asked for it to stop, between two pieces.
    """
    work_off(run, int(run.payload["import_id"]))


def work_off(run: JobRun, import_id: int, *, workers: int = 1, most: int = MOST_CONVERSATIONS) -> None:
    """Take in what is left of an import: audits are made in so many processes, so many conversations stored at once.

    Raises:
        InputError: the input cannot be read at all.
        JobCancelledError: somebody asked for it to stop, between two pieces.
    """
    seen, kept = _begun(run, import_id)
    if seen is None:
        return
    try:
        with Judge(workers) as judge:
            _Work(run, seen, judge, kept, most).go_on()
    except InputError as error:
        said = f"{error.reason} ({error.way_out})" if error.way_out else error.reason
        with run.writing() as session:
            imports.end(session, import_id, "failed", now=run.now(), error=said)
        raise


def give_up(run: JobRun, import_id: int, said: str) -> None:
    """Say that an import that was going on is cancelled; it can go on later."""
    with run.writing() as session:
        imports.end(session, import_id, "cancelled", now=run.now(), error=said)


def _begun(run: JobRun, import_id: int) -> tuple[ImportSeen | None, int]:
    """The import and how many problems of it are kept; ``None`` where it is done already."""
    with run.writing() as session:
        seen = imports.find(session, import_id)
        if seen is None:
            raise InputError(f"there is no import {import_id}")
        if seen.state != "done":
            imports.begin(session, import_id)
            if seen.position == 0:
                # Nothing is stored; a try before may have said why it could not read the input.
                imports.forget_problems(session, import_id)
            return seen, imports.problem_count(session, import_id)
    _drop_upload(run, seen)
    return None, 0


def _drop_upload(run: JobRun, seen: ImportSeen) -> None:
    """Remove the bytes of an upload that is taken in: what customers wrote stands in the database now."""
    if seen.origin not in imports.OURS or seen.file_path is None:
        return
    Path(seen.file_path).unlink(missing_ok=True)
    with run.writing() as session:
        imports.forget_file(session, seen.id)


class _Work:
    """An import on its way."""

    def __init__(self, run: JobRun, seen: ImportSeen, judge: Judge, kept_problems: int, most: int) -> None:
        self._run, self._seen, self._most = run, seen, most
        self._options = ImportOptions.of(seen.options)
        with run.store.reading() as session:
            self._reading = reading_for(session, seen.shop_id, seen.options)
        self._position, self._kept_problems = seen.position, kept_problems
        self._ahead = judge.workers * _AHEAD if judge.workers > 1 else 0
        self._desk = Desk(
            run.store, judge, shop_id=seen.shop_id, as_of=seen.created_at, create_shops=self._options.create_shops,
            only_shops=self._options.only_shops,
        )  # fmt: skip

    def go_on(self) -> None:
        """Take in all that is left."""
        waiting: deque[tuple[Piece, Prepared]] = deque()
        for piece in self._pieces():
            waiting.append((piece, self._prepared(piece)))
            while len(waiting) > self._ahead:
                self._store(*waiting.popleft())
        while waiting:
            self._store(*waiting.popleft())
        _drop_upload(self._run, self._seen)

    def _pieces(self) -> Iterator[Piece]:
        seen = self._seen
        if seen.file_path is None:
            raise InputError("the file is not kept any more", file=seen.file_name, way_out="upload it again")
        path = Path(seen.file_path)
        if upload_of(path).sha256 != seen.file_hash:
            raise InputError("the file has changed since it was registered", file=seen.file_name)
        inputs = FoundInputs((input_named(path, seen.file_name),))
        for source in open_sources(inputs, self._reading):
            yield from without_stored(pieces(source.blocks(), seen.file_name, self._most), seen.position)

    def _prepared(self, piece: Piece, *, audit_all: bool = False) -> Prepared:
        run = self._run
        return self._desk.prepare(piece.conversations, writing=run.writing, now=run.now(), audit_all=audit_all)

    def _store(self, piece: Piece, prepared: Prepared) -> None:
        if self._run.cancel_asked():
            self._cancel()
        try:
            self._write(piece, prepared)
        except UnauditedError:
            self._write(piece, self._prepared(piece, audit_all=True))

    def _write(self, piece: Piece, prepared: Prepared) -> None:
        run, import_id, now = self._run, self._seen.id, self._run.now()
        refused = [problem_of(one, piece.lines[one.place]) for one in prepared.refused]
        problems = [*piece.problems, *refused]
        position = self._position + len(piece.conversations)
        fault = _whole_fault(problems) if piece.is_last and not position else None
        with run.writing() as session:
            counts = self._desk.store(session, prepared, import_id=import_id, now=now)
            imports.add_problems(session, import_id, problems, first=self._kept_problems)
            rejected = sum(one.rejected for one in problems)
            step = Step(
                len(piece.conversations), counts.new, counts.updated, counts.same, counts.older, rejected, counts.messages
            )  # fmt: skip
            imports.go_on(session, import_id, step)
            if piece.is_last and fault is None:
                imports.end(session, import_id, "done", now=now)
            run.progress(session, piece.read_bytes, self._seen.file_bytes, f"{position:,}")
        self._position, self._kept_problems = position, self._kept_problems + len(problems)
        if fault is not None:
            raise InputError(fault.reason, file=self._seen.file_name, way_out=WAYS_OUT.get(fault.code))

    def _cancel(self) -> None:
        give_up(self._run, self._seen.id, f"cancelled behind {self._position:,} conversations")
        raise JobCancelledError


def reading_for(session: Session, shop_id: int | None, said: Mapping[str, Any]) -> ReadOptions:
    """How to read for a shop by an import's options: its own zone and name, where nothing else was said.

    Raises:
        InputError: an option does not make sense.
    """
    reading = ImportOptions.of(said).reading
    if shop_id is None:
        return reading
    shop = next(one for one in all_shops(session) if one.id == shop_id)
    zone = reading.zone if "zone" in said.get("reading", {}) else shop.timezone
    return replace(reading, zone=zone, shop=reading.shop or shop.name)


def _whole_fault(problems: Sequence[Problem]) -> Problem | None:
    """Why nothing of an input could be read, if it is so."""
    return next((one for one in problems if one.rejected and one.line == 0), None)
