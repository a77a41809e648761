"""Jobs: announced in the transaction of the work they stand for, leased by one worker at a time.

A lease is an owner's token and a time. The time only says when somebody else may take the job over; who may write is
decided by the token, under the row's lock (:func:`hold_lease`). So clocks that differ, or a worker that slept through
its lease, cost a repetition at worst and never a second writing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, Update, bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.store.engine import StoreError
from qaplatform.store.rows import is_sqlite
from qaplatform.store.tables.base import UtcDateTime
from qaplatform.store.tables.jobs import Job
from qaplatform.store.tables.users import User

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})
TRIES_USED_UP = "The worker was lost in the middle of this job too often; what it had written stays."
_MOST_NOTE_CHARS = 300
_MOST_ERROR_CHARS = 2000


class KeyBusyError(StoreError):
    """Another job does the same already; wait until it has ended, or cancel it first."""


# --- announcing --------------------------------------------------------------------------------------


def announce(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    unique_key: str | None = None,
    user_id: int | None = None,
    total: int | None = None,
    run_after: datetime | None = None,
) -> int:
    """Write a job in the caller's transaction; its id.

    While a job of ``unique_key`` waits or runs, no second one is made and its id is returned. It may have looked around
    before the caller wrote anything: a key suits jobs that look again at their end, or are repeated anyway.

    A try that is lost or fails is counted; one in which the job got further than ever before counts as the first.
    """
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    values = {
        "kind": kind, "payload": payload, "unique_key": unique_key, "user_id": user_id, "total_count": total,
        "run_after": run_after or now, "created_at": now,
    }  # fmt: skip
    statement = insert(Job).values(values).on_conflict_do_nothing(index_elements=["unique_key"]).returning(Job.id)
    while True:
        made = session.scalar(statement)
        if made is not None:
            return made
        # Whoever had the key may have ended between the two statements; then it is free again.
        busy = session.scalar(select(Job.id).where(Job.unique_key == unique_key))
        if busy is not None:
            return busy


def is_waiting(session: Session, job_id: int) -> bool:
    """Whether a job waits for a worker, for the first time or to be begun anew."""
    return session.scalar(select(Job.state).where(Job.id == job_id)) == "waiting"


# --- what workers do ---------------------------------------------------------------------------------


def is_any_due(session: Session, *, now: datetime, kinds: Collection[str]) -> bool:
    """Whether :func:`claim` may find something to do; looking costs nobody a lock."""
    waits = exists().where(Job.state == "waiting", Job.run_after <= now, Job.kind.in_(kinds))
    left = exists().where(Job.state == "running", Job.leased_until < now)
    return session.scalar(select(waits | left)) is True


def claim(session: Session, *, owner: str, now: datetime, lease: timedelta, kinds: Collection[str]) -> Job | None:
    """Take the next job: one whose worker was lost, else the waiting one that was due first.

    Lost jobs that were to be cancelled are ``cancelled`` by the way, those without a try left have ``failed``.
    """
    values = {"a_now": now, "an_owner": owner, "a_lease_end": now + lease, "some_kinds": list(kinds)}
    while True:
        taken = session.scalars(_claiming(), values, execution_options={"populate_existing": True}).one_or_none()
        if taken is None or (taken.tries <= taken.max_tries and not taken.cancel_asked):
            return taken
        taken.tries -= 1
        taken.error = taken.error if taken.cancel_asked else TRIES_USED_UP
        _end(taken, "cancelled" if taken.cancel_asked else "failed", now)
        session.flush()


@cache
def _claiming() -> Update:
    now = bindparam("a_now", type_=UtcDateTime())
    kinds = bindparam("some_kinds", type_=String(), expanding=True)
    lost = select(Job.id).where(Job.state == "running", Job.leased_until < now).order_by(Job.leased_until, Job.id)
    due = select(Job.id).where(Job.state == "waiting", Job.run_after <= now).order_by(Job.run_after, Job.id)
    # Two subqueries, each along an index; the second is asked (and locks) only where the first finds nothing.
    first, second = (
        one.where(Job.kind.in_(kinds)).limit(1).with_for_update(skip_locked=True).scalar_subquery()
        for one in (lost, due)
    )
    values = {
        "state": "running", "owner": bindparam("an_owner"), "leased_until": bindparam("a_lease_end"),
        "tries": Job.tries + 1, "started_at": now, "started_count": Job.done_count,
    }  # fmt: skip
    return _quiet(update(Job).where(Job.id == func.coalesce(first, second)).values(values)).returning(Job)


def beat(session: Session, job_id: int, *, owner: str, until: datetime) -> bool:
    """Renew a lease; whether it was still the owner's."""
    return _changed(session, update(Job).where(*_is_held(job_id, owner)).values(leased_until=until))


def hold_lease(session: Session, job_id: int, *, owner: str) -> bool:
    """Whether the job is still the owner's; if so, nobody takes it over before the transaction ends."""
    # FOR UPDATE locks the row on PostgreSQL; on SQLite the writing transaction locks everything.
    return session.scalar(select(Job.id).where(*_is_held(job_id, owner)).with_for_update()) is not None


def is_cancel_asked(session: Session, job_id: int, *, owner: str) -> bool | None:
    """Whether a running job is to stop; ``None``: it is not the owner's any more."""
    return session.scalar(select(Job.cancel_asked).where(*_is_held(job_id, owner)))


def progress(
    session: Session,
    job_id: int,
    *,
    owner: str,
    done: int,
    total: int | None = None,
    note: str = "",
    is_further: bool = False,
) -> bool:
    """Put down how far a job is; ``total=None`` leaves the total. Where it ``is_further`` than ever, tries count anew."""
    values: dict[str, Any] = {"done_count": done, "note": _storable(note, _MOST_NOTE_CHARS)}
    if total is not None:
        values["total_count"] = total
    if is_further:
        values["tries"] = 1
    return _changed(session, update(Job).where(*_is_held(job_id, owner)).values(values))


def finish(session: Session, job_id: int, *, owner: str, now: datetime) -> bool:
    """Say that a job is done; saying it again changes nothing. ``False``: it was not the owner's any more."""
    if _end_held(session, job_id, owner, "done", now):
        return True
    return session.scalar(select(exists().where(Job.id == job_id, Job.owner == owner, Job.state == "done"))) is True


def end_cancelled(session: Session, job_id: int, *, owner: str, now: datetime) -> bool:
    """Say that a running job stopped because it was asked to; ``False``: it was not the owner's any more."""
    return _end_held(session, job_id, owner, "cancelled", now)


def fail(
    session: Session,
    job_id: int,
    *,
    owner: str,
    now: datetime,
    error: str,
    again_at: datetime | None,
    gives_up: bool = True,
) -> JobState | None:
    """Say that a try failed: the job waits until ``again_at``, or has failed if that is ``None`` or tries are used up.

    A try that fails for what is not the job's own fault never uses the last one up: ``gives_up`` is ``False`` then.

    Returns its new state, or ``None`` if it was not the owner's any more.
    """
    job = _held(session, job_id, owner)
    if job is None:
        return None
    job.error = _storable(error, _MOST_ERROR_CHARS)
    if job.cancel_asked:
        return _end(job, "cancelled", now)
    if not gives_up:
        job.tries = min(job.tries, job.max_tries - 1)
    if again_at is None or job.tries >= job.max_tries:
        return _end(job, "failed", now)
    return _wait(job, again_at)


def give_back(session: Session, job_id: int, *, owner: str, now: datetime) -> bool:
    """Let a job go as if this try had not been; ``False``: it was not the owner's any more."""
    job = _held(session, job_id, owner)
    if job is None:
        return False
    if job.cancel_asked:
        _end(job, "cancelled", now)
    else:
        job.tries = max(job.tries - 1, 0)
        _wait(job, now)
    return True


# --- what people do ----------------------------------------------------------------------------------


def cancel(session: Session, job_id: int, *, now: datetime) -> JobState | None:
    """End a waiting job, or ask a running one to stop; its state, or ``None`` if it had ended or is not there."""
    job = _locked(session, Job.id == job_id, Job.state.in_(("waiting", "running")))
    if job is None:
        return None
    job.cancel_asked = True
    return _end(job, "cancelled", now) if job.state == "waiting" else "running"


def retry(session: Session, job_id: int, *, now: datetime) -> bool:
    """Let a failed or cancelled job wait again, all tries before it; ``False`` if it is neither.

    Raises:
        KeyBusyError: another job of its key waits or runs.
    """
    job = _locked(session, Job.id == job_id, Job.state.in_(("failed", "cancelled")))
    if job is None:
        return False
    try:
        with session.begin_nested():
            job.unique_key, job.ended_key = job.ended_key, None
            job.tries, job.cancel_asked, job.error, job.finished_at = 0, False, None, None
            _wait(job, now)
    except IntegrityError as error:
        raise KeyBusyError from error
    return True


@dataclass(frozen=True)
class JobFilter:
    """Which jobs a list shows; what is empty narrows nothing."""

    states: frozenset[JobState] = frozenset()
    kinds: frozenset[str] = frozenset()
    but_kinds: frozenset[str] = frozenset()
    user_id: int | None = None


def listed(
    session: Session, wanted: JobFilter, *, before_id: int | None = None, limit: int = 50
) -> Sequence[tuple[Job, str | None]]:
    """Jobs with the names of those who asked for them, newest first, from below ``before_id`` on."""
    statement = select(Job, User.name).outerjoin(User, User.id == Job.user_id).order_by(Job.id.desc()).limit(limit)
    statement = statement.where(*_conditions(wanted))
    if before_id is not None:
        statement = statement.where(Job.id < before_id)
    return [(job, name) for job, name in session.execute(statement)]


def one(session: Session, job_id: int) -> tuple[Job, str | None] | None:
    """A job as it stands, with the name of whoever asked for it."""
    statement = select(Job, User.name).outerjoin(User, User.id == Job.user_id).where(Job.id == job_id)
    row = session.execute(statement, execution_options={"populate_existing": True}).one_or_none()
    return None if row is None else (row[0], row[1])


def count_by_state(session: Session, wanted: JobFilter | None = None) -> dict[str, int]:
    """How many jobs there are of each state that occurs."""
    counted = select(Job.state, func.count()).where(*_conditions(wanted or JobFilter())).group_by(Job.state)
    return dict(session.execute(counted).all())


def _conditions(wanted: JobFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(Job.state.in_(wanted.states))
    if wanted.kinds:
        conditions.append(Job.kind.in_(wanted.kinds))
    if wanted.but_kinds:
        conditions.append(Job.kind.not_in(wanted.but_kinds))
    if wanted.user_id is not None:
        conditions.append(Job.user_id == wanted.user_id)
    return conditions


@dataclass(frozen=True)
class Pace:
    """How fast a job goes; ``None`` where it cannot be said."""

    per_second: float | None = None
    seconds_left: float | None = None


def pace(*, done: int, total: int | None, started_at: datetime | None, until: datetime, started_count: int = 0) -> Pace:
    """The pace of the newest try, which began with ``started_count`` done; ``until`` is its end, or now."""
    if started_at is None:
        return Pace()
    seconds = (until - started_at).total_seconds()
    # A job that began anew is below what was done before.
    made = done - started_count if done >= started_count else done
    if seconds <= 0 or made <= 0:
        return Pace()
    per_second = made / seconds
    return Pace(per_second, None if total is None else max(total - done, 0) / per_second)


# --- tidying -----------------------------------------------------------------------------------------


def remove_done_of_key(session: Session, key: str, *, kind: str, before: datetime) -> None:
    """Remove the jobs of a key that were done before a moment."""
    old = select(Job).where(Job.kind == kind, Job.state == "done", Job.ended_key == key, Job.finished_at < before)
    for job in session.scalars(old).all():
        session.delete(job)


# --- pieces ------------------------------------------------------------------------------------------


def _is_held(job_id: int, owner: str) -> tuple[ColumnElement[bool], ...]:
    return Job.id == job_id, Job.owner == owner, Job.state == "running"


def _locked(session: Session, *which: ColumnElement[bool]) -> Job | None:
    statement = select(Job).where(*which).with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()


def _held(session: Session, job_id: int, owner: str) -> Job | None:
    return _locked(session, *_is_held(job_id, owner))


def _end(job: Job, state: JobState, now: datetime) -> JobState:
    job.state, job.finished_at, job.leased_until = state, now, None
    job.unique_key, job.ended_key = None, job.unique_key
    return state


def _end_held(session: Session, job_id: int, owner: str, state: JobState, now: datetime) -> bool:
    values = {"state": state, "finished_at": now, "leased_until": None, "unique_key": None, "error": None}
    statement = update(Job).where(*_is_held(job_id, owner)).values({**values, "ended_key": Job.unique_key})
    return _changed(session, statement)


def _wait(job: Job, run_after: datetime) -> JobState:
    job.state, job.run_after, job.owner, job.leased_until = "waiting", run_after, None, None
    return "waiting"


def _quiet(statement: Update) -> Update:
    """Jobs already loaded in the session are not looked through for those that changed."""
    return statement.execution_options(synchronize_session=False)


def _changed(session: Session, statement: Update) -> bool:
    return session.scalar(_quiet(statement).returning(Job.id)) is not None


def _storable(text: str, most_chars: int) -> str:
    """Text that every database takes: no NUL, no halves of characters, not too long."""
    plain = text.replace("\0", "").encode("utf-8", "replace").decode()
    return plain if len(plain) <= most_chars else plain[: most_chars - 1] + "…"
