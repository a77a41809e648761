"""``qaplatform backup`` and ``restore`` on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from qaplatform.cli import main
from qaplatform.store.engine import Store
from qaplatform.store.tables import Team

NOW = datetime(2026, 11, 11, tzinfo=UTC)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    uploads = tmp_path / "data" / "own" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "a.csv").write_text("x")
    return tmp_path / "data"


@pytest.fixture
def filled(store: Store, store_url: str) -> str:
    with store.writing() as session:
        session.add(Team(name="售后一组", created_at=NOW))
    return store_url


def test_from_a_database_by_url_into_a_file_of_a_data_folder(filled: str, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "backup.zip"
    made = run("backup", "--database", filled, "--data", data, "--out", out)
    assert made.exit_code == 0, made.output
    assert "1 rows, 1 uploads" in made.output
    there = tmp_path / "there"
    restored = run("restore", out, "--data", there)
    assert restored.exit_code == 0, restored.output
    assert "1 rows and 1 uploads" in restored.output
    store = Store(f"sqlite:///{there / 'own' / 'workplace.sqlite'}")
    with store.reading() as session:
        assert session.scalars(select(Team.name)).all() == ["售后一组"]
    store.close()
    assert (there / "own" / "uploads" / "a.csv").read_text() == "x"
    again = run("restore", out, "--data", there)
    assert again.exit_code == 1
    assert "uploads in the data folder already" in again.output


def test_the_url_may_stand_in_the_environment(
    filled: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QAPLATFORM_DATABASE", filled)
    monkeypatch.setenv("QAPLATFORM_DATA", str(data))
    assert run("backup", "--out", tmp_path / "backup.zip").exit_code == 0


def test_a_file_that_is_there_is_written_over_only_if_that_is_said(filled: str, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "backup.zip"
    out.write_text("mine")
    refused = run("backup", "--database", filled, "--data", data, "--out", out)
    assert (refused.exit_code, out.read_text()) == (2, "mine")
    assert "--force" in refused.output
    assert run("backup", "--database", filled, "--data", data, "--out", out, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["backup", "--data", "nowhere", "--out", "x.zip"], 1, "no database"),
        (["backup", "--database", "mysql://x", "--out", "x.zip"], 1, "not supported"),
        (["restore", "none.zip"], 2, "no such file"),
        (["restore", "bad.zip"], 2, "no whole backup"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.zip").write_text("hello")
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.output
    assert not (tmp_path / "x.zip").exists()
    assert not list(tmp_path.rglob("*.sqlite*"))
