"""Jobs: announced in the transaction of the work they stand for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from qaplatform.store.tables.jobs import Job


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

    While a job of ``unique_key`` waits or runs, no second one is made and its id is returned.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {
        "kind": kind, "payload": payload, "unique_key": unique_key, "user_id": user_id, "total_count": total,
        "run_after": run_after or now, "created_at": now,
    }  # fmt: skip
    statement = insert(Job).values(values).on_conflict_do_nothing(index_elements=["unique_key"]).returning(Job.id)
    while True:
        made = session.scalar(statement)
        if made is not None:
            return made
        busy = session.scalar(select(Job.id).where(Job.unique_key == unique_key))
        if busy is not None:
            return busy
