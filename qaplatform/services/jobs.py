"""Background jobs: what a handler is given."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.engine import Store


class LeaseLostError(QAPlatformError):
    """Another worker has taken the job over; nothing was written."""


class JobCancelledError(QAPlatformError):
    """The job was cancelled."""


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

    def now(self) -> datetime:
        """This moment."""

    def writing(self) -> AbstractContextManager[Session]:
        """A writing transaction in which nobody can take the job over.

        Raises:
            LeaseLostError: somebody has; nothing is written. Let it pass.
        """

    def progress(self, session: Session, done: int, total: int | None = None, note: str = "") -> None:
        """Put down how far the job is, in the same transaction; ``total=None`` leaves the total as it is."""

    def cancel_asked(self) -> bool:
        """Whether somebody wants the job to end; clean up and raise :class:`JobCancelledError` then."""
