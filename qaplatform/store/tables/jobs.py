"""Background jobs: a row is written in the transaction of the work it announces, and leased by one worker at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key


class Job(Base):
    """Something to be done in the background.

    ``owner`` is the token of whoever holds the lease; only it may go on with the job, until ``leased_until``. After
    that anybody may take it, as long as ``tries`` is less than ``max_tries``.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", "state"),
        Index(None, "state", "run_after", "id"),
        Index(None, "kind", "state"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    unique_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    """While it waits or runs, no second job of this key is made; emptied at the end."""
    ended_key: Mapped[str | None] = mapped_column(String(200))
    """The unique key it had until it ended; a retry takes it up again."""
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    max_tries: Mapped[int] = mapped_column(default=5)
    run_after: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    started_count: Mapped[int] = mapped_column(default=0)
    """What was done already when the newest try began."""
    done_count: Mapped[int] = mapped_column(default=0)
    total_count: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    error: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """When the newest try began."""
    finished_at: Mapped[datetime | None]
