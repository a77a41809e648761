"""``qaplatform grade``: suggestions of a model with evidence, from a real server that plays one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from qaplatform.cli import main
from qaplatform.testing.fake_llm import FakeLLM, Fault

pytestmark = pytest.mark.loopback
CHATS = [
    {"id": "a", "messages": [
        {"role": "customer", "text": "杯子碎了,电话13800138000"},
        {"role": "agent", "agent": "丽丽", "text": "真对不起,您等了一周却收到碎的,我马上补发"}]},
    {"id": "b", "language": "en", "messages": [
        {"role": "customer", "text": "where is my parcel"},
        {"role": "agent", "agent": "a1", "text": "it leaves the warehouse tonight at seven"}]},
]  # fmt: skip


def last_words(request: dict[str, Any]) -> str:
    """Yes, with the last message of the conversation as evidence."""
    schema = request["response_format"]["json_schema"]["schema"]
    ids = schema["properties"]["answers"]["items"]["properties"]["id"]["enum"]
    number, quote = re.findall(r"^\[([0-9]+)\] [^:]+: (.+)$", request["messages"][1]["content"], re.MULTILINE)[-1]
    evidence = [{"message": int(number), "quote": quote}]
    return json.dumps({"answers": [{"id": id, "reason": "好", "evidence": evidence, "verdict": "yes"} for id in ids]})


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """A file of two conversations."""
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in CHATS), encoding="utf-8")
    return path


def grade(server: FakeLLM | None, chats: Path, *options: str) -> Result:
    where = ["--endpoint", "openai", "--url", server.base_url if server else "http://127.0.0.1:9/v1", "--key", "k"]
    arguments = ["grade", str(chats), "--questions", "empathy_sincere,tone", *where, "--model", "fake-1", *options]
    return CliRunner().invoke(main, arguments)


def test_answers_stand_with_their_evidence_in_the_original_and_nothing_personal_is_sent(
    chats: Path, tmp_path: Path
) -> None:
    memory, out = tmp_path / "memory.jsonl", tmp_path / "out.jsonl"
    with FakeLLM(last_words) as server:
        first = grade(server, chats, "--memory", str(memory), "--out", str(out))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        with memory.open("ab") as kept:
            kept.write(b'{"call": cut off')
        again = grade(server, chats, "--memory", str(memory), "--out", str(out))
        assert len(server.received) == 4
    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "2 conversations graded, 4 calls" in first.stderr
    assert "2 conversations graded, 0 calls" in again.stderr
    for chat, line in zip(CHATS, lines, strict=True):
        assert line["id"] == chat["id"]
        for answer in line["questions"]:
            [place] = answer["evidence"]
            text = chat["messages"][place["message"]]["text"]  # type: ignore[index]
            assert (answer["verdict"], text[place["start"] : place["end"]]) == ("yes", text)
    sent = json.dumps([one.asked for one in server.received], ensure_ascii=False)
    assert "13800138000" not in sent
    assert "丽丽" not in sent
    asked = [one.asked["messages"][1]["content"] for one in server.received]
    assert ["[1] Agent: it leaves" in one for one in asked].count(
        True
    ) == 2  # the English one is asked about in English


def test_a_dry_run_asks_nothing_and_says_what_it_would_take(chats: Path) -> None:
    with FakeLLM(last_words) as server:
        said = grade(server, chats, "--dry-run", "--price", "1", "2")
    assert re.search(r"2 conversations, 4 calls to fake-1, [0-9,]+ tokens .* at most 0\.0[0-9]+ USD", said.stdout)
    assert server.received == []


def test_a_model_that_fails_leaves_reasons_and_rejected_lines_are_said(chats: Path) -> None:
    with chats.open("a", encoding="utf-8") as more:
        more.write("nonsense\n")
    with FakeLLM(Fault("refusal")) as server:
        said = grade(server, chats)
    assert said.exit_code == 3
    assert "rejected:" in said.stderr
    problems = [answer["problem"] for line in said.stdout.splitlines() for answer in json.loads(line)["questions"]]
    assert problems == ["call:refusal"] * 4
    # A cap on money without a price cannot be held: nothing is asked.
    capped = grade(None, chats, "--most-money", "1")
    assert "4 budget:price_unknown" in capped.stderr


def test_what_cannot_be_asked_is_said_with_the_way_out(chats: Path, tmp_path: Path) -> None:
    plain = CliRunner().invoke(main, ["grade", str(chats)])
    assert plain.exit_code == 2
    assert "asks no question" in plain.stderr
    assert "empathy_sincere" in plain.stderr
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("{}\n", encoding="utf-8")
    said = grade(None, chats, "--memory", str(wrong))
    assert said.exit_code == 2
    assert f"{wrong}:1" in said.stderr
    assert wrong.read_text(encoding="utf-8") == "{}\n"


def test_a_rubric_that_forbids_it_sends_nothing(chats: Path, tmp_path: Path, repository: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(repository / "rubrics", own)
    path = own / "ecommerce-service.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("pass_mark:", "forbids_llm: true\npass_mark:", 1), "utf-8")
    with FakeLLM(last_words) as server:
        refused = grade(server, chats, "--rubric", str(path))
        assert server.received == []
    assert refused.exit_code != 0
    assert "forbids sending" in refused.output
