"""``qaplatform risk evaluate``: figures by cross-validation, and mistakes said at file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from qaplatform.cli import main
from tests.ruled import planted_chats


def labelled(path: Path, count: int, **more: Any) -> Path:
    lines = [
        json.dumps(msgspec.to_builtins(chat) | {"labels": {"wrong": wrong}} | more, ensure_ascii=False)
        for chat, wrong in planted_chats(count).values()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["risk", "evaluate", *arguments])
    return result.exit_code, result.output


def test_it_says_how_the_learned_risk_does_beside_the_rules(tmp_path: Path) -> None:
    path = str(labelled(tmp_path / "labelled.jsonl", 150))
    code, said = run(path, "--folds", "3")
    assert code == 0
    assert "150 conversations" in said
    assert "better than the rules" in said
    code, again = run(path, "--folds", "3", "--format", "json")
    found = json.loads(again)
    assert found["model"]["auc"]["value"] > found["rule"]["auc"]["value"]
    assert len(found["folds"]) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"labels": {}}, "says nothing of how the chat went"),
        ({"labels": {"wrong": 1}}, "labels.wrong: is neither true nor false"),
        ({"labels": {"verdict": "bad"}}, "labels.verdict: is none of pass, fail, critical"),
        ({"labels": {"quality_mean": {"S": "x"}}}, "labels.quality_mean.S: is no number"),
        ({"labels": {"overall_sat3": 1}}, "another kind than the lines before"),
        ({"messages": 1}, "Expected"),
    ],
)
def test_a_mistake_is_said_at_its_line(tmp_path: Path, line: dict[str, Any], said: str) -> None:
    path = labelled(tmp_path / "labelled.jsonl", 2)
    chat = msgspec.to_builtins(next(iter(planted_chats(1).values()))[0])
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(chat | line) + "\n")
    code, output = run(str(path))
    assert code == 2
    assert "labelled.jsonl:3" in output
    assert said in output


def test_too_few_and_none_are_said(tmp_path: Path) -> None:
    code, output = run(str(labelled(tmp_path / "labelled.jsonl", 4)))
    assert code == 1
    assert "too few chats" in output
    (tmp_path / "empty.jsonl").write_text("")
    assert run(str(tmp_path / "empty.jsonl"))[0] == 2
    assert run(str(tmp_path / "missing.jsonl"))[0] == 2
