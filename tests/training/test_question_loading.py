"""Question files: what is read, and every mistake at its place."""

from __future__ import annotations

import re

import pytest

from qaplatform.resources import shipped_folder
from qaplatform.training.chat_keys import staleness
from qaplatform.training.question_loading import QuestionError, check_questions, load_questions, shipped_questions
from qaplatform.training.questions import KINDS, FillIn, JudgeChat, Ordering, ShortAnswer, SingleChoice, TrueFalse
from tests.shipped import shipped_auditor, shipped_rubric

GOOD = """\
topic: demo
title: {zh: 演示, en: Demo}
questions:
  - {id: one, type: single, difficulty: 1, domain: D1, text: 选哪个, options: [甲, 乙], answer: b, explanation: 因为}
  - {id: two, type: true_false, difficulty: 2, criterion: greeting, text: {zh: 对吗, en: Right}, answer: true, explanation: {zh: 对, en: A}}
  - {id: three, type: order, difficulty: 3, domain: D1, text: 排序, steps: [一, 二, 三], explanation: 因为}
  - {id: four, type: fill_in, difficulty: 1, domain: D1, text: 限时 ____ 秒, blanks: [[60, 六十]], explanation: 因为}
  - id: five
    type: short_answer
    difficulty: 1
    domain: D1
    text: 写一句
    points: [{title: 时间, phrases: [点前, 分钟内]}]
    model_answer: 18 点前
    explanation: 因为
  - id: six
    type: judge_chat
    task: mark
    difficulty: 1
    criterion: banned_phrase
    text: 标出
    chat: |
      customer 能改吗
      agent 我也没办法
    faults: [{criterion: banned_phrase, message: 1, quote: 我也没办法}]
    explanation: 因为
"""


def said(text: str, criteria: tuple[str, ...] | None = None) -> list[str]:
    bank, problems = check_questions({"q.yaml": text}, criteria)
    assert bank is None
    return [str(one).removeprefix("q.yaml:") for one in problems]


def test_every_kind_is_read_as_what_it_is() -> None:
    bank, problems = check_questions({"q.yaml": GOOD}, ("greeting", "banned_phrase"))
    assert bank is not None
    assert not problems
    kinds = {id: type(one) for id, one in bank.questions.items()}
    assert kinds == {
        "one": SingleChoice, "two": TrueFalse, "three": Ordering, "four": FillIn, "five": ShortAnswer, "six": JudgeChat,
    }  # fmt: skip
    assert [id for id, one in bank.questions.items() if one.has_english] == ["two"]
    assert bank.topics() == ("demo",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answer: b", "answer: c", "4:92: error: answer names 'c'; the options are a, b"),
        ("options: [甲, 乙]", "options: [甲, 甲]", "4:76: error: two of the options say the same"),
        ("options: [甲, 乙]", "options: [甲, 乙], optoins: []", "4:84: error: unknown key 'optoins' in a question of type single"),
        ("type: single", "type: singel", "4:21: error: type must be single, multiple, true_false, order"),
        ("id: two", "id: one", "5:10: error: there is a question 'one' already, at q.yaml:4:10"),
        ("answer: true", "answer: yes", "5:104: error: answer must be true or false, not 'yes'"),
        ("en: Right", "zh: 错", "5:84: error: key 'zh' is given twice, first in line 5"),
        ("text: {zh: 对吗, en: Right}", "text: 对吗", "5:106: error: a question is in English as a whole or not at all"),
        ("criterion: greeting", "criterion: greting", "5:59: error: the rubric has no criterion 'greting'; did you mean 'greeting'?"),
        ("steps: [一, 二, 三]", "steps: [一, 二]", "6:74: error: steps must be from 3 to 8, not 2"),
        ("____", "多少", "7:81: error: the text has 0 blanks ____, not 1"),
        ("difficulty: 3", "difficulty: 4", "6:42: error: difficulty must be from 1 to 3, not 4"),
        ("domain: D1, text: 限时", "domain: 首问, text: 限时", "7:54: error: domain must be a row such as D5, not '首问'"),
        ("domain: D1, text: 限时", "text: 限时", "7:5: error: a question says what it trains: a criterion, or a domain such as D5"),
        ("quote: 我也没办法", "quote: 不可能", "25:13: error: '不可能' does not stand in message 1"),
        ("agent 我也没办法", "clerk 我也没办法", "22:11: error: the chat cannot be read: line 2: expected"),
        ("task: mark", "task: score", "25:13: error: the task score has no faults"),
        ("topic: demo", "topic: 演示", "1:8: error: topic must be of lower-case letters, digits, '_' and '-', a letter first, not '演示'"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_where_it_stands(old: str, new: str, message: str) -> None:
    assert GOOD.count(old) >= 1
    found = said(GOOD.replace(old, new, 1), ("greeting", "banned_phrase"))
    assert any(one.startswith(message) for one in found), found


def test_all_mistakes_of_all_files_are_said_at_once(tmp_path) -> None:
    (tmp_path / "a.yaml").write_text(
        GOOD.replace("answer: b", "answer: c").replace("steps: [一,", "steps: [二,"), encoding="utf-8"
    )
    (tmp_path / "b.yaml").write_text("topic: x", encoding="utf-8")
    with pytest.raises(QuestionError) as caught:
        load_questions(tmp_path)
    assert len(caught.value.problems) == 4


def test_a_fingerprint_follows_the_content_and_nothing_else() -> None:
    one, again = (check_questions({"q.yaml": GOOD})[0] for _ in range(2))
    other = check_questions({"q.yaml": GOOD.replace("选哪个", "选哪一个")})[0]
    assert one is not None
    assert again is not None
    assert other is not None
    assert one.questions["one"].fingerprint == again.questions["one"].fingerprint
    assert one.questions["one"].fingerprint != other.questions["one"].fingerprint
    assert one.questions["two"].fingerprint == other.questions["two"].fingerprint


def test_the_shipped_questions_are_read_once() -> None:
    assert shipped_questions() is shipped_questions()


def test_the_example_of_the_readme_is_read_and_its_dialogues_are_true_to_the_rubric() -> None:
    text = (shipped_folder("packs") / "questions" / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    bank, problems = check_questions({"README.md": example}, [one.id for one in shipped_rubric().criteria])
    assert not problems
    assert bank is not None
    assert {one.kind for one in bank.questions.values()} == set(KINDS)
    auditor = shipped_auditor()
    chats = [one for one in bank.questions.values() if isinstance(one, JudgeChat)]
    assert not [said for one in chats for said in staleness(auditor, one)]
