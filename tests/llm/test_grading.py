"""Grading a conversation: against a real server that plays the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from qaplatform.llm.answers import Answer
from qaplatform.llm.asking import Asked
from qaplatform.llm.budget import Budget, Caps
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Abilities, Endpoint
from qaplatform.llm.grading import Grade, Graded, Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.memory import Call, Known
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker, Patience
from qaplatform.llm.transcript import Said
from qaplatform.testing.fake_llm import FakeLLM, Fault, in_turn
from qaplatform.testing.llm_faults import completion

pytestmark = pytest.mark.loopback
EMPATHY, CAUSE = "empathy", "cause"
CHAT = (
    Said(0, "customer", "杯子碎了,女儿等了一周"),
    Said(1, "agent", "女儿盼了一周却收到碎的,换谁都生气,是我们没包好"),
    Said(2, "customer", "那怎么办"),
    Said(3, "agent", "今晚七点前补发一只,明早给您单号"),
)
QUOTES = {EMPATHY: (1, "女儿盼了一周却收到碎的"), CAUSE: (1, "是我们没包好")}


class Kept:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.answers: dict[str, Known] = {}
        self.calls: list[Call] = []
        self.sent: dict[str, str] = {}

    def recall(self, key: str) -> Known | None:
        return self.answers.get(key)

    def note_sent(self, conversation: str, text_hash: str, text: str) -> None:
        assert conversation
        self.sent[text_hash] = text

    def keep(self, call: Call, answers: dict[str, Answer]) -> None:
        assert call.text_hash in self.sent
        self.calls.append(call)
        self.answers |= {key: Known(one, call.answered_by) for key, one in answers.items()}


def asked(id: str, prompt: str, title: str = "") -> Asked:
    return Asked(id, title, shipped_prompts().question(prompt))


QUESTIONS = (asked(EMPATHY, "empathy_sincere"), asked(CAUSE, "root_cause_found"))


def ids_of(request: dict[str, Any]) -> list[str]:
    """The criteria that a request asks about."""
    schema = request["response_format"]["json_schema"]["schema"]
    ids: list[str] = schema["properties"]["answers"]["items"]["properties"]["id"]["enum"]
    return ids


def answer(id: str, verdict: str = "yes", quote: tuple[int, str] | None = None) -> dict[str, Any]:
    number, words = quote or QUOTES[id]
    return {"id": id, "reason": "说到了", "evidence": [{"message": number, "quote": words}], "verdict": verdict}


def replied(*answers: dict[str, Any]) -> str:
    return json.dumps({"answers": list(answers)}, ensure_ascii=False)


def agreeable(request: dict[str, Any]) -> str:
    """Yes to everything, with true quotes."""
    return replied(*(answer(id) for id in ids_of(request)))


@contextmanager
def grading(
    script: Any = agreeable,
    *,
    memory: Kept | None = None,
    caps: Caps | None = None,
    context_tokens: int = 32_000,
    questions_a_call: int = 1,
) -> Iterator[tuple[FakeLLM, Grader]]:
    numbers = count()
    with FakeLLM(script) as server:
        endpoint = Endpoint(
            name="fake", base_url=server.base_url, model="fake-1", deadline_seconds=5.0, context_tokens=context_tokens,
            abilities=Abilities(json_schema=True, json_object=True),
        )  # fmt: skip
        manner = Manner(
            wait=lambda _seconds: None, nonce=lambda: f"secret {next(numbers)}", breaker=Breaker(),
            patience=Patience(most_tries=3), questions_a_call=questions_a_call,
        )  # fmt: skip
        with Client(endpoint) as client:
            yield server, Grader(
                client, shipped_prompts(), len, budget=Budget(caps or Caps(), None), memory=memory or Kept(), manner=manner,
            )  # fmt: skip


def grade(grader: Grader, chat: tuple[Said, ...] = CHAT, questions: tuple[Asked, ...] = QUESTIONS) -> Graded:
    return grader.grade("c1", chat, questions, language="zh")


def verdicts(graded: Graded) -> dict[str, str]:
    return {one.criterion_id: one.merged.verdict if one.merged else one.problem for one in graded.grades}


def test_every_question_gets_its_verdict_with_evidence_at_its_place() -> None:
    with grading() as (server, grader):
        graded = grade(grader)
    assert verdicts(graded) == {EMPATHY: "yes", CAUSE: "yes"}
    assert graded.calls == len(server.received) == 2
    for one in graded.grades:
        assert one.merged
        [span] = one.merged.spans
        assert CHAT[span.message].text[span.start : span.end] == QUOTES[one.criterion_id][1]


def test_what_was_asked_before_costs_nothing_and_what_changed_only_itself() -> None:
    memory = Kept()
    with grading(memory=memory) as (server, grader):
        first = grade(grader)
        again = grade(grader)
        assert (len(server.received), again.calls, again.spent.tokens) == (2, 0, 0)
        assert [one.merged for one in again.grades] == [one.merged for one in first.grades]
        assert all(one.is_recalled for one in again.grades)
        memory.sent.clear()
        grader.grade("c2", CHAT, QUESTIONS, language="zh")
        assert list(memory.sent) == list(first.text_hashes), "of the same words elsewhere it can be shown what was read"
        changed = grade(grader, questions=(QUESTIONS[0], asked(CAUSE, "root_cause_found", "换了标题")))
        assert (changed.calls, [one.is_recalled for one in changed.grades]) == (1, [True, False])
        grade(grader, chat=(*CHAT[:3], Said(3, "agent", "补发一只")))
        assert len(server.received) == 5
    with grading(memory=memory) as (server, grader):
        # Another address may be another model by the same name.
        assert grade(grader).calls == 2


def test_a_small_group_is_asked_at_once() -> None:
    with grading(questions_a_call=2) as (server, grader):
        assert verdicts(grade(grader)) == {EMPATHY: "yes", CAUSE: "yes"}
    assert [ids_of(one.asked) for one in server.received] == [[EMPATHY, CAUSE]]


def test_a_useless_reply_is_repaired_once_and_then_given_up() -> None:
    memory = Kept()
    with grading(in_turn("好的", replied(answer(EMPATHY))), memory=memory) as (server, grader):
        assert verdicts(grade(grader, questions=QUESTIONS[:1])) == {EMPATHY: "yes"}
    said = [message["content"] for message in server.received[1].asked["messages"]]
    assert said[-2] == "好的"
    assert [(one.is_repair, one.fault != "") for one in memory.calls] == [(False, True), (True, False)]
    with grading(replied(answer(EMPATHY, "9 分"))) as (server, grader):
        graded = grade(grader, questions=QUESTIONS[:1])
    assert graded.grades == (Grade(EMPATHY, None, "bad_reply"),)
    assert len(server.received) == graded.calls == 2


def test_made_up_quotes_leave_no_verdict_standing() -> None:
    with grading(replied(answer(EMPATHY, quote=(1, "给您全额退款再送礼品")))) as (_server, grader):
        [one] = grade(grader, questions=QUESTIONS[:1]).grades
    assert one.merged
    assert (one.merged.verdict, one.merged.spans, one.merged.dropped) == ("unsure", (), 1)


@pytest.mark.parametrize(
    ("script", "problem", "tries"),
    [
        (in_turn(Fault("429"), Fault("500")), "call:http_5xx", 3),
        (Fault("redirect"), "call:redirect", 1),
        (Fault("refusal"), "call:refusal", 1),
    ],
)
def test_faults_end_in_a_reason_and_are_written_down(script: Any, problem: str, tries: int) -> None:
    memory = Kept()
    with grading(script, memory=memory) as (server, grader):
        graded = grade(grader, questions=QUESTIONS[:1])
    assert graded.grades == (Grade(EMPATHY, None, problem),)
    assert len(server.received) == tries
    # Each try that may have cost something is in the book; who says 429, or sends us elsewhere, has read nothing.
    assert [one.fault for one in memory.calls] == [problem] * (2 if problem == "call:http_5xx" else 1)
    assert graded.calls == len(memory.calls)
    assert memory.answers == {}


def test_a_cap_ends_the_asking_and_says_which() -> None:
    with grading(caps=Caps(conversation_tokens=100)) as (server, grader):
        graded = grade(grader)
    assert verdicts(graded) == dict.fromkeys((EMPATHY, CAUSE), "budget:conversation_tokens")
    assert (server.received, graded.calls) == ([], 0)


def refusing(part: str) -> Callable[[dict[str, Any]], Any]:
    """Agreeable, but for requests in which something stands."""

    def script(request: dict[str, Any]) -> Any:
        return Fault("refusal") if part in request["messages"][1]["content"] else agreeable(request)

    return script


def test_a_long_conversation_is_read_in_parts_and_says_which_were_not() -> None:
    chat = CHAT + tuple(Said(n, "customer" if n % 2 == 0 else "agent", f"第{n}句 " + "啊" * 300) for n in range(4, 40))
    with grading(context_tokens=9_000) as (server, grader):
        [whole] = grade(grader, chat, QUESTIONS[:1]).grades
    assert len(server.received) > 2
    assert whole.merged
    assert (whole.merged.parts, whole.merged.partly_read, whole.merged.verdict) == (len(server.received), False, "yes")
    # Who answers changed in the middle: nobody knows yet what such an answer is worth.
    numbers = count()
    with grading(
        lambda request: {**completion(agreeable(request), request), "model": f"m-{next(numbers) % 2}"},
        context_tokens=9_000,
    ) as (server, grader):
        assert [one.model for one in grade(grader, chat, QUESTIONS[:1]).grades] == ["m-0 + m-1"]
    with grading(refusing("第39句"), context_tokens=9_000) as (server, grader):
        [partly] = grade(grader, chat, QUESTIONS[:1]).grades
    assert partly.merged
    assert (partly.merged.verdict, partly.merged.partly_read, partly.problem) == ("yes", True, "call:refusal")


def test_a_conversation_without_words_is_not_asked_about() -> None:
    with grading() as (server, grader):
        assert verdicts(grade(grader, chat=())) == dict.fromkeys((EMPATHY, CAUSE), "no_words")
        assert grade(grader, questions=()).grades == ()
    assert server.received == []
