"""The command ``import``: the code of the worker in the foreground."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from qaplatform.cli import main
from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, ConversationRow, Import, Shop
from tests.copies import migrated
from tests.runs import chat, write_jsonl

ASKED = "customer 10:00:00 在吗"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["import", *words], catch_exceptions=False)


def said(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def url(tmp_path: Path) -> str:
    migrated(tmp_path / "old.sqlite").close()
    return f"sqlite:///{tmp_path / 'old.sqlite'}"


def test_a_new_database_is_made_and_filled(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    files = [write_jsonl(tmp_path / name, [chat(name, ASKED, shop="茶铺")]) for name in ("a.jsonl", "b.jsonl")]
    result = run(*map(str, files), "--database", url, "--create-shops", "--json")
    assert result.exit_code == 0
    assert [(one["file"], one["import_id"], one["new"]) for one in said(result)] == [
        (str(files[0]), 1, 1), (str(files[1]), 2, 1),
    ]  # fmt: skip
    store = Store(url)
    assert migrating.current(store) == migrating.newest()
    with store.reading() as session:
        assert session.scalars(select(Shop.code)).all() == ["茶铺"]
        assert session.scalars(select(Import.state)).all() == ["done", "done"]
        assert all(session.scalars(select(ConversationRow.audit_id)))
    store.close()
    again = run(*map(str, files), "--database", url)
    assert again.exit_code == 0
    assert "0 new, 0 updated, 1 the same, 0 older, 0 rejected; 1 messages" in again.stdout


def test_all_conversations_go_to_the_shop_that_is_named(tmp_path: Path, url: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, shop=None)])
    refused = run(str(path), "--database", url, "--shop", "s1")
    assert (refused.exit_code, "there is no shop 's1'" in refused.stderr) == (2, True)
    done = run(str(path), "--database", url, "--shop", "s1", "--create-shops", "--json")
    assert said(done)[0]["new"] == 1


def test_what_a_context_file_says_is_taken_over_first(tmp_path: Path, url: str, repository: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, "agent:a03 10:00:10 您好在的")])
    context = repository / "samples" / "context.yaml"
    assert run(str(path), "--database", url, "--create-shops", "--context", str(context)).exit_code == 0
    store = Store(url)
    with store.reading() as session:
        agents = session.execute(select(AgentRow.code, AgentRow.id)).all()
        assert session.scalars(select(ConversationRow.agent_id)).one() == dict(agents)["a03"]
    store.close()


def test_what_was_rejected_shows_in_the_exit_code(tmp_path: Path, url: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, shop="s9")])
    result = run(str(path), "--database", url, "--json")
    assert (result.exit_code, said(result)[0]["rejected"]) == (3, 1)


def test_a_file_that_cannot_be_read_ends_the_command(tmp_path: Path, url: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    result = run(str(path), "--database", url)
    assert (result.exit_code, "columns" in result.stderr) == (2, True)


def test_a_database_of_another_release_is_left_alone(tmp_path: Path, url: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED)])
    run(str(path), "--database", url, "--create-shops")
    store = Store(url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")
    store.close()
    result = run(str(path), "--database", url)
    assert (result.exit_code, "this release" in result.stderr) == (1, True)


def test_standard_input_is_refused_with_the_way_out(url: str) -> None:
    result = run("-", "--database", url)
    assert (result.exit_code, "name a file" in result.stderr) == (2, True)
