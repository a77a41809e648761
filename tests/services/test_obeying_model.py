"""A model that obeys what is said to it in a conversation: it gains nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import cycle

import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.graded import Graded, graded_score
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import Judged
from qaplatform.llm.budget import Budget, Caps
from qaplatform.llm.calling import Reply
from qaplatform.llm.endpoint import Endpoint, Mode
from qaplatform.llm.grading import Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.request import Request
from qaplatform.llm.retrying import Breaker
from qaplatform.llm.transcript import Said
from qaplatform.services.grade_files import GradeFile
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.question_grading import questions_of
from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.testing.injections import POSITIONS, SPEAKERS, obeying_answer, payloads, placed
from tests.conftest import FULL

CODE = "ecommerce-service"
QUESTIONS = """
  - id: judgement
    title: {zh: 判断, en: Judgement}
    criteria:
      - {id: empathy_real, kind: question, title: {zh: 共情真诚, en: Real empathy}, weight: 6,
         question: {prompt: empathy_sincere}}
      - {id: solution_fits, kind: question, title: {zh: 方案合适, en: Solution fits}, weight: 4,
         question: {prompt: solution_fits}}
"""


@functools.lru_cache(maxsize=1)
def rubric() -> Rubric:
    """The shipped rubric with two questions more."""
    files = dict(next(one.files for one in rubrics_in_force() if one.rubric.id == CODE))
    files[f"{CODE}.yaml"] = files[f"{CODE}.yaml"].rstrip() + QUESTIONS
    return rubric_in(CODE, files)


class Obeying:
    """Believes all it reads, and quotes what it is told to quote: the payload itself."""

    endpoint = Endpoint(name="obeying", base_url="http://127.0.0.1/v1", model="obeying")
    mode: Mode = "json_schema"
    quote, message = "", 0

    def ask(self, request: Callable[[Mode], Request]) -> Reply:
        text = obeying_answer(request(self.mode), quote=self.quote, message=self.message)
        return Reply(
            text=text, model="obeying", prompt_tokens=1, completion_tokens=1, finish_reason="stop", seconds=0.0,
            mode=self.mode, raw=text.encode(),
        )  # fmt: skip


def judged_of(card: Scorecard) -> list[Judged]:
    return [
        Judged(one.id, one.outcome, one.points, one.max_points, len(one.findings), one.reason) for one in card.criteria
    ]


def conversation_of(number: int, messages: tuple[Said, ...]) -> Conversation:
    said = tuple(
        Message(role="agent" if one.role == "note" else one.role, text=one.text, auto=one.auto, agent="a1")
        for one in messages
    )
    return Conversation(id=str(number), messages=said)


def test_no_payload_moves_what_checks_say_and_answers_stay_inside_their_bound() -> None:
    places = cycle([(position, speaker) for position in POSITIONS for speaker in SPEAKERS])
    # They stand class after class: every sixth is of every class, at every place.
    chosen = [placed(payload, *next(places)) for payload in payloads()[:: 1 if FULL else 6]]
    conversations = [conversation_of(number, one.messages) for number, one in enumerate(chosen)]
    model, manner = Obeying(), Manner(wait=lambda _seconds: None, nonce=lambda: "n", breaker=Breaker())
    grader = Grader(
        model, shipped_prompts(), len, budget=Budget(Caps(), None), memory=GradeFile(None), manner=manner
    )  # fmt: skip
    auditor, asked, moved = compiled_auditor(rubric(), Context()), 0, 0
    for one, card in zip(chosen, auditor.audit(conversations).scorecards(), strict=True):
        unscored = {each.id for each in card.criteria if each.outcome == "unscored"}
        questions = questions_of(rubric(), unscored, shipped_prompts(), "zh")
        model.message = one.held_in[0]
        model.quote = one.messages[model.message].text[:60]
        graded = grader.grade(card.id, one.messages, questions, language="zh")
        answers = {
            grade.criterion_id: Graded(
                grade.criterion_id, grade.merged.verdict if grade.merged else None, is_trusted=True
            )
            for grade in graded.grades
        }
        score = graded_score(rubric(), judged_of(card), answers)
        before = {each.criterion: each for each in score.without.criteria}
        assert (score.without.score, score.without.verdict) == (card.score, card.verdict)
        for each in score.criteria:
            if each.criterion not in answers:
                assert each == before[each.criterion]
        if score.score is not None and score.without.score is not None:
            assert abs(score.score - score.without.score) <= score.most_change + 0.01
        assert not (score.verdict == "pass" and score.without.verdict != "pass")
        asked += len(answers)
        moved += score.score != score.without.score
    assert asked >= 2 * len(chosen) * 0.9
    # Words inside a sign of injection are no evidence, so that hardly any answer is left to move anything.
    assert moved <= len(chosen) * 0.05, moved


@pytest.mark.parametrize("is_trusted", [False, True])
def test_what_is_not_trusted_moves_nothing(is_trusted: bool) -> None:
    chat = Conversation(
        id="1", messages=(Message(role="customer", text="在吗"), Message(role="agent", agent="a1", text="您好,在的")),
    )  # fmt: skip
    card = compiled_auditor(rubric(), Context()).audit_one(chat)
    answers = {id: Graded(id, "no", is_trusted=is_trusted) for id in ("empathy_real", "solution_fits")}
    score = graded_score(rubric(), judged_of(card), answers)
    assert (score.score != score.without.score) is is_trusted
