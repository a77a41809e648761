"""Whether a folder can be watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qaplatform.services.watched_folders import (
    FolderError,
    MissingFolderError,
    NotAFolderError,
    OwnFolderError,
    RelativeFolderError,
    UnreadableFolderError,
    checked_folder,
)


def test_a_folder_that_can_be_read_is_taken_by_its_plain_path(tmp_path: Path) -> None:
    folder = tmp_path / "会话 文件"
    folder.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    assert checked_folder(f"{tmp_path}//x/../会话 文件/", data) == str(folder)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("in", RelativeFolderError),
        ("./in", RelativeFolderError),
        ("~/in", RelativeFolderError),
        ("{top}/missing", MissingFolderError),
        ("{top}/file.csv", NotAFolderError),
        ("{top}/file.csv/in", FolderError),
        ("{top}/data", OwnFolderError),
        ("{top}/data/uploads", OwnFolderError),
        ("{top}/way-to-data/uploads", OwnFolderError),
        ("{top}", OwnFolderError),
        ("/", OwnFolderError),
        ("{top}/\0", MissingFolderError),
        ("/" + "x" * 5000, MissingFolderError),
    ],
)
def test_what_cannot_be_watched_says_why(tmp_path: Path, path: str, error: type[FolderError]) -> None:
    (tmp_path / "data" / "uploads").mkdir(parents=True)
    (tmp_path / "file.csv").touch()
    (tmp_path / "way-to-data").symlink_to(tmp_path / "data")
    with pytest.raises(error):
        checked_folder(path.format(top=tmp_path), tmp_path / "data")


@pytest.fixture
def somebody() -> Iterator[Callable[[], None]]:
    """What makes this process one of an ordinary user; root may read everything."""
    is_root = os.geteuid() == 0
    yield lambda: os.seteuid(65_534) if is_root else None
    if is_root:
        os.seteuid(0)


def test_a_folder_the_server_may_not_read_says_so(tmp_path: Path, somebody: Callable[[], None]) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o000)
    somebody()
    with pytest.raises(UnreadableFolderError):
        checked_folder(str(folder), tmp_path / "data")
