"""A job that writes rows in several transactions, and a real worker for it."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from sqlalchemy import select

from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.store.engine import Store
from qaplatform.store.tables import LoginFailure, Setting
from qaplatform.worker import Worker, stopping_on_signals

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
ROWS_A_TRANSACTION = 20


def count(run: JobRun) -> None:
    """Write ``payload["to"]`` numbered rows; the table would take doubles, and the place is kept beside the rows."""
    name, to, pause = f"count {run.job_id}", run.payload["to"], run.payload.get("pause_seconds", 0.0)
    at = 0
    while at < to:
        stop_if_cancelled(run)
        with run.writing() as session:
            place = session.get(Setting, name) or Setting(name=name, value=0)
            session.add(place)
            at = place.value
            until = min(at + ROWS_A_TRANSACTION, to)
            session.add_all(LoginFailure(login_hash=str(number), address="", at=NOW) for number in range(at, until))
            session.flush()
            # Here and outside the transaction, so that a kill may come at either.
            time.sleep(pause / 2)
            place.value = at = until
            run.progress(session, at, to)
        time.sleep(pause / 2)


def written(store: Store) -> list[int]:
    """The numbers of all rows."""
    with store.reading() as session:
        return sorted(int(login) for login in session.scalars(select(LoginFailure.login_hash)))


def main() -> None:
    """Work on the database that the command line names until stopped."""
    store = Store(sys.argv[1])
    with stopping_on_signals() as stop:
        Worker(store, {"count": count}, lease_seconds=1, idle_seconds=0.05).run_until_stopped(stop)
    store.close()
