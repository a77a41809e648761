"""What is kept on disk between runs is given back as it was, or not at all."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from qaplatform.services.file_store import FileStore


def test_what_was_kept_is_given_back_and_what_was_spoilt_is_not(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "new" / "folder", "x", "1")
    assert store.get("k") is None
    store.put("k", b"body")
    assert store.get("k") == b"body"
    assert store.get("other") is None
    [file] = (tmp_path / "new" / "folder").iterdir()
    for spoilt in (b"", b"short", file.read_bytes()[:-1], file.read_bytes() + b"x"):
        file.write_bytes(spoilt)
        assert store.get("k") is None
    store.put("k", b"body again")
    assert store.get("k") == b"body again"
    assert len(list(file.parent.iterdir())) == 1, "no half-written file is left"


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = FileStore(tmp_path / "file", "x", "1")
    store.put("k", b"body")
    assert store.get("k") is None


def test_one_makes_it_and_another_waits_and_finds_it_made(tmp_path: Path) -> None:
    made: list[str] = []
    begun = threading.Event()

    def make(name: str) -> None:
        store = FileStore(tmp_path / "new", "x", "1")
        with store.alone("k"):
            begun.set()
            if store.get("k") is None:
                time.sleep(0.2)
                store.put("k", b"body")
                made.append(name)

    first = threading.Thread(target=make, args=("first",))
    first.start()
    begun.wait()
    make("second")
    first.join()
    assert made == ["first"]
    assert [one.suffix for one in (tmp_path / "new").iterdir()] == [".x"], "no lock is left"


def test_where_nothing_can_be_kept_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = FileStore(tmp_path / "file", "x", "1")
    with store.alone("k"), store.alone("k"):
        store.put("k", b"body")


def test_what_another_maker_kept_is_not_given(tmp_path: Path) -> None:
    FileStore(tmp_path, "x", "1").put("k", b"body")
    assert FileStore(tmp_path, "x", "2").get("k") is None
    assert FileStore(tmp_path, "y", "1").get("k") is None


def test_what_somebody_else_put_there_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path, "x", "1")
    store.put("k", b"body")
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    assert store.get("k") is None
