"""A real worker that takes imports in, a few conversations at a time."""

from __future__ import annotations

import sys

from qaplatform.services.intake import IMPORT_KIND, work_off
from qaplatform.services.jobs import JobRun
from qaplatform.store.engine import Store
from qaplatform.worker import Worker, stopping_on_signals

A_TRANSACTION = 4
"""Conversations stored at once: so few, that a small file has many borders."""


def take_in(run: JobRun) -> None:
    """The handler of the job ``import``, in small pieces."""
    work_off(run, int(run.payload["import_id"]), most=A_TRANSACTION)


def main() -> None:
    """Work on the database that the command line names until stopped."""
    store = Store(sys.argv[1])
    with stopping_on_signals() as stop:
        Worker(store, {IMPORT_KIND: take_in}, lease_seconds=1.0, idle_seconds=0.05).run_until_stopped(stop)
    store.close()
