"""Tidying: what has had its time is removed, as a job that comes again every hour."""

from __future__ import annotations

from datetime import timedelta

from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.store import tidying

LOGIN_FAILURES_FOR = timedelta(days=1)
ENDED_JOBS_FOR = timedelta(days=30)
_ROWS_A_TRANSACTION = 500


def tidy(run: JobRun) -> None:
    """Remove ended sessions, failed logins older than a day, and jobs that ended 30 days ago."""
    now = run.now()
    done = run.done
    for remove, before in (
        (tidying.remove_ended_sessions, now),
        (tidying.remove_login_failures, now - LOGIN_FAILURES_FOR),
        (tidying.remove_ended_jobs, now - ENDED_JOBS_FOR),
    ):
        removed = _ROWS_A_TRANSACTION
        while removed == _ROWS_A_TRANSACTION:
            stop_if_cancelled(run)
            with run.writing() as session:
                removed = remove(session, before=before, limit=_ROWS_A_TRANSACTION)
                done += removed
                run.progress(session, done)
