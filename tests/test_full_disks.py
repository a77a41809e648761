"""Imports whose disk is full, fails or is locked for a while: nothing is half there, and they go on when it has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from qaplatform.errors import QAPlatformError
from qaplatform.services.intake import ImportOptions, register_upload, upload_of, work_off
from qaplatform.services.uploads import UploadPart, UploadsFolderError
from qaplatform.services.watching import WATCH_KIND
from qaplatform.store.engine import NoSpaceError, Store
from qaplatform.store.faults import DiskFaultError
from qaplatform.store.tables import ConversationRow, Import, Job, Shop
from qaplatform.worker import HANDLERS, Worker
from tests.faults import KINDS, Kind, broken, impatient, small_files
from tests.runs import NOW, Run, chat, dump, make_shops, write_jsonl
from tests.stores import ONLY_POSTGRESQL

PASSING = [kind for kind in KINDS if kind != "damaged"]
LEASE = timedelta(seconds=60)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> object:
        return self.now


@pytest.fixture
def hasty(store_url: str) -> Iterator[Store]:
    made = Store(impatient(store_url))
    yield made
    made.close()


def a_file(folder: Path, count: int = 120) -> Path:
    lines = ("customer 10:00:00 什么时候发货", "agent:a1 10:00:30 您好,今天发出" + "。" * 400)
    return write_jsonl(folder / "a.jsonl", [chat(f"c{number}", *lines) for number in range(count)])


def announced(store: Store, path: Path) -> int:
    make_shops(store, "s1")
    with store.writing() as session:
        return register_upload(
            session, upload_of(path), shop_id=None, origin="command", options=ImportOptions(), user_id=None, now=NOW
        )


def conversations(store: Store) -> int:
    with store.reading() as session:
        return session.scalars(select(func.count()).select_from(ConversationRow)).one()


def the_job(store: Store) -> Job:
    with store.reading() as session:
        return session.scalars(select(Job)).one()


@pytest.mark.parametrize("kind", PASSING)
def test_an_import_waits_for_better_days_and_is_whole_in_the_end(
    hasty: Store, other_store: Store, tmp_path: Path, kind: Kind
) -> None:
    path = a_file(tmp_path)
    import_id = announced(hasty, path)
    clock = Clock()
    worker = Worker(hasty, HANDLERS, clock=clock, lease_seconds=LEASE.total_seconds())  # type: ignore[arg-type]
    max_tries = the_job(hasty).max_tries
    tries = 0
    # Where the whole database cannot be written, the end of a try cannot either: then its lease runs out.
    with broken(hasty, kind, "conversations"):
        for _ in range(2 * max_tries):
            try:
                tries += worker.run_one()
            except QAPlatformError as error:
                assert isinstance(error, KINDS[kind])  # noqa: PT017 - either may be
            clock.now += timedelta(minutes=16)
    assert conversations(hasty) == 0
    job = the_job(hasty)
    assert job.state in {"waiting", "running"}
    if job.state == "waiting" and tries:
        assert job.error is not None
        assert job.error.startswith(KINDS[kind]().message)
        assert job.run_after <= clock.now

    assert worker.run_one()
    assert the_job(hasty).state == "done"
    with hasty.reading() as session:
        assert session.get_one(Import, import_id).state == "done"
    work_off(Run(other_store), announced(other_store, path))
    tables = [name for name in dump(other_store) if name not in {"imports", "jobs"}]
    assert dump(hasty, *tables, times=False) == dump(other_store, *tables, times=False)


@ONLY_POSTGRESQL  # Nothing can be written into a damaged file, the end of a try included.
def test_a_worker_of_a_damaged_database_gives_up_with_the_way_out(store: Store, tmp_path: Path) -> None:
    announced(store, a_file(tmp_path, 3))
    clock = Clock()
    worker = Worker(store, HANDLERS, clock=clock)  # type: ignore[arg-type]
    with broken(store, "damaged", "conversations"):
        while worker.run_one():
            clock.now += timedelta(minutes=16)
    job = the_job(store)
    assert (job.state, job.tries) == ("failed", job.max_tries)
    assert "restore the last backup" in (job.error or "")


def test_a_watched_folder_is_looked_into_again(hasty: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    a_file(folder, 2)
    shop_id = make_shops(hasty, "s1")["s1"]
    with hasty.writing() as session:
        session.get_one(Shop, shop_id).watched_folder = str(folder)
    watch = HANDLERS[WATCH_KIND]
    watch(Run(hasty))
    later = Run(hasty, now=NOW + timedelta(minutes=1))
    with broken(hasty, "disk", "watched_files", "imports", "jobs"), pytest.raises(DiskFaultError):
        watch(later)
    with hasty.reading() as session:
        assert session.scalars(select(Import)).all() == []
    watch(later)
    watch(later)
    with hasty.reading() as session:
        assert len(session.scalars(select(Import)).all()) == 1
    assert [one.name for one in folder.iterdir()] == ["a.jsonl"]


def test_a_file_that_finds_no_room_is_not_kept(tmp_path: Path) -> None:
    def keep() -> None:
        with UploadPart.begin(tmp_path) as part:
            part.write(b"x" * 300_000)
            part.keep("a.csv")

    with small_files(100_000), pytest.raises(NoSpaceError):
        keep()
    assert list((tmp_path / "uploads").iterdir()) == []
    keep()
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_a_folder_for_uploads_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file", encoding="utf-8")
    with pytest.raises(UploadsFolderError, match="cannot be written to"):
        UploadPart.begin(tmp_path)
