"""Imports whose workers are killed at any moment: nothing is lost, nothing doubled, on both databases."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.services.intake import ImportOptions, register_upload, upload_of, work_off
from qaplatform.store.engine import Store
from qaplatform.store.tables import Import, Job
from tests.conftest import FULL
from tests.forked_commands import forked
from tests.importing import A_TRANSACTION
from tests.runs import Run, chat, counted, dump, make_shops

_PIECES_A_KILL = 15
"""More than a worker stores until it is killed, so that every kill finds something to interrupt."""
_LONGEST_LIFE_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def conversations(count: int) -> list[Conversation]:
    """Conversations of two shops; one in ten comes again later in the file, longer by a message."""
    made = []
    for number in range(count):
        first = number - 50 if number % 10 == 5 and number > 60 else number
        about: dict[str, Any] = {
            "shop": f"s{first % 2 + 1}",
            "order_id": str(first % 37),
            "customer": Customer(f"u{first % 53}"),
        }
        lines = ["customer 10:00:00 什么时候发货?急死了", f"agent:a{first % 5} 10:01:30 没办法,这是规定{first}"]
        if first != number:
            lines.append("customer 10:02:00 我要投诉")
        made.append(chat(f"c{first}", *lines, day=f"2026-10-{first % 28 + 1:02d}", **about))
    return made


def write(path: Path, some: list[Conversation]) -> Path:
    lines = [msgspec.json.encode(one) for one in some]
    for place in range(len(lines), 0, -90):
        lines.insert(place, b"{broken")
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def announce(store: Store, path: Path, now: datetime) -> int:
    make_shops(store, "s1", "s2")
    with store.writing() as session:
        return register_upload(
            session, upload_of(path), shop_id=None, origin="command", options=ImportOptions(), user_id=None,
            now=now,
        )  # fmt: skip


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.full)])
@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
def test_an_import_whose_worker_is_killed_again_and_again_ends_like_one_that_was_not(
    store: Store, store_url: str, other_store: Store, repository: Path, tmp_path: Path, kills: int
) -> None:
    path = write(tmp_path / "a.jsonl", conversations(_PIECES_A_KILL * A_TRANSACTION * (kills + 1)))
    # The moment of judging is that of the import: waiting for an answer that never came is counted up to it.
    now = datetime.now(UTC)
    import_id = announce(store, path, now)
    chance = random.Random(f"{kills} {time.time_ns() if FULL else 0}")
    for _ in range(kills):
        before = counted(store, import_id).position
        with forked(store_url, cwd=repository, program="tests.importing") as it:
            until(lambda before=before: counted(store, import_id).position > before)  # type: ignore[misc]
            time.sleep(chance.uniform(0, _LONGEST_LIFE_SECONDS))
            it.kill()
    with forked(store_url, cwd=repository, program="tests.importing"):
        until(lambda: _state(store)[0] in {"done", "failed"})
    assert _state(store) == ("done", "done")

    whole = announce(other_store, path, now)
    work_off(Run(other_store, now=now), whole, most=A_TRANSACTION)
    assert counted(store, import_id) == counted(other_store, whole)
    assert dump(store, times=False) == dump(other_store, times=False)


def _state(store: Store) -> tuple[str, str]:
    with store.reading() as session:
        return session.scalars(select(Job.state)).one(), session.scalars(select(Import.state)).one()
