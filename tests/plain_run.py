"""A job's run without a worker: what handlers need of one, and a way to lose it in mid-work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from qaplatform.store.engine import Store


class LostError(Exception):
    """The worker was killed, as it were."""


class PlainRun:
    """A ``JobRun`` that nobody takes over; it is lost before the writing transaction of number ``lost_at`` (from 0)."""

    job_id = 1
    done = 0

    def __init__(
        self,
        store: Store,
        payload: dict[str, Any],
        now: datetime,
        *,
        user_id: int | None = None,
        lost_at: int | None = None,
    ) -> None:
        self.store = store
        self.payload = payload
        self.user_id = user_id
        self.said: list[int] = []
        self.is_cancelled = False
        self._now = now
        self._lost_at = lost_at
        self._count = 0

    def now(self) -> datetime:
        return self._now

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self._count == self._lost_at:
            raise LostError
        self._count += 1
        with self.store.writing() as session:
            yield session

    def progress(self, session: Session, done: int, total: int | None = None, note: str = "") -> None:  # noqa: ARG002
        self.said.append(done)

    def cancel_asked(self) -> bool:
        return self.is_cancelled
