"""Papers drawn by a seed, and what a candidate gets to see of them."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from qaplatform.training.drawing import (
    QuestionChangedError,
    Sheet,
    TooFewQuestionsError,
    Wanted,
    answered,
    draw,
    question_of,
    sheet_of,
)
from qaplatform.training.question_loading import shipped_questions
from qaplatform.training.questions import Bank, FillIn, JudgeChat, Ordering, ShortAnswer
from qaplatform.training.scoring import Chosen, Ordered, score

EVERYTHING = (Wanted(len(shipped_questions())),)
SECTIONS = (
    Wanted(4, topics=("promises", "empathy"), difficulties=(1,)),
    Wanted(3, kinds=("judge_chat",)),
    Wanted(2, criteria=("personal_data",)),
)
PROGRAM = """
import msgspec
from qaplatform.training.drawing import Wanted, draw, sheet_of
from qaplatform.training.question_loading import shipped_questions
paper = draw(shipped_questions(), [Wanted(20)], "seed-7")
print(msgspec.json.encode(paper).decode(), msgspec.json.encode(sheet_of(shipped_questions(), paper)).decode())
"""


def test_a_seed_gives_the_same_paper_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(said) == 1


def test_sections_are_filled_with_what_they_want_and_no_question_comes_twice() -> None:
    bank = shipped_questions()
    papers = [draw(bank, SECTIONS, f"s{number}") for number in range(30)]
    for paper in papers:
        ids = [one.question for one in paper.items]
        assert len(set(ids)) == len(ids) == 9
        drawn = [bank.questions[id] for id in ids]
        assert all(SECTIONS[0].takes(one) for one in drawn[:4])
        assert all(one.kind == "judge_chat" for one in drawn[4:7])
        assert all(one.criterion == "personal_data" for one in drawn[7:])
    assert len({paper.items for paper in papers}) == 30


def test_a_question_added_to_the_bank_moves_only_what_it_displaces() -> None:
    bank = shipped_questions()
    fewer = Bank.of(one for id, one in bank.questions.items() if id != "promises-01")
    for seed in ("a", "b", "c"):
        one = {item.question for item in draw(bank, [Wanted(30)], seed).items}
        other = {item.question for item in draw(fewer, [Wanted(30)], seed).items}
        assert len(one - other) <= 1


def test_what_was_seen_before_is_drawn_only_where_nothing_else_is_left() -> None:
    bank = shipped_questions()
    wanted = [Wanted(4, kinds=("short_answer",))]
    first = [one.question for one in draw(bank, wanted, "x").items][:2]
    again = [one.question for one in draw(bank, wanted, "y", avoid=first).items]
    total = sum(one.kind == "short_answer" for one in bank.questions.values())
    assert len(set(first) & set(again)) == max(0, 4 - (total - 2))


def test_an_english_paper_holds_only_english_questions() -> None:
    bank = shipped_questions()
    paper = draw(bank, [Wanted(40)], "x", language="en")
    assert all(bank.questions[one.question].has_english for one in paper.items)
    asked = sheet_of(bank, paper, language="en").questions
    assert all(one.text == bank.questions[item.question].text.en for one, item in zip(asked, paper.items, strict=True))


def test_too_few_and_changed_questions_are_said() -> None:
    bank = shipped_questions()
    with pytest.raises(TooFewQuestionsError, match="section 2 asks for 99"):
        draw(bank, [Wanted(1), Wanted(99, kinds=("order",))], "x")
    paper = draw(bank, [Wanted(1)], "x")
    old = bank.questions[paper.items[0].question]
    changed = Bank.of([msgspec.structs.replace(old, difficulty=4 - old.difficulty if old.difficulty != 2 else 1)])
    for other in (changed, Bank.of([])):
        with pytest.raises(QuestionChangedError):
            sheet_of(other, paper)


def test_the_sheet_holds_nothing_of_what_is_right() -> None:
    bank = shipped_questions()
    paper = draw(bank, EVERYTHING, "leak")
    sheet = sheet_of(bank, paper)
    names = {field.name for kind in _structs(Sheet) for field in msgspec.structs.fields(kind)}
    assert names == {
        "questions", "number", "kind", "text", "options", "place", "blank_count", "task", "messages", "role", "sent_at", "criteria",
    }  # fmt: skip
    for asked, item in zip(sheet.questions, paper.items, strict=True):
        question, sent = question_of(bank, item), msgspec.json.encode(asked).decode()
        assert question.id not in sent
        assert question.explanation.zh not in sent
        if isinstance(question, ShortAnswer):
            assert question.model_answer.zh not in sent
        if isinstance(question, FillIn):
            assert (asked.options, asked.blank_count) == ((), len(question.blanks))
        if isinstance(question, JudgeChat) and question.task == "score":
            assert list(asked.criteria) == sorted(asked.criteria)
            assert str(question.score) not in sent


def _structs(kind: type) -> list[type]:
    """A struct and all it holds."""
    found, wait = [], [kind]
    while wait:
        one = wait.pop()
        found.append(one)
        for field in msgspec.inspect.type_info(one).fields:
            inner = getattr(field.type, "item_type", None)
            if isinstance(inner, msgspec.inspect.StructType):
                wait.append(inner.cls)
    return found


def test_options_are_shuffled_evenly_and_steps_never_stand_in_order() -> None:
    bank = shipped_questions()
    places = dict.fromkeys(range(4), 0)
    for number in range(60):
        for item in draw(bank, EVERYTHING, f"p{number}").items:
            question = bank.questions[item.question]
            if question.kind == "single":
                places[item.shown.index(question.answer[0])] += 1
            if isinstance(question, Ordering):
                assert list(item.shown) != [one.id for one in question.steps]
    total = sum(places.values())
    assert all(abs(count / total - 0.25) < 0.02 for count in places.values())


def test_places_on_the_sheet_mean_the_options_shown_there() -> None:
    bank = shipped_questions()
    for item in draw(bank, EVERYTHING, "back").items:
        question = bank.questions[item.question]
        if question.kind in ("single", "multiple"):
            right = [place for place, id in enumerate(item.shown, start=1) if id in question.answer]
            given = answered(item, [*right, 0, 99], question.kind)
            assert isinstance(given, Chosen)
            assert score(question, given).points == 1
        if isinstance(question, Ordering):
            given = answered(item, [item.shown.index(one.id) + 1 for one in question.steps], question.kind)
            assert isinstance(given, Ordered)
            assert score(question, given).points == 1
