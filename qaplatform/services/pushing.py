"""Batches that another program sends: taken in at once, whole or not at all, and once for each key they come under."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.formats.inputs import FoundInputs, InputFile
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.reading import open_sources
from qaplatform.services.intake import ImportOptions, register_upload, upload_of
from qaplatform.services.judging import Judge
from qaplatform.services.problems import problem_of, problems_in
from qaplatform.services.taking_in import Counts, Desk, Prepared, counts_of
from qaplatform.services.uploads import UploadPart, remove
from qaplatform.store import imports
from qaplatform.store.conversations import Taken, UnauditedError
from qaplatform.store.engine import Store
from qaplatform.store.faults import StoreAwayError
from qaplatform.store.imports import BatchKnownError, KnownBatch, NewImport, Problem, Step

MOST_CONVERSATIONS = 1_000
MOST_MESSAGES = 20_000
MOST_PROBLEMS = 1_000
_MOST_BYTES = 64 << 20
_NAME = "batch"
_whole = msgspec.json.Decoder(msgspec.Raw)
"""Reads a value through, and keeps nothing of it."""


class KeyReusedError(QAPlatformError):
    """This idempotency key came with another body before; send a new batch under a new key."""

    code: ClassVar[str] = "key_reused"


class NotJsonError(QAPlatformError):
    """The body is no JSON; send an array of conversations, or one conversation a line."""

    code: ClassVar[str] = "not_json"

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


class BatchTooLargeError(InputError):
    """The batch is too large; send at most 1,000 conversations and 20,000 messages at once."""

    code: ClassVar[str] = "batch_too_large"


class Became(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one conversation, or of a line that is none; a rejected one says why."""

    line: int
    result: Literal["new", "updated", "same", "older", "rejected"]
    id: str | None = None
    field: str | None = None
    code: str | None = None
    reason: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch; the same key gets the same answer."""

    import_id: int
    new: int
    updated: int
    same: int
    older: int
    problems: tuple[dict[str, Any], ...]
    """Line, field, code, reason, and whether the line was rejected."""
    results: tuple[Became, ...] = ()
    """All conversations and rejected lines in the order of the batch; empty where the batch waits to be taken in."""
    is_waiting: bool = False
    """It was too large to be taken in at once, and a job does it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was read: its conversations, the lines they begin on, and what was wrong with others."""

    conversations: Sequence[Conversation]
    lines: Sequence[int]
    problems: Sequence[Problem]
    size_bytes: int
    sha256: str


def check_json(body: bytes) -> None:
    """Make sure that a whole body is JSON: one document, or a value a line. A body that was cut off is none.

    Raises:
        NotJsonError: it is not; says where.
    """
    plain = body.removeprefix(b"\xef\xbb\xbf")
    if plain.lstrip()[:1] not in {b"{", b"["}:
        raise NotJsonError("neither an array nor an object" if plain.strip() else "the body is empty", 1, 1)
    fault = _json_fault(plain)
    if fault is None or b"\n" not in plain.strip() or plain.lstrip()[:1] == b"[":
        if fault is not None:
            raise _not_json(fault, plain, 1)
        return
    for number, line in enumerate(plain.split(b"\n"), start=1):
        fault = _json_fault(line) if line.strip() else None
        if fault is not None:
            raise _not_json(fault, line, number)


def _json_fault(data: bytes) -> str | None:
    try:
        _whole.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        return str(error)
    return None


def _not_json(fault: str, data: bytes, first_line: int) -> NotJsonError:
    at = re.search(r"\(byte (\d+)\)", fault)
    before = data[: int(at[1])] if at else data
    line = first_line + before.count(b"\n")
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    reason = "the body breaks off" if "truncated" in fault else "no valid JSON"
    return NotJsonError(reason, line, column)


def read_batch(
    body: bytes,
    reading: ReadOptions,
    *,
    most_conversations: int = MOST_CONVERSATIONS,
    most_messages: int = MOST_MESSAGES,
) -> Batch:
    """Read conversations in the neutral form: one a line, or an array of them.

    Raises:
        BatchTooLargeError: there are too many, or too much is wrong with them.
    """
    options = replace(reading, kind="jsonl", max_whole_bytes=_MOST_BYTES)
    conversations: list[Conversation] = []
    lines: list[int] = []
    problems: list[Problem] = []
    inputs = FoundInputs((InputFile(None, _NAME, _NAME, None),))
    for source in open_sources(inputs, options, stdin=io.BytesIO(body)):
        for block in source.blocks():
            conversations += block.conversations
            lines += block.lines
            problems += problems_in(block, _NAME)
            if len(conversations) > most_conversations or len(problems) > MOST_PROBLEMS:
                raise BatchTooLargeError
    if sum(len(one.messages) for one in conversations) > most_messages:
        raise BatchTooLargeError
    return Batch(conversations, lines, problems, len(body), hashlib.sha256(body).hexdigest())


def take_batch(
    store: Store,
    batch: Batch,
    *,
    shop_id: int | None,
    key: str | None,
    now: datetime,
) -> Answer:
    """Take in a batch in one transaction; under a key that came before with the same body, say the same again.

    Messages that come late are a longer version of their conversation. ``key`` needs a shop.

    Raises:
        KeyReusedError: the key came with another body before.
    """
    known = _known(store, batch, shop_id, key)
    if known is not None:
        return known
    with Judge() as judge:
        desk = Desk(store, judge, shop_id=shop_id, as_of=now)
        taking = _Taking(store, batch, desk, shop_id=shop_id, key=key, now=now)
        try:
            return _taken(taking)
        except BatchKnownError:
            # The same batch came twice at once, and the other was first.
            known = _known(store, batch, shop_id, key)
            if known is None:
                raise
            return known


def put_off(store: Store, data_folder: Path, body: bytes, *, shop_id: int, key: str, now: datetime) -> Answer:
    """Keep a batch that is too large to be taken in at once, and announce the job that does it.

    Raises:
        KeyReusedError: the key came with another body before.
        StoreFaultError: the disk is full, or fails.
    """
    name = f"{key}.json" if body.lstrip()[:1] == b"[" else f"{key}.jsonl"
    with UploadPart.begin(data_folder) as part:
        part.write(body)
        upload = upload_of(part.keep(name), key)
    try:
        with store.writing() as session:
            import_id = register_upload(
                session, upload, shop_id=shop_id, origin="push", options=ImportOptions(ReadOptions(kind="jsonl")),
                user_id=None, now=now,
            )  # fmt: skip
            answer = Answer(import_id, 0, 0, 0, 0, (), is_waiting=True)
            known = KnownBatch(upload.sha256, msgspec.to_builtins(answer))
            imports.note_batch(session, shop_id, key, known, import_id, now=now)
    except StoreAwayError:
        # Nobody knows whether the import is there: the file stays, and is a stray if it is not.
        raise
    except BaseException as error:
        remove([upload.path])
        found = known_answer(store, shop_id, key, upload.sha256) if isinstance(error, BatchKnownError) else None
        if found is None:
            raise
        return found
    return answer


def _taken(taking: _Taking) -> Answer:
    try:
        return taking.take(audit_all=False)
    except UnauditedError:
        return taking.take(audit_all=True)


def _known(store: Store, batch: Batch, shop_id: int | None, key: str | None) -> Answer | None:
    return None if key is None or shop_id is None else known_answer(store, shop_id, key, batch.sha256)


def known_answer(store: Store, shop_id: int, key: str, sha256: str) -> Answer | None:
    """What was answered to a batch that came under a key before; ``None`` if there was none.

    Raises:
        KeyReusedError: the key came with another body.
    """
    with store.reading() as session:
        known = imports.known_batch(session, shop_id, key)
    if known is None:
        return None
    if known.body_hash != sha256:
        raise KeyReusedError
    return msgspec.convert(known.answer, Answer)


@dataclass(frozen=True, slots=True)
class _Taking:
    """A batch on its way."""

    store: Store
    batch: Batch
    desk: Desk
    shop_id: int | None
    key: str | None
    now: datetime

    def take(self, *, audit_all: bool) -> Answer:
        prepared = self.desk.prepare(
            self.batch.conversations, writing=self.store.writing, now=self.now, audit_all=audit_all
        )
        with self.store.writing() as session:
            import_id = imports.make(session, self._import(), now=self.now, state="running")
            taken = self.desk.store_each(session, prepared, import_id=import_id, now=self.now)
            counts = counts_of(prepared, taken)
            problems = self._problems(prepared)
            imports.add_problems(session, import_id, problems, first=0)
            imports.go_on(session, import_id, self._step(counts, problems))
            imports.end(session, import_id, "done", now=self.now)
            answer = self._answer(import_id, counts, problems, self._results(prepared, taken))
            if self.key is not None and self.shop_id is not None:
                known = KnownBatch(self.batch.sha256, msgspec.to_builtins(answer))
                imports.note_batch(session, self.shop_id, self.key, known, import_id, now=self.now)
        return answer

    def _import(self) -> NewImport:
        batch = self.batch
        return NewImport(
            shop_id=self.shop_id, origin="push", file_name=self.key or _NAME, file_path=None,
            file_bytes=batch.size_bytes, file_hash=batch.sha256, options={}, user_id=None,
        )  # fmt: skip

    def _problems(self, prepared: Prepared) -> list[Problem]:
        refused = [problem_of(one, self.batch.lines[one.place]) for one in prepared.refused]
        return [*self.batch.problems, *refused]

    def _results(self, prepared: Prepared, taken: Sequence[Taken]) -> tuple[Became, ...]:
        batch = self.batch
        refused = {one.place: one for one in prepared.refused}
        became = iter(taken)
        out = [
            Became(one.line, "rejected", None, one.field, one.code, one.reason)
            for one in batch.problems
            if one.rejected
        ]
        for place, (conversation, line) in enumerate(zip(batch.conversations, batch.lines, strict=True)):
            no = refused.get(place)
            if no is None:
                out.append(Became(line, next(became), conversation.id))
            else:
                out.append(Became(line, "rejected", conversation.id, no.field, no.code, no.reason))
        return tuple(sorted(out, key=lambda one: one.line))

    def _step(self, counts: Counts, problems: Sequence[Problem]) -> Step:
        rejected = sum(one.rejected for one in problems)
        count = len(self.batch.conversations)
        return Step(count, counts.new, counts.updated, counts.same, counts.older, rejected, counts.messages)

    def _answer(
        self, import_id: int, counts: Counts, problems: Sequence[Problem], results: tuple[Became, ...]
    ) -> Answer:
        said = tuple(
            {"line": one.line, "field": one.field, "code": one.code, "reason": one.reason, "rejected": one.rejected}
            for one in problems
        )
        return Answer(import_id, counts.new, counts.updated, counts.same, counts.older, said, results)
