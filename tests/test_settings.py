"""The data folder and the key in it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qaplatform.settings import KEY_FILE, DataFolderError, secret_key_in, settings_for


def test_a_new_folder_and_its_key_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    key = secret_key_in(folder)
    assert len(key) == 64
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    assert secret_key_in(tmp_path) == secret_key_in(tmp_path)


def test_programs_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(secret_key_in, [folder] * 4))) == 1


def test_without_a_url_the_database_lies_in_the_folder(tmp_path: Path) -> None:
    assert settings_for(None, tmp_path).database_url == f"sqlite:///{tmp_path / 'qaplatform.sqlite'}"
    assert settings_for("postgresql://u:p@h/d", tmp_path).database_url == "postgresql://u:p@h/d"


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    settings = settings_for("postgresql://u:pass4711@h/d", tmp_path)
    assert "4711" not in repr(settings)
    assert settings.secret_key not in repr(settings)


def test_a_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataFolderError, match="cannot be used"):
        settings_for(None, tmp_path / "file")
