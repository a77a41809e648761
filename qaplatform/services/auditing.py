"""Auditing whole inputs: sources in, audited blocks out, in input order, on one process or several.

Every worker process compiles the same rubric and runs the same pure core; what a conversation gets never
depends on the number of workers. Memory stays flat: a few blocks are on their way at any time.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.lines import LineWriter
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.formats.identity import IdRegister
from qaplatform.formats.inputs import FoundInputs
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.ranges import ByteRange, plan_ranges, read_range
from qaplatform.formats.reading import duplicate_notices, open_sources
from qaplatform.formats.report import Block
from qaplatform.formats.sources import Source, SourceReport
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.pool_process import belong_to_parent

BATCH_MESSAGES = 12_000
"""Messages audited at once: enough to make columns worth their while, few enough to stay in the processor's cache."""
_RANGE_BYTES = 2 << 20
_PER_WORKER = 3

_decode_cards = msgspec.json.Decoder(Scorecard).decode_lines
_decode_conversations = msgspec.json.Decoder(Conversation).decode_lines


class WorkerError(QAPlatformError):
    """A worker process ended before its work was done; perhaps the memory is too small for so many workers."""


@dataclass(frozen=True, slots=True)
class AuditedBlock:
    """A block of one source with its audit lines; ``block.conversations`` are there only where they were asked for."""

    source: SourceReport
    block: Block
    lines: bytes
    conversation_count: int
    message_count: int

    def pairs(self) -> Iterator[tuple[Conversation, Scorecard]]:
        """Conversations with their scorecards."""
        return zip(self.block.conversations, _decode_cards(self.lines), strict=True)


@dataclass(frozen=True, slots=True)
class AuditJob:
    """What to audit by what; ``keep_conversations`` where the writer needs more than audit lines."""

    inputs: FoundInputs
    rubric: Rubric
    context: Context
    reading: ReadOptions = field(default_factory=ReadOptions)
    workers: int = 1
    keep_conversations: bool = True


def audit_blocks(job: AuditJob) -> Iterator[AuditedBlock]:
    """Audit every source of a job; blocks come in input order.

    Raises:
        InputError: an input cannot be opened.
        WorkerError: a worker process ended.
    """
    if job.workers > 1:
        yield from _with_workers(job)
        return
    desk = _Desk(job.rubric, job.context)
    for source in open_sources(job.inputs, job.reading):
        for block in source.blocks():
            yield desk.audited(source.report, block, keep=job.keep_conversations)


def batches(conversations: Sequence[Conversation], messages: int = BATCH_MESSAGES) -> Iterator[Sequence[Conversation]]:
    """Runs of conversations of about so many messages."""
    begin = count = 0
    for index, conversation in enumerate(conversations):
        count += len(conversation.messages)
        if count >= messages:
            yield conversations[begin : index + 1]
            begin, count = index + 1, 0
    if begin < len(conversations):
        yield conversations[begin:]


class _Desk:
    """An auditor and its line writer, at work."""

    def __init__(self, rubric: Rubric, context: Context) -> None:
        self.auditor: Auditor = compiled_auditor(rubric, context)
        self._writer = LineWriter()

    def lines(self, conversations: Sequence[Conversation]) -> bytes:
        return b"".join(self._writer.lines(self.auditor.audit(batch)) for batch in batches(conversations))

    def audited(self, source: SourceReport, block: Block, *, keep: bool) -> AuditedBlock:
        conversations = block.conversations
        messages = sum([len(one.messages) for one in conversations])
        lines = self.lines(conversations)
        kept = block if keep else replace(block, conversations=(), lines=())
        return AuditedBlock(source, kept, lines, len(conversations), messages)


# --- several processes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Result:
    """What a worker sends back: blocks without their conversations, those as JSON if wanted, ids, and lines."""

    blocks: list[tuple[Block, bytes, list[str], int]]
    conversations: list[bytes]


_desk: _Desk | None = None


def _start_worker(rubric: Rubric, context: Context) -> None:
    global _desk  # noqa: PLW0603  one auditor a process
    belong_to_parent()
    _desk = _Desk(rubric, context)


def _at_work() -> _Desk:
    if _desk is None:
        raise RuntimeError("a worker was asked before it was started")
    return _desk


def _audit_range(part: ByteRange, reading: ReadOptions, *, keep: bool) -> _Result:
    desk, result = _at_work(), _Result([], [])
    for block in read_range(part, reading):
        _take(result, block, desk.lines(block.conversations), keep=keep)
    return result


def _audit_payload(payload: bytes) -> bytes:
    return _at_work().lines(_decode_conversations(payload))


def _take(result: _Result, block: Block, lines: bytes, *, keep: bool) -> None:
    messages = sum([len(one.messages) for one in block.conversations])
    if keep:
        result.conversations.append(msgspec.json.Encoder().encode_lines(block.conversations))
    result.blocks.append((replace(block, conversations=()), lines, [one.id for one in block.conversations], messages))


def _with_workers(job: AuditJob) -> Iterator[AuditedBlock]:
    pool = ProcessPoolExecutor(
        job.workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(job.rubric, job.context),
    )
    try:
        yield from _collected(job, pool)
    except BrokenProcessPool as error:
        raise WorkerError from error
    finally:
        # What is being worked on is waited for, which is a matter of a moment. A worker that is terminated while it
        # sends a result would leave half of it in the pipe, and the pool waiting for the rest for ever.
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Ctrl-C is heard afterwards, and never by a process that is started meanwhile.

    The mask is for the new process, which inherits it. It does not keep the signal from this one: a library's thread
    that does not share the mask may take it, and Python would raise it here all the same.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if heard:
        raise KeyboardInterrupt


def _handed(pool: ProcessPoolExecutor, work: Callable[..., Any], *values: Any, **named: Any) -> Future[Any]:
    with _not_interrupted():
        return pool.submit(work, *values, **named)


def _collected(job: AuditJob, pool: ProcessPoolExecutor) -> Iterator[AuditedBlock]:
    """Results in the order in which their work was handed out, a few at a time."""
    waiting: deque[tuple[Source, Block | None, Future[Any]]] = deque()
    register = IdRegister()
    for source, block, future in _handed_out(job, pool):
        waiting.append((source, block, future))
        if len(waiting) > job.workers * _PER_WORKER:
            yield from _done(job, register, *waiting.popleft())
    while waiting:
        yield from _done(job, register, *waiting.popleft())


def _handed_out(job: AuditJob, pool: ProcessPoolExecutor) -> Iterator[tuple[Source, Block | None, Future[Any]]]:
    paths = {file.name: file.path for file in job.inputs.files}
    for source in open_sources(job.inputs, job.reading):
        path = paths.get(source.report.name)
        if source.report.splittable and path is not None:
            for part in plan_ranges(path, range_bytes=_RANGE_BYTES, source=source):
                yield source, None, _handed(pool, _audit_range, part, job.reading, keep=job.keep_conversations)
        else:
            for block in source.blocks():
                payload = msgspec.json.Encoder().encode_lines(block.conversations)
                yield source, block, _handed(pool, _audit_payload, payload)


def _done(
    job: AuditJob, register: IdRegister, source: Source, block: Block | None, future: Future[Any]
) -> Iterator[AuditedBlock]:
    if block is not None:
        count, messages = len(block.conversations), sum(len(one.messages) for one in block.conversations)
        # The source has compared ids with those of sources like it only; here all come by in the order of input.
        notices = tuple(notice for notice in block.notices if notice.code != "duplicate_id")
        ids = [one.id for one in block.conversations]
        block = replace(block, notices=notices + duplicate_notices(register, block.file, ids, block.lines))
        kept = block if job.keep_conversations else replace(block, conversations=(), lines=())
        yield AuditedBlock(source.report, kept, future.result(), count, messages)
        return
    result: _Result = future.result()
    for number, (part, lines, names, messages) in enumerate(result.blocks):
        repeated = duplicate_notices(register, part.file, names, part.lines)
        conversations = tuple(_decode_conversations(result.conversations[number])) if job.keep_conversations else ()
        whole = replace(
            part,
            notices=part.notices + repeated,
            conversations=conversations,
            lines=part.lines if job.keep_conversations else (),
        )
        yield AuditedBlock(source.report, whole, lines, len(names), messages)
