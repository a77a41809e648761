"""Watched folders: what stands still is taken in once, whatever else lies there."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from qaplatform.services.intake import run_import
from qaplatform.services.jobs import JobCancelledError
from qaplatform.services.watching import watch
from qaplatform.store.engine import Store
from qaplatform.store.tables import Import, Job, Shop, WatchedFile
from tests.runs import NOW, Run, chat, figures, make_shops, write_jsonl

SOON = timedelta(seconds=15)


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    """The watched folder of the shop s1; s2 has none."""
    ids = make_shops(store, "s1", "s2")
    path = tmp_path / "chats"
    path.mkdir()
    with store.writing() as session:
        session.get_one(Shop, ids["s1"]).watched_folder = str(path)
    return path


class Looks:
    """Looks into the folders, each some seconds after the one before."""

    def __init__(self, store: Store) -> None:
        self.store, self.moment = store, NOW

    def look(self, times: int = 1, every: timedelta = SOON) -> list[str]:
        """The files that have been taken, after so many further looks."""
        for _ in range(times):
            self.moment += every
            watch(Run(self.store, now=self.moment))
        with self.store.reading() as session:
            return sorted(session.scalars(select(Import.file_name)))


def test_a_file_is_taken_at_the_second_look_at_which_it_is_the_same(store: Store, folder: Path) -> None:
    looks = Looks(store)
    path = write_jsonl(folder / "a.jsonl", [chat("c1", "customer 10:00:00 在吗", shop=None)])
    assert looks.look() == []
    assert looks.look(every=timedelta(seconds=1)) == [], "two looks at once are one"
    assert looks.look() == ["a.jsonl"]
    assert looks.look(3) == ["a.jsonl"]
    with store.reading() as session:
        job, row = session.scalars(select(Job)).one(), session.scalars(select(Import)).one()
        seen = session.scalars(select(WatchedFile)).one()
    assert (row.origin, row.shop_id, seen.import_id, job.payload) == ("folder", 1, row.id, {"import_id": row.id})
    run_import(Run(store, job.payload))
    assert list(figures(store)) == ["c1"]
    assert path.exists(), "nothing is moved"


def test_a_file_that_grows_is_waited_for(store: Store, folder: Path) -> None:
    looks = Looks(store)
    path = folder / "a.jsonl"
    for size in range(1, 4):
        write_jsonl(path, [chat(f"c{number}", "customer 10:00:00 在吗") for number in range(size)])
        os.utime(path, (size, size))
        assert looks.look() == []
    assert looks.look() == ["a.jsonl"]


def test_new_content_under_an_old_name_is_taken_and_old_content_that_comes_back_is_not(
    store: Store, folder: Path
) -> None:
    looks = Looks(store)
    path = folder / "today.jsonl"
    versions = [[chat("c1", "customer 10:00:00 在吗")], [chat("c2", "customer 10:00:00 在吗")]]
    taken = []
    for stamp, number in enumerate((0, 1, 0), start=1):
        write_jsonl(path, versions[number])
        os.utime(path, (stamp, stamp))
        taken.append(len(looks.look(2)))
    path.unlink()
    looks.look(2)
    write_jsonl(path, versions[1])
    taken.append(len(looks.look(2)))
    assert taken == [1, 2, 2, 2]


def test_what_is_no_finished_chat_file_is_passed_over(store: Store, folder: Path, tmp_path: Path) -> None:
    looks = Looks(store)
    said = [chat("c1", "customer 10:00:00 在吗")]
    (folder / ".hidden").mkdir()
    (folder / "十一月").mkdir()
    names = [
        ".a.jsonl",
        "a.jsonl.part",
        "~$a.xlsx",
        "a.pdf",
        "a.csv.tmp",
        ".hidden/a.jsonl",
        "十一月/a.jsonl",
        "b.jsonl.gz",
    ]
    for name in names:
        write_jsonl(folder / name, said)
    (folder / "link.jsonl").symlink_to(write_jsonl(tmp_path / "elsewhere.jsonl", said))
    assert looks.look(2) == ["b.jsonl.gz", "十一月/a.jsonl"]


def test_a_folder_that_is_gone_stops_nobody(store: Store, folder: Path) -> None:
    with store.writing() as session:
        session.add(Shop(code="s0", name="s0", watched_folder=str(folder / "gone"), created_at=NOW))
    write_jsonl(folder / "a.jsonl", [chat("c1", "customer 10:00:00 在吗")])
    assert Looks(store).look(2) == ["a.jsonl"]


def test_a_shop_that_is_closed_is_not_watched(store: Store, folder: Path) -> None:
    write_jsonl(folder / "a.jsonl", [chat("c1", "customer 10:00:00 在吗")])
    with store.writing() as session:
        session.get_one(Shop, 1).active = False
    assert Looks(store).look(2) == []


def test_looking_can_be_cancelled(store: Store, folder: Path) -> None:
    assert folder.exists()
    run = Run(store)
    run.is_to_stop = True
    with pytest.raises(JobCancelledError):
        watch(run)
