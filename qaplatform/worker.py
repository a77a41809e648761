"""The worker: takes jobs one at a time, runs their handlers, and says how they ended.

Any number of workers may run on one database. One that is killed loses nothing: its lease runs out and another goes on
with the job. One that is told to stop finishes the transaction it is in and gives its job back.
"""

from __future__ import annotations

import logging
import queue
import secrets
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

from sqlalchemy.orm import Session

from qaplatform import clock as clocks
from qaplatform.services.erasing import ERASE_CUSTOMER, PURGE_TEXTS, erase_customer, purge_texts
from qaplatform.services.figure_days import FIGURES_KIND, run_figures
from qaplatform.services.grader_trust import run_trust
from qaplatform.services.grading_job import run_grading
from qaplatform.services.grading_runs import ASK_KIND, RUN_KIND
from qaplatform.services.intake import IMPORT_KIND, run_import
from qaplatform.services.jobs import (
    JobCancelledError,
    JobRun,
    LeaseLostError,
    WorkerStoppingError,
    next_try_at,
    said_of,
    will_pass,
)
from qaplatform.services.reauditing import REAUDIT_KIND, SETTLE_KIND, run_reaudit, run_settling
from qaplatform.services.replaying import REPLAY_KIND, run_replay
from qaplatform.services.risk_training import APPLY_KIND, DUE_KIND, TRAIN_KIND, announce_due, apply, train
from qaplatform.services.sampling import DRAW_KIND, draw_due
from qaplatform.services.tidying import tidy
from qaplatform.services.tidying_uploads import UPLOADS_KIND, tidy_uploads
from qaplatform.services.training.exam_ending import END_KIND, end_due
from qaplatform.services.training.exam_wording import WORDING_KIND, run_wording
from qaplatform.services.training.paper_grading import PAPERS_KIND, end_papers
from qaplatform.services.trust_asking import TRUST_KIND
from qaplatform.services.watching import WATCH_KIND, watch
from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.faults import StoreFaultError
from qaplatform.store.tables.jobs import Job
from qaplatform.struct_types import learn_struct_types

log = logging.getLogger(__name__)

Handler = Callable[[JobRun], None]
Clock = Callable[[], datetime]
_ROUNDS_KEPT = 20
_ANNOUNCE_EVERY = timedelta(minutes=1)
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True)
class Periodic:
    """A job that comes again at every full multiple of ``every_seconds`` (counted from 1970), once for all workers."""

    kind: str
    every_seconds: int

    @property
    def key(self) -> str:
        """The unique key of its jobs."""
        return f"periodic:{self.kind}"

    def next_after(self, moment: datetime) -> datetime:
        """The first of its times after a moment."""
        rounds = int(moment.timestamp()) // self.every_seconds + 1
        return datetime.fromtimestamp(rounds * self.every_seconds, UTC)


HANDLERS: Mapping[str, Handler] = {
    "tidy": tidy,
    IMPORT_KIND: run_import,
    WATCH_KIND: watch,
    REAUDIT_KIND: run_reaudit,
    SETTLE_KIND: run_settling,
    ERASE_CUSTOMER: erase_customer,
    PURGE_TEXTS: purge_texts,
    UPLOADS_KIND: tidy_uploads,
    FIGURES_KIND: run_figures,
    DRAW_KIND: draw_due,
    DUE_KIND: announce_due,
    TRAIN_KIND: train,
    APPLY_KIND: apply,
    REPLAY_KIND: run_replay,
    TRUST_KIND: run_trust,
    END_KIND: end_due,
    PAPERS_KIND: end_papers,
}
"""What is done for each kind of job, one after the other."""
BESIDE: Sequence[Mapping[str, Handler]] = (
    {ASK_KIND: run_grading},
    {RUN_KIND: run_grading},
    {WORDING_KIND: run_wording},
    {WORDING_KIND: run_wording},
)
"""What is done beside the rest, each in a thread of its own, because it waits for somebody else's computer most of the time:
no import waits for a language model, whoever asks about one chat does not wait for a run over thousands, and two customers
of mock dialogues find their words at the same time."""
PERIODIC: Sequence[Periodic] = (
    Periodic("tidy", 3600),
    Periodic(WATCH_KIND, 15),
    Periodic(SETTLE_KIND, 3600),
    Periodic(PURGE_TEXTS, 3600),
    Periodic(UPLOADS_KIND, 3600),
    Periodic(FIGURES_KIND, 60),
    Periodic(DRAW_KIND, 60),
    Periodic(DUE_KIND, 6 * 3600),
    Periodic(TRUST_KIND, 3600),
    Periodic(END_KIND, 15),
    Periodic(PAPERS_KIND, 60),
)
"""What is announced by the workers themselves."""


def work(store: Store, stop: threading.Event, *, lease_seconds: float = 60.0) -> None:
    """Do all kinds of jobs until ``stop`` is set: most in this thread, some beside."""
    learn_struct_types()
    beside = [
        threading.Thread(
            target=Worker(store, handlers, lease_seconds=lease_seconds).run_until_stopped, args=(stop,),
            name=f"works on {', '.join(handlers)}",
        )
        for handlers in BESIDE
    ]  # fmt: skip
    for one in beside:
        one.start()
    try:
        Worker(store, HANDLERS, lease_seconds=lease_seconds, periodic=PERIODIC).run_until_stopped(stop)
    finally:
        stop.set()
        for one in beside:
            one.join()


class LeasedRun:
    """One try of a job under a lease: the ``JobRun`` that handlers are given."""

    def __init__(
        self, store: Store, job: Job, *, owner: str, clock: Clock, lease: timedelta, stop: threading.Event
    ) -> None:
        self.store = store
        self.job_id = job.id
        self.kind = job.kind
        self.tries = job.tries
        self.payload: dict[str, Any] = job.payload
        self.user_id = job.user_id
        self.done = job.done_count
        self.now = clock
        self.is_writing = False
        """Nobody can take the job over now, and the lease is renewed at the end of the transaction."""
        self.refused: LeaseLostError | WorkerStoppingError | None = None
        """Why the handler was told to leave off; it may have caught that."""
        self._furthest = self._said = job.done_count
        self._owner = owner
        self._lease = lease
        self._stop = stop

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A writing transaction that begins by making sure of the lease and ends by renewing it."""
        self._leave_off_if_stopping()
        try:
            with self.store.writing() as session:
                if not jobs.hold_lease(session, self.job_id, owner=self._owner):
                    raise self._refuse(LeaseLostError())
                self.is_writing = True
                yield session
                jobs.beat(session, self.job_id, owner=self._owner, until=self.now() + self._lease)
            if self._said > self._furthest:
                self._furthest, self.tries = self._said, 1
        finally:
            self.is_writing = False

    def progress(self, session: Session, done: int, total: int | None = None, note: str = "") -> None:
        """Put down how far the job is."""
        self._said = done
        jobs.progress(
            session, self.job_id, owner=self._owner, done=done, total=total, note=note,
            is_further=done > self._furthest,
        )  # fmt: skip

    def cancel_asked(self) -> bool:
        """Whether somebody wants the job to end."""
        self._leave_off_if_stopping()
        with self.store.reading() as session:
            asked = jobs.is_cancel_asked(session, self.job_id, owner=self._owner)
        if asked is None:
            raise self._refuse(LeaseLostError())
        return asked

    def beat(self) -> bool:
        """Renew the lease; whether it was still ours."""
        if self.is_writing:
            return True
        with self.store.writing() as session:
            return jobs.beat(session, self.job_id, owner=self._owner, until=self.now() + self._lease)

    def _leave_off_if_stopping(self) -> None:
        if self._stop.is_set():
            raise self._refuse(WorkerStoppingError())

    def _refuse(self, error: LeaseLostError | WorkerStoppingError) -> LeaseLostError | WorkerStoppingError:
        self.refused = error
        return error


class Worker:
    """Takes jobs of the kinds it has handlers for, one at a time; of one thread's use."""

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock = clocks.now,
        owner: str | None = None,
        lease_seconds: float = 60.0,
        idle_seconds: float = 1.0,
        periodic: Sequence[Periodic] = (),
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._kinds = frozenset(handlers)
        self._now = clock
        self.owner = owner or secrets.token_hex(16)
        self._lease = timedelta(seconds=lease_seconds)
        self._idle_seconds = idle_seconds
        self._periodic = {one.kind: one for one in periodic}
        self._announce_at = datetime.min.replace(tzinfo=UTC)
        self._stop = threading.Event()

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Do what there is to do until ``stop`` is set; the job in hand is given back then."""
        self._stop = stop
        pause_seconds = self._idle_seconds
        was_busy = False
        log.info("worker %s started", self.owner)
        log.debug("it knows %s", ", ".join(sorted(self._kinds)))
        while not stop.is_set():
            try:
                self._announce_periodic()
                was_busy = (was_busy or self._is_any_due()) and self.run_one()
                pause_seconds = self._idle_seconds
            except Exception as error:
                # The database may be away or the disk full for a while. What was in hand is still ours, until the lease
                # has run out; then it is taken anew.
                log.error(  # noqa: TRY400 - a fault of the database says all that there is
                    "worker %s cannot go on: %s; trying again in %.0f s", self.owner, error, pause_seconds,
                    exc_info=None if isinstance(error, StoreFaultError) else error,
                )  # fmt: skip
                was_busy = False
                pause_seconds = min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
            if not was_busy:
                stop.wait(pause_seconds)
        log.info("worker %s stopped", self.owner)

    def run_one(self) -> bool:
        """Take the next job that is due and see it through; whether there was one."""
        with self._store.writing() as session:
            job = jobs.claim(session, owner=self.owner, now=self._now(), lease=self._lease, kinds=self._kinds)
        if job is None:
            return False
        run = LeasedRun(
            self._store, job, owner=self.owner, clock=self._now, lease=self._lease, stop=self._stop
        )  # fmt: skip
        with _beating(run, self._lease.total_seconds() / 3):
            ended = self._outcome(run)
        with self._store.writing() as session:
            said = self._put_down(session, run, ended)
        # What comes every few seconds is worth a line only where it did not just do its work.
        level = logging.DEBUG if ended is None and run.kind in self._periodic else logging.INFO
        log.log(level, "job %d (%s): %s", run.job_id, run.kind, said)
        return True

    def _outcome(self, run: LeasedRun) -> Exception | None:
        """What the handler ended with; ``None`` = it has done its work."""
        try:
            self._handlers[run.kind](run)
        except (LeaseLostError, JobCancelledError, WorkerStoppingError) as error:
            return run.refused or error
        except Exception as error:
            if run.refused is None and will_pass(error):
                log.error("job %d (%s) cannot go on: %s", run.job_id, run.kind, error)  # noqa: TRY400 - it says all
            elif run.refused is None:
                log.exception("job %d (%s) failed", run.job_id, run.kind)
            return run.refused or error
        return run.refused

    def _put_down(self, session: Session, run: LeasedRun, ended: Exception | None) -> str:
        """Write how a job ended, if it is still ours; what became of it."""
        now = self._now()
        match ended:
            case LeaseLostError():
                return "taken over by another worker"
            case WorkerStoppingError():
                return "given back" if jobs.give_back(session, run.job_id, owner=self.owner, now=now) else "taken over"
            case JobCancelledError():
                ours, said = jobs.end_cancelled(session, run.job_id, owner=self.owner, now=now), "cancelled"
            case None:
                ours, said = jobs.finish(session, run.job_id, owner=self.owner, now=now), "done"
            case _:
                again_at = next_try_at(ended, tries=run.tries, now=now)
                state = jobs.fail(
                    session, run.job_id, owner=self.owner, now=now, error=said_of(ended), again_at=again_at,
                    gives_up=not will_pass(ended),
                )  # fmt: skip
                ours, said = state is not None, f"{state}, for {type(ended).__name__}"
        if ours and run.kind in self._periodic:
            self._announce_next(session, self._periodic[run.kind], now)
        return said if ours else "taken over by another worker"

    def _is_any_due(self) -> bool:
        with self._store.reading() as session:
            return jobs.is_any_due(session, now=self._now(), kinds=self._kinds)

    def _announce_periodic(self) -> None:
        """Announce what comes again: at the start, and in case a round ended in a way that announced no next one."""
        now = self._now()
        if now < self._announce_at or not self._periodic:
            return
        with self._store.writing() as session:
            for one in self._periodic.values():
                self._announce_next(session, one, now)
        self._announce_at = now + _ANNOUNCE_EVERY

    def _announce_next(self, session: Session, one: Periodic, now: datetime) -> None:
        jobs.announce(session, one.kind, {}, now=now, unique_key=one.key, run_after=one.next_after(now))
        kept = timedelta(seconds=one.every_seconds * _ROUNDS_KEPT)
        jobs.remove_done_of_key(session, one.key, kind=one.kind, before=now - kept)


@contextmanager
def _beating(run: LeasedRun, every_seconds: float) -> Iterator[None]:
    """A heart beats beside the handler: the lease is renewed, in a thread of its own, until the block ends."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(every_seconds):
            try:
                if not run.beat():
                    return
            except Exception:
                # The handler will notice, if the database is really gone.
                log.warning("job %d: the lease could not be renewed", run.job_id, exc_info=True)

    thread = threading.Thread(target=beat, name=f"heartbeat of job {run.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def stopping_on_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, for the main thread to wait on."""
    stop = threading.Event()
    # Setting an event from a handler can lock up the thread that is about to wait on it; putting into this queue cannot.
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.put("stop")

    def wait_for_signal() -> None:
        if asked.get() == "stop":
            stop.set()

    thread = threading.Thread(target=wait_for_signal, name="waits for signals", daemon=True)
    thread.start()
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        asked.put("leave")
        thread.join()
