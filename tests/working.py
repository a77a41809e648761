"""Workers, jobs and a clock for tests of the worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.tables import Job, Team
from qaplatform.worker import Handler, Worker

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> datetime:
        self.time += by
        return self.time


def announce(store: Store, kind: str = "do", payload: dict[str, Any] | None = None, **more: Any) -> int:
    with store.writing() as session:
        return jobs.announce(session, kind, payload or {}, now=NOW, **more)


def the(store: Store, job_id: int) -> Job:
    with store.reading() as session:
        return session.get_one(Job, job_id)


def team_names(store: Store) -> set[str]:
    with store.reading() as session:
        return set(session.scalars(select(Team.name)))


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; a generous end, so that a broken test ends at all."""
    for _ in range(15_000):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def worker(store: Store, do: Handler, clock: HandClock, **more: Any) -> Worker:
    return Worker(store, {"do": do}, clock=clock, **more)
