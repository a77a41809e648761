"""Background jobs: what a handler is given, and what people do with jobs.

A handler is a function ``(run: JobRun) -> None``. It writes in transactions of ``run.writing()`` only, each short (about a
second: on SQLite nobody else writes meanwhile), each leaving a state from which the handler could begin anew: it may be
killed after any of them, and then is called again with the same payload. A handler that returns has done its job; one that
raises is called again later, but not after an :class:`~qaplatform.errors.InputError`, which would come again. A full disk
or a database that is away (``store/faults.py``) is nobody's try: it is called again until that has passed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from sqlalchemy.orm import Session

from qaplatform.errors import InputError, QAPlatformError
from qaplatform.store import activity, jobs
from qaplatform.store.engine import Store
from qaplatform.store.faults import StoreFaultError
from qaplatform.store.jobs import ENDED, JobFilter, JobState, pace
from qaplatform.store.tables.jobs import Job

BY_ITSELF = frozenset(
    {
        "settle",
        "watch",
        "uploads",
        "tidy",
        "conversations.purge",
        "figures",
        "samples.draw",
        "risk.due",
        "risk.apply",
        "grader.trust",
        "exams.end",
        "exams.wording",
        "papers",
    }
)
"""Kinds that come again and again by themselves; they are news where they failed, or where somebody asks for them."""
_FIRST_DELAY_SECONDS = 5
_LONGEST_DELAY_SECONDS = 15 * 60
_MOST_DOUBLINGS = 20
_NO_WAY_BACK = frozenset({"customers.erase"})
"""Kinds whose work cannot be undone: once begun they are seen through, and once cancelled they are asked for anew, with
all that is asked before, and not by a click on an old job."""


class LeaseLostError(QAPlatformError):
    """Another worker has taken the job over; nothing was written."""


class JobCancelledError(QAPlatformError):
    """The job was cancelled."""


class WorkerStoppingError(QAPlatformError):
    """The worker is about to stop; the job goes on when one is running again."""


class JobNotFoundError(QAPlatformError):
    """There is no such job; it may have been tidied away. Look at the list of jobs."""

    code: ClassVar[str] = "job_not_found"


class JobHasEndedError(QAPlatformError):
    """The job has ended already; there is nothing left to cancel."""

    code: ClassVar[str] = "job_has_ended"


class JobNotToCancelError(QAPlatformError):
    """The job has begun what cannot be undone, and is seen through."""

    code: ClassVar[str] = "job_not_to_cancel"


class JobNotToRetryError(QAPlatformError):
    """Only a job that failed or was cancelled can be tried again."""

    code: ClassVar[str] = "job_not_to_retry"


class JobKeyBusyError(QAPlatformError):
    """Another job does the same already; wait until it has ended, or cancel it first."""

    code: ClassVar[str] = "job_key_busy"


class JobRun(Protocol):
    """One try of a job, as its handler sees it."""

    @property
    def store(self) -> Store:
        """The database, for reading; for writing there is :meth:`writing`."""

    @property
    def job_id(self) -> int:
        """The job's id."""

    @property
    def payload(self) -> dict[str, Any]:
        """What the job was announced with."""

    @property
    def user_id(self) -> int | None:
        """Who asked for it; ``None`` = the system."""

    @property
    def done(self) -> int:
        """How far earlier tries had come, as they said in :meth:`progress`."""

    def now(self) -> datetime:
        """This moment."""

    def writing(self) -> AbstractContextManager[Session]:
        """A writing transaction in which nobody can take the job over.

        Raises:
            LeaseLostError: somebody has; nothing is written. Let it pass.
            WorkerStoppingError: the worker was told to stop; no transaction was begun. Let it pass.
        """

    def progress(self, session: Session, done: int, total: int | None = None, note: str = "") -> None:
        """Put down how far the job is, in the same transaction; ``total=None`` leaves the total as it is."""

    def cancel_asked(self) -> bool:
        """Whether somebody wants the job to end; clean up and raise :class:`JobCancelledError` then.

        Raises:
            LeaseLostError: as for :meth:`writing`.
            WorkerStoppingError: as for :meth:`writing`.
        """


def stop_if_cancelled(run: JobRun) -> None:
    """For handlers with nothing to clean up.

    Raises:
        JobCancelledError: somebody asked for it.
    """
    if run.cancel_asked():
        raise JobCancelledError


def next_try_at(error: Exception, *, tries: int, now: datetime) -> datetime | None:
    """When to try again after an error, each time later: 5 s, 20 s, 80 s … 15 min; ``None`` = never."""
    if isinstance(error, InputError):
        return None
    seconds = _FIRST_DELAY_SECONDS * 4 ** min(max(tries - 1, 0), _MOST_DOUBLINGS)
    return now + timedelta(seconds=min(seconds, _LONGEST_DELAY_SECONDS))


def will_pass(error: Exception) -> bool:
    """Whether it was the disk or the database and not the job: it is tried again until that is mended."""
    return isinstance(error, StoreFaultError) and error.passes


def said_of(error: Exception) -> str:
    """An error for the list of jobs: our own in their words, others by class and first line."""
    if isinstance(error, QAPlatformError):
        return str(error)
    # What follows a database's first line shows the row, and with it what customers wrote.
    first_line = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__


# --- the jobs page -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobView:
    """A job for people. ``done_ratio`` is 0–1; ``per_second`` and ``seconds_left`` are ``None`` where nobody can say."""

    id: int
    kind: str
    state: JobState
    is_stopping: bool
    note: str
    error: str | None
    done: int
    total: int | None
    done_ratio: float | None
    per_second: float | None
    seconds_left: float | None
    tries: int
    max_tries: int
    user_id: int | None
    user_name: str | None
    created_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None
    may_cancel: bool
    may_retry: bool
    import_id: int | None
    """The import it takes in."""
    run_id: int | None
    """The run of the grader that it does."""


@dataclass(frozen=True)
class JobPage:
    """A page of jobs, newest first; ``before_id`` leads to the next, ``None`` at the end."""

    jobs: tuple[JobView, ...]
    before_id: int | None


def listed(
    session: Session, wanted: JobFilter, *, now: datetime, before_id: int | None = None, limit: int = 50
) -> JobPage:
    """A page of jobs."""
    rows = jobs.listed(session, wanted, before_id=before_id, limit=limit + 1)
    shown = tuple(_view(job, name, now) for job, name in rows[:limit])
    return JobPage(shown, shown[-1].id if len(rows) > limit else None)


def one(session: Session, job_id: int, *, now: datetime) -> JobView:
    """A job.

    Raises:
        JobNotFoundError: it is not there.
    """
    found = jobs.one(session, job_id)
    if found is None:
        raise JobNotFoundError
    return _view(*found, now)


def cancel(session: Session, job_id: int, *, now: datetime, user_id: int | None) -> JobView:
    """End a waiting job, or ask a running one to stop.

    Raises:
        JobNotFoundError: it is not there.
        JobHasEndedError: it has ended.
        JobNotToCancelError: it has begun what cannot be undone.
    """
    if _is_begun_for_good(_job(session, job_id)):
        raise JobNotToCancelError
    if jobs.cancel(session, job_id, now=now) is None:
        one(session, job_id, now=now)
        raise JobHasEndedError
    _note_down(session, "jobs.cancel", job_id, now, user_id)
    return one(session, job_id, now=now)


def retry(session: Session, job_id: int, *, now: datetime, user_id: int | None) -> JobView:
    """Let a failed or cancelled job wait again.

    Raises:
        JobNotFoundError: it is not there.
        JobNotToRetryError: it waits, runs or is done, or was cancelled and cannot be undone.
        JobKeyBusyError: another job does the same.
    """
    if not _may_retry(_job(session, job_id)):
        raise JobNotToRetryError
    try:
        waits = jobs.retry(session, job_id, now=now)
    except jobs.KeyBusyError as error:
        raise JobKeyBusyError from error
    if not waits:
        one(session, job_id, now=now)
        raise JobNotToRetryError
    _note_down(session, "jobs.retry", job_id, now, user_id)
    return one(session, job_id, now=now)


def _job(session: Session, job_id: int) -> Job:
    found = jobs.one(session, job_id)
    if found is None:
        raise JobNotFoundError
    return found[0]


def _is_begun_for_good(job: Job) -> bool:
    is_begun = job.started_at is not None or "round" in job.payload
    return job.kind in _NO_WAY_BACK and job.state not in ENDED and is_begun


def _may_retry(job: Job) -> bool:
    return job.state == "failed" or (job.state == "cancelled" and job.kind not in _NO_WAY_BACK)


def _note_down(session: Session, action: str, job_id: int, now: datetime, user_id: int | None) -> None:
    activity.note_down(session, now=now, user_id=user_id, action=action, subject_kind="job", subject_id=job_id)


def _view(job: Job, user_name: str | None, now: datetime) -> JobView:
    state: JobState = job.state  # type: ignore[assignment] # the table's constraint says which there are
    went = pace(
        done=job.done_count, total=job.total_count, started_at=job.started_at, until=job.finished_at or now,
        started_count=job.started_count,
    )  # fmt: skip
    return JobView(
        id=job.id,
        kind=job.kind,
        state=state,
        is_stopping=state == "running" and job.cancel_asked,
        note=job.note,
        error=job.error,
        done=job.done_count,
        total=job.total_count,
        done_ratio=min(job.done_count / job.total_count, 1.0) if job.total_count else None,
        per_second=went.per_second if state in {"running", "done"} else None,
        seconds_left=went.seconds_left if state == "running" else None,
        tries=job.tries,
        max_tries=job.max_tries,
        user_id=job.user_id,
        user_name=user_name,
        created_at=job.created_at,
        run_after=job.run_after,
        started_at=job.started_at,
        finished_at=job.finished_at,
        may_cancel=state not in ENDED and not job.cancel_asked and not _is_begun_for_good(job),
        may_retry=_may_retry(job),
        import_id=job.payload.get("import_id"),
        run_id=job.payload.get("run_id"),
    )
