"""Imports that crash, are cancelled, or meet another one."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.conversation import Conversation
from qaplatform.services.intake import work_off
from qaplatform.services.jobs import JobCancelledError
from qaplatform.store.engine import Store
from tests.conftest import FULL
from tests.runs import Run, counted, dump, make_shops, register, write_jsonl
from tests.services.intaking import WITHOUT_IMPORTS, CrashError, many, state_of, without_import


def spoilt(path: Path, conversations: list[Conversation]) -> Path:
    """A file with broken lines at its beginning, at its end and in between."""
    lines = [msgspec.json.encode(one) for one in conversations]
    lines[0:0] = [b"{broken"]
    lines.insert(len(lines) // 2, b'{"id": "no messages"}')
    lines.append(b"[]")
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def crash_at(number: int):
    def crash(write: int) -> None:
        if write == number:
            raise CrashError

    return crash


PIECE = 4
"""So few conversations go into one transaction, that a small file has several borders."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_import_that_crashed_at_every_border_ends_like_one_that_did_not(
    store: Store, other_store: Store, tmp_path: Path, when: str
) -> None:
    count = 30 if FULL else 18
    path = spoilt(tmp_path / "a.jsonl", many(count, ids=count - 4))
    for one in (store, other_store):
        make_shops(one, "s1", "s2")
    whole = register(other_store, path)
    work_off(Run(other_store), whole, most=PIECE)

    crashed = register(store, path)
    crashes = 0
    while state_of(store, crashed)[0] != "done":
        # Each try stores one piece and crashes at the next: before its transaction, or at the end of it.
        run = Run(store, **{f"{when}_write": crash_at(3)})
        try:
            work_off(run, crashed, most=PIECE)
        except CrashError:
            crashes += 1
            assert counted(store, crashed).position == min(crashes * PIECE, count)
    assert crashes == -(-count // PIECE)
    assert counted(store, crashed) == counted(other_store, whole)
    assert dump(store) == dump(other_store)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_an_import_of_several_processes_stores_the_same(store: Store, other_store: Store, tmp_path: Path) -> None:
    path = spoilt(tmp_path / "a.jsonl", many(30, ids=26))
    for one, workers in ((store, 1), (other_store, 2)):
        make_shops(one, "s1", "s2")
        work_off(Run(one), register(one, path), workers=workers, most=PIECE)
    assert dump(store) == dump(other_store)


def test_cancelling_stops_between_two_pieces_and_says_how_far_it_came(
    store: Store, other_store: Store, tmp_path: Path
) -> None:
    path = spoilt(tmp_path / "a.jsonl", many(30, ids=26))
    for one in (store, other_store):
        make_shops(one, "s1", "s2")
    import_id = register(store, path)
    run = Run(store)

    def stop(write: int) -> None:
        run.is_to_stop = write == 3

    run.before_write = stop
    with pytest.raises(JobCancelledError):
        work_off(run, import_id, most=PIECE)
    assert state_of(store, import_id) == ("cancelled", "cancelled behind 8 conversations")
    assert counted(store, import_id).position == 8
    work_off(Run(store), import_id, most=PIECE)
    work_off(Run(other_store), register(other_store, path), most=PIECE)
    assert dump(store) == dump(other_store)


@pytest.mark.both_databases
def test_two_who_take_in_the_same_at_once_store_it_once(store: Store, other_store: Store, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", many(30, ids=30))
    for one in (store, other_store):
        make_shops(one, "s1", "s2")
    work_off(Run(other_store), register(other_store, path), most=PIECE)
    failed: list[BaseException] = []

    def work(import_id: int) -> None:
        try:
            work_off(Run(store), import_id, most=PIECE)
        except BaseException as error:  # noqa: BLE001  said by the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(register(store, path),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    steps = [counted(store, number) for number in (1, 2, 3)]
    assert sum(one.new for one in steps) == 30
    assert without_import(dump(store, *WITHOUT_IMPORTS)) == without_import(dump(other_store, *WITHOUT_IMPORTS))
