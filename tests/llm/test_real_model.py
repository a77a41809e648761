"""A real small model behind a real server: whatever it says, the program stands. Only under ``./test --real-model``.

What is asserted holds for any model: it judges badly (docs/llm.md has its figures), so no verdict is expected of it.
"""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.graded import Graded as Answered
from qaplatform.audit.graded import graded_score
from qaplatform.audit.ruling import Judged
from qaplatform.cli import main
from qaplatform.llm.budget import Budget, Caps
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Abilities, Mode
from qaplatform.llm.grading import Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.memory import Call
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker, Patience
from qaplatform.llm.tokens import counter
from qaplatform.resources import shipped_file
from qaplatform.services.grade_files import GradeFile
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.question_grading import questions_of, words_of
from qaplatform.services.rubric_questions import rubric_with_questions
from tests.real_model import real_endpoint, real_model

pytestmark = [pytest.mark.loopback, pytest.mark.real_model]
VERDICTS = {"yes", "no", "not_applicable", "unsure"}
NAMES = ("empathy_sincere", "tone")


def shortest(count: int) -> list[Conversation]:
    """The samples with the fewest characters in which both sides speak: each call takes a minute."""
    lines = shipped_file("samples", "conversations.jsonl").read_bytes()
    every = msgspec.json.Decoder(Conversation).decode_lines(lines)
    both = [one for one in every if {"customer", "agent"} <= {said.role for said in one.messages}]
    return sorted(both, key=lambda one: sum(len(said.text) for said in one.messages))[:count]


class Book(GradeFile):
    """A memory in a file, whose calls can be looked at."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.calls: list[Call] = []

    def keep(self, call, answers) -> None:
        self.calls.append(call)
        super().keep(call, answers)


def usage(raw: bytes) -> int:
    """Tokens as the server itself counted them."""
    said = json.loads(raw)["usage"]
    return int(said["prompt_tokens"]) + int(said["completion_tokens"])


def test_the_command_line_grades_with_verified_evidence_and_a_second_run_asks_nothing(
    real_model_url: str, tmp_path: Path
) -> None:
    chats = {one.id: one for one in shortest(2)}
    path, memory, out = tmp_path / "chats.jsonl", tmp_path / "memory.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in chats.values()))
    arguments = [
        "grade", str(path), "--questions", ",".join(NAMES), "--endpoint", "llama_cpp", "--url", real_model_url,
        "--at-once", "1", "--deadline", "900", "--memory", str(memory), "--out", str(out),
    ]  # fmt: skip
    first = CliRunner().invoke(main, arguments)
    assert first.exit_code == 0, first.output
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    calls = [json.loads(line)["call"] for line in memory.read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in lines] == list(chats)
    assert {one["answered_by"] for one in calls} == {real_model().MODEL_NAME}
    for line in lines:
        mine = [one for one in calls if one["conversation"] == line["id"]]
        assert line["calls"] == len(mine) >= len(NAMES)
        assert line["tokens"] == sum(one["prompt_tokens"] + one["completion_tokens"] for one in mine) > 0
        assert [one["criterion"] for one in line["questions"]] == list(NAMES)
        for question in line["questions"]:
            assert (question["verdict"] in VERDICTS) != bool(question["problem"]), "a verdict, or why there is none"
            if question["verdict"] in ("yes", "no"):
                assert question["evidence"], "what needs evidence and has none is unsure"
            for place in question["evidence"]:
                text = chats[line["id"]].messages[place["message"]].text
                # What was masked stands in the quote as its placeholder.
                assert "[" in place["quote"] or text[place["start"] : place["end"]] == place["quote"]
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 0, again.output
    assert "2 conversations graded, 0 calls, 0 tokens" in again.stderr
    verdicts = [[one["verdict"] for one in line["questions"]] for line in lines]
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [[one["verdict"] for one in line["questions"]] for line in lines] == verdicts


@pytest.mark.parametrize("mode", ["json_object", "text"])
def test_a_rubrics_questions_are_answered_and_the_score_stays_in_its_bounds(
    mode: Mode, real_model_url: str, tmp_path: Path
) -> None:
    rubric, chat = rubric_with_questions("ecommerce-service"), shortest(1)[0]
    card = next(iter(compiled_auditor(rubric, Context()).audit([chat]).scorecards()))
    assert card.score is not None
    unscored = {one.id for one in card.criteria if one.outcome == "unscored"}
    questions = questions_of(rubric, unscored, shipped_prompts(), "zh")[:1]
    book, budget = Book(tmp_path / "memory.jsonl"), Budget(Caps(run_tokens=100_000), None)
    manner = Manner(wait=time.sleep, nonce=secrets.token_hex, breaker=Breaker(), patience=Patience(most_tries=1))
    endpoint = real_endpoint(real_model_url, Abilities(json_object=mode == "json_object"))
    said = words_of(chat, "zh").said
    with Client(endpoint) as client:
        grader = Grader(
            client, shipped_prompts(), counter(endpoint.model), budget=budget, memory=book, manner=manner
        )  # fmt: skip
        graded = grader.grade(chat.id, said, questions, language="zh")
        again = grader.grade(chat.id, said, questions, language="zh")
    book.close()
    assert {one.mode for one in book.calls} == {mode}
    assert graded.spent.tokens == sum(usage(one.raw) for one in book.calls), "settled with what the server counted"
    kept = {one.criterion_id for one in graded.grades if one.merged}
    assert again.calls <= 2 * (len(questions) - len(kept)), "what was answered is not asked again"
    judged = [
        Judged(one.id, one.outcome, one.points, one.max_points, len(one.findings), one.reason)
        for one in card.criteria
        if one.outcome != "not_applicable"
    ]
    for is_trusted in (False, True):
        answers = {
            one.criterion_id: Answered(
                one.criterion_id, one.merged.verdict if one.merged else None, one.problem or None, is_trusted=is_trusted
            )
            for one in graded.grades
        }
        score = graded_score(rubric, judged, answers)
        assert score.without.score == card.score
        if is_trusted:
            assert score.score is not None
            assert abs(score.score - card.score) <= score.most_change + 0.01
        else:
            assert (score.score, score.verdict) == (card.score, card.verdict), "a suggestion counts for nothing"
