"""Theory tests as files: what they say, mistakes at their lines, and the tests that paths hold."""

from __future__ import annotations

import pytest

from qaplatform.training.drawing import Wanted, draw
from qaplatform.training.paper_loading import check_papers, paper_of_step, shipped_papers
from qaplatform.training.path_loading import KnownIds, shipped_paths
from qaplatform.training.question_loading import check_questions, shipped_questions
from qaplatform.training.question_yaml import question_yaml

PAPER = """id: short
title: {zh: 短, en: Short}
pass_ratio: 0.8
sections:
  - {count: 2, topics: [wording], difficulties: [1, 2], kinds: [single]}
  - {count: 1, kinds: [judge_chat], tasks: [mark]}
"""
KNOWN = KnownIds(questions=frozenset({"wording-01"}), topics=frozenset({"wording"}), criteria=frozenset({"insult"}))


def test_what_is_left_out_has_no_limit_and_sections_say_what_is_drawn() -> None:
    papers, problems = check_papers({"short.yaml": PAPER}, KNOWN)
    assert not problems
    assert papers is not None
    rules = papers["short"]
    assert (rules.time_limit_seconds, rules.most_attempts, rules.is_practice) == (None, None, False)
    assert rules.sections == (
        Wanted(2, topics=("wording",), difficulties=(1, 2), kinds=("single",)),
        Wanted(1, kinds=("judge_chat",), tasks=("mark",)),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: short", "id: long", "short.yaml:1:5: error: id must be the name of the file, 'short', not 'long'"),
        ("pass_ratio: 0.8", "pass_ratio: 80", "short.yaml:3:13: error: pass_ratio must be from 0.01 to 1, not 80"),
        ("[wording]", "[wordings]", "5:25: error: there is no topic 'wordings'; did you mean 'wording'?"),
        ("kinds: [single]", "kinds: [singel]", "there is no kind 'singel'; did you mean 'single'?"),
        ("[1, 2]", "[1, 4]", "5:53: error: a difficulty must be from 1 to 3, not 4"),
        ("{count: 2,", "{count: 2, questions: [wording-01],", "5:13: error: count is more than the questions named"),
        ("  - {count: 1,", "  - {counts: 1,", "unknown key 'counts' in a section; did you mean 'count'?"),
        ("sections:\n", "attempts: 1.5\nsections:\n", "4:11: error: attempts is a whole number"),
    ],
)
def test_mistakes_are_said_at_their_place(old: str, new: str, said: str) -> None:
    papers, problems = check_papers({"short.yaml": PAPER.replace(old, new, 1)}, KNOWN)
    assert papers is None
    assert said in "\n".join(map(str, problems))


def test_the_bank_fills_every_shipped_paper_and_every_test_of_a_path() -> None:
    steps = [paper_of_step(path, step) for path in shipped_paths().values() for step in path.steps]
    papers = [*shipped_papers().values(), *(one for one in steps if one is not None)]
    assert {"attitude-and-wording", "rubric-practice", "new-hire/theory_values"} <= {one.id for one in papers}
    for rules in papers:
        drawn = draw(shipped_questions(), rules.sections, "seed")
        assert len(drawn.items) == sum(one.count for one in rules.sections), rules.id


def test_every_question_written_as_yaml_is_read_back_the_same() -> None:
    bank = shipped_questions()
    for question in bank.questions.values():
        text = question_yaml(question, bank.titles[question.topic])
        read, problems = check_questions({"one.yaml": text})
        assert read is not None, (text, problems)
        assert read.questions == {question.id: question}
        assert read.titles[question.topic] == bank.titles[question.topic]
