"""Replaying a changed rule over past conversations, on one core: ``python -m benchmarks.replay --conversations 100000``.

A filled SQLite database (``benchmarks/fill.py``), whose audits are said to be those of the version in force, so that only
what has changed is judged, as in a workplace whose settings did not change meanwhile. Seconds of wall clock, and the peak
of memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.fill import fill, is_filled
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.arriving import Reception
from qaplatform.services.contexts import ContextBook
from qaplatform.services.judging import ENGINE_VERSION
from qaplatform.services.replaying import Period, ask_replay, replay_seen, run_replay
from qaplatform.services.rubric_drafts import open_draft
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.rows import update_rows
from qaplatform.store.tables import AuditRow, ContextVersion, ConversationRow

CODE = "ecommerce-service"
LEAD = Viewer(1, "lead", grants=(Grant("qa_lead"),))
_PIECE = 20_000


class _Run:
    """A job run in this process."""

    job_id, user_id, done = 1, 1, 0

    def __init__(self, store: Store, payload: dict[str, Any]) -> None:
        self.store, self.payload, self.steps = store, payload, 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.store.writing() as session:
            yield session

    def progress(self, _session: Session, done: int, total: int | None = None, note: str = "") -> None:  # noqa: ARG002
        self.steps += 1
        print(f"\r{done:,} of {total:,}", end="", file=sys.stderr)

    def cancel_asked(self) -> bool:
        return False


def say_audited(store: Store) -> None:
    """Give every stored audit the context and engine that it would have today."""
    row = ConversationRow
    with store.reading() as session:
        book = ContextBook(session)
        reception = Reception(book, datetime.now(UTC))
        asked = select(row.audit_id, row.shop_id, row.started_at, row.ended_at).where(row.audit_id.is_not(None))
        found = [
            (audit, reception.context_of(session, shop, begun, ended))
            for audit, shop, begun, ended in session.execute(asked)
        ]
    contexts = {one.content_hash: one for _, one in found}
    with store.writing() as session:
        made = {
            content: ContextVersion(
                content_hash=content, body=msgspec.json.decode(one.body), created_at=datetime.now(UTC)
            )
            for content, one in contexts.items()
        }
        session.add_all(made.values())
        session.flush()
        ids = {content: one.id for content, one in made.items()}
        for start in range(0, len(found), _PIECE):
            rows = [(ids[one.content_hash], ENGINE_VERSION, audit) for audit, one in found[start : start + _PIECE]]
            update_rows(session, AuditRow, ("context_version_id", "engine_version"), rows)


def changes() -> dict[str, dict[str, str]]:
    """Drafts by name: words of one check, and only points."""
    base = next(one for one in rubrics_in_force() if one.rubric.id == CODE)
    path, section = "phrases/service.yaml", "sections/response.yaml"
    head, tail = base.files[path].split("\n  greeting:", 1)
    return {
        "words of one check": {path: f"{head}\n  greeting:" + tail.replace("phrases: [", "phrases: [甲乙丙丁, ", 1)},
        "points only": {section: base.files[section].replace("weight: 14", "weight: 20", 1)},
    }


def main() -> None:
    """Fill a database, replay each draft and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--database", type=Path, help="keep the filled database here")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{options.database or Path(folder, 'replay.sqlite')}")
        if not is_filled(store):
            fill(store, options.conversations)
            say_audited(store)
        for name, files in changes().items():
            with store.writing() as session:
                draft = open_draft(session, LEAD, CODE, now=datetime.now(UTC), changes=files)
                far = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
                replay_id = ask_replay(session, LEAD, draft.id, far, now=datetime.now(UTC))
            run = _Run(store, {"replay_id": replay_id})
            begun, used = time.perf_counter(), time.process_time()
            run_replay(run)
            took, spent = time.perf_counter() - begun, time.process_time() - used
            with store.reading() as session:
                result = replay_seen(session, LEAD, replay_id).result or {}
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(
                f"\r{name}: {result['count']:,} conversations ({result['reused']:,} reused) in {took:.1f} s, "
                f"{spent:.1f} s of the processor, {run.steps} steps of progress, peak {peak} MiB"
            )
        store.close()


if __name__ == "__main__":
    main()
