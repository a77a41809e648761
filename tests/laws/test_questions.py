"""Laws on the shipped questions: enough of them, true to the rubric, and not to be guessed from their form."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from qaplatform.audit.engine import Auditor
from qaplatform.resources import shipped_folder
from qaplatform.training.chat_keys import staleness
from qaplatform.training.question_loading import check_questions, shipped_questions
from qaplatform.training.questions import (
    KINDS,
    JudgeChat,
    MultipleChoice,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from qaplatform.training.scoring import Written, score
from tests.shipped import shipped_auditor, shipped_rubric

QUESTIONS = tuple(shipped_questions().questions.values())
CHATS = [one for one in QUESTIONS if isinstance(one, JudgeChat)]
SINGLES = [one for one in QUESTIONS if isinstance(one, SingleChoice)]


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return shipped_auditor()


def test_there_are_enough_of_every_kind_language_and_difficulty() -> None:
    assert len(QUESTIONS) >= 120
    assert sum(one.has_english for one in QUESTIONS) >= 40
    assert len(CHATS) >= 15
    assert {one.task for one in CHATS} == {"mark", "better", "score"}
    kinds = Counter(one.kind for one in QUESTIONS)
    assert all(kinds[kind] >= 4 for kind in KINDS), kinds
    levels = Counter(one.difficulty for one in QUESTIONS)
    assert all(levels[level] >= 12 for level in (1, 2, 3)), levels


def test_what_a_question_trains_exists_in_the_shipped_rubric() -> None:
    files = {
        path.name: path.read_text(encoding="utf-8") for path in (shipped_folder("packs") / "questions").glob("*.yaml")
    }
    _, problems = check_questions(files, [one.id for one in shipped_rubric().criteria])
    assert not problems
    assert all(len(text.splitlines()) <= 400 for text in files.values())


def test_every_criterion_of_the_shipped_rubric_has_a_question() -> None:
    assert not {one.id for one in shipped_rubric().criteria} - {one.criterion for one in QUESTIONS}


def test_the_key_of_every_dialogue_is_what_the_rubric_finds_today(auditor: Auditor) -> None:
    assert not [said for one in CHATS for said in staleness(auditor, one)]


def test_a_dialogue_to_mark_has_no_fault_outside_its_key(auditor: Auditor) -> None:
    for question in CHATS:
        if question.task == "mark":
            failed = {one.id for one in auditor.audit_one(question.conversation).criteria if one.outcome == "fail"}
            assert failed == {one.criterion for one in question.faults}, question.id


def test_right_answers_stand_in_every_place_alike() -> None:
    places = Counter(one.answer[0] for one in SINGLES if len(one.options) == 4)
    total = sum(places.values())
    assert all(0.2 <= places[letter] / total <= 0.3 for letter in "abcd"), places
    several = [one for one in QUESTIONS if isinstance(one, MultipleChoice)]
    assert sum(one.answer == tuple("abcdef"[: len(one.answer)]) for one in several) / len(several) < 0.4
    truths = [one.answer for one in QUESTIONS if isinstance(one, TrueFalse)]
    assert 0.35 <= sum(truths) / len(truths) <= 0.65


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_right_option_is_not_to_be_told_by_its_length(language: str) -> None:
    ratios, longest = [], 0
    asked = [one for one in SINGLES if language == "zh" or one.has_english]
    for question in asked:
        lengths = {one.id: len(one.text.in_language(language)) for one in question.options}
        right = lengths.pop(question.answer[0])
        ratios.append(right / (sum(lengths.values()) / len(lengths)))
        longest += right > max(lengths.values())
    assert 0.9 <= sum(ratios) / len(ratios) <= 1.1
    assert longest / len(asked) <= 0.35


def test_no_option_speaks_of_the_other_options() -> None:
    lazy = re.compile("以上(?:都|全|皆)|^(?:都|全)(?:对|不对|是|不是)$|of the above|^both [a-d] and|^[a-d] and [a-d]$")
    texts = [
        (question.id, option.text.in_language(language).lower())
        for question in QUESTIONS
        if not isinstance(question, Ordering) and hasattr(question, "options")
        for option in question.options
        for language in ("zh", "en")
    ]
    assert not [(id, text) for id, text in texts if lazy.search(text)]


def test_no_two_questions_ask_the_same() -> None:
    texts = Counter((one.text.zh, getattr(one, "chat", "")) for one in QUESTIONS)
    assert not [text for text, count in texts.items() if count > 1]


def test_a_model_answer_says_all_its_required_points() -> None:
    for question in QUESTIONS:
        if isinstance(question, ShortAnswer) and question.points:
            assert score(question, Written(question.model_answer.zh)).points == 1, question.id
            if question.has_english:
                assert score(question, Written(question.model_answer.en)).points == 1, question.id
