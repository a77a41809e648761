"""Batches that another program sends: taken in at once, whole or not at all, and once for each key they come under."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.formats.inputs import FoundInputs, InputFile
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.reading import open_sources
from qaplatform.services.judging import Judge
from qaplatform.services.problems import problem_of, problems_in
from qaplatform.services.taking_in import Counts, Desk, Prepared
from qaplatform.store import imports
from qaplatform.store.conversations import UnauditedError
from qaplatform.store.engine import Store
from qaplatform.store.imports import BatchKnownError, KnownBatch, NewImport, Origin, Problem, Step

MOST_CONVERSATIONS = 1_000
MOST_MESSAGES = 20_000
_MOST_BYTES = 64 << 20
_NAME = "batch"


class KeyReusedError(QAPlatformError):
    """This idempotency key came with another body before; send a new batch under a new key."""

    code: ClassVar[str] = "key_reused"


class BatchTooLargeError(InputError):
    """The batch is too large; send at most 1,000 conversations and 20,000 messages at once."""

    code: ClassVar[str] = "batch_too_large"


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch; the same key gets the same answer."""

    import_id: int
    new: int
    updated: int
    same: int
    older: int
    problems: tuple[dict[str, Any], ...]
    """Line, field, code, reason, and whether the line was rejected."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was read: its conversations, the lines they begin on, and what was wrong with others."""

    conversations: Sequence[Conversation]
    lines: Sequence[int]
    problems: Sequence[Problem]
    size_bytes: int
    sha256: str


def read_batch(body: bytes, reading: ReadOptions) -> Batch:
    """Read conversations in the neutral form: one a line, or an array of them.

    Raises:
        BatchTooLargeError: there are too many.
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
            if len(conversations) > MOST_CONVERSATIONS:
                raise BatchTooLargeError
    if sum(len(one.messages) for one in conversations) > MOST_MESSAGES:
        raise BatchTooLargeError
    return Batch(conversations, lines, problems, len(body), hashlib.sha256(body).hexdigest())


def take_batch(
    store: Store,
    batch: Batch,
    *,
    shop_id: int | None,
    key: str | None,
    now: datetime,
    origin: Origin = "push",
    user_id: int | None = None,
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
        taking = _Taking(store, batch, desk, shop_id=shop_id, key=key, origin=origin, user_id=user_id, now=now)
        try:
            return taking.take(audit_all=False)
        except UnauditedError:
            return taking.take(audit_all=True)
        except BatchKnownError:
            # The same batch came twice at once, and the other was first.
            known = _known(store, batch, shop_id, key)
            if known is None:
                raise
            return known


def _known(store: Store, batch: Batch, shop_id: int | None, key: str | None) -> Answer | None:
    if key is None or shop_id is None:
        return None
    with store.reading() as session:
        known = imports.known_batch(session, shop_id, key)
    if known is None:
        return None
    if known.body_hash != batch.sha256:
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
    origin: Origin
    user_id: int | None
    now: datetime

    def take(self, *, audit_all: bool) -> Answer:
        prepared = self.desk.prepare(
            self.batch.conversations, writing=self.store.writing, now=self.now, audit_all=audit_all
        )
        with self.store.writing() as session:
            import_id = imports.make(session, self._import(), now=self.now, state="running")
            counts = self.desk.store(session, prepared, import_id=import_id, now=self.now)
            problems = self._problems(prepared)
            imports.add_problems(session, import_id, problems, first=0)
            imports.go_on(session, import_id, self._step(counts, problems))
            imports.end(session, import_id, "done", now=self.now)
            answer = self._answer(import_id, counts, problems)
            if self.key is not None and self.shop_id is not None:
                known = KnownBatch(self.batch.sha256, msgspec.to_builtins(answer))
                imports.note_batch(session, self.shop_id, self.key, known, import_id, now=self.now)
        return answer

    def _import(self) -> NewImport:
        batch = self.batch
        return NewImport(
            shop_id=self.shop_id, origin=self.origin, file_name=self.key or _NAME, file_path=None,
            file_bytes=batch.size_bytes, file_hash=batch.sha256, options={}, user_id=self.user_id,
        )  # fmt: skip

    def _problems(self, prepared: Prepared) -> list[Problem]:
        refused = [problem_of(one, self.batch.lines[one.place]) for one in prepared.refused]
        return [*self.batch.problems, *refused]

    def _step(self, counts: Counts, problems: Sequence[Problem]) -> Step:
        rejected = sum(one.rejected for one in problems)
        count = len(self.batch.conversations)
        return Step(count, counts.new, counts.updated, counts.same, counts.older, rejected, counts.messages)

    def _answer(self, import_id: int, counts: Counts, problems: Sequence[Problem]) -> Answer:
        said = tuple(
            {"line": one.line, "field": one.field, "code": one.code, "reason": one.reason, "rejected": one.rejected}
            for one in problems
        )
        return Answer(import_id, counts.new, counts.updated, counts.same, counts.older, said)
