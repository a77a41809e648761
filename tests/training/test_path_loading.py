"""A mistake in a learning path is shown where it stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.phrases import Words
from qaplatform.training.lesson_loading import shipped_lessons
from qaplatform.training.path_loading import KnownIds, PathError, check_paths, load_paths, shipped_paths

CARET = "‸"
PATH = """\
id: short
title: {zh: 短, en: Short}
description: {zh: 很短, en: Very short}
version: "1"
stages:
  - id: one
    title: {zh: 一, en: One}
    steps:
      - {id: read, kind: lesson, lesson: red-lines, due_working_day: 1}
      - id: test
        kind: theory_test
        title: {zh: 测, en: Test}
        topics: [empathy]
        questions: [q1]
        draw: 5
        pass_ratio: 0.8
        after: [read]
        due_working_day: 2
      - id: chats
        kind: accompanied_chats
        title: {zh: 陪, en: Beside}
        chats_a_day: 5
        days: 10
        after: [test]
        due_working_day: 12
  - id: two
    title: {zh: 二, en: Two}
    steps:
      - id: exam
        kind: mock_exam
        title: {zh: 考, en: Exam}
        scenarios: [fryer, lamp]
        times: 2
        scenario_kinds: 1
        due_working_day: 14
graduate: {exams_passed: 2, mentor_agrees: false}
"""
KNOWN = KnownIds(
    lessons={"red-lines": Words("红线", "Red lines")},
    questions={"q1"},
    topics={"empathy"},
    scenarios={"fryer", "lamp"},
    criteria={"insult"},
)


def problems_of(text: str) -> list[str]:
    return [str(one) for one in check_paths({"short.yaml": text}, KNOWN)[1]]


def test_a_good_path_is_read_and_a_lesson_gives_its_step_the_title() -> None:
    paths, problems = check_paths({"short.yaml": PATH}, KNOWN)
    assert problems == ()
    assert paths is not None
    steps = paths["short"].steps
    assert [(one.id, one.kind, one.times) for one in steps] == [
        ("read", "lesson", 1),
        ("test", "theory_test", 1),
        ("chats", "accompanied_chats", 10),
        ("exam", "mock_exam", 2),
    ]
    assert steps[0].title == Words("红线", "Red lines")
    assert paths["short"].graduation.exams_passed == 2


KINDS = "lesson, theory_test, drill, mock_exam, accompanied_chats, case_review or mentor_talk"
AFTER_OPTIONAL = "'test' is required and cannot come after 'read', which is not"
MISTAKES = [
    ("id: short", "id: ‸shorter", "id must be the name of the file, 'short', not 'shorter'"),
    ("lesson: red-lines", "lesson: ‸red-line", "there is no lesson 'red-line'; did you mean 'red-lines'?"),
    ("[q1]", "[‸q2]", "there is no question 'q2'"),
    ("[empathy]", "[‸empaty]", "there is no topic 'empaty'; did you mean 'empathy'?"),
    ("[fryer, lamp]", "[‸frier, lamp]", "there is no scenario 'frier'; did you mean 'fryer'?"),
    ("kind: mock_exam", "kind: ‸mock_exams", f"kind must be {KINDS}, not 'mock_exams'; did you mean 'mock_exam'?"),
    ("        days: 10\n", "", "short.yaml:19:9: a step of kind accompanied_chats needs 'days'"),
    ("draw: 5", "draw: 5\n        days: ‸3", "a step of kind theory_test has no 'days'"),
    ("draw: 5", "draw: ‸0.5", "draw is a whole number"),
    ("        topics: [empathy]\n", "", "short.yaml:14:15: draw is more than the questions named, and no topics are given"),
    ("title: {zh: 考, en: Exam}", "title: ‸{zh: 考}", "title is given in zh and en"),
    ("scenarios: [fryer, lamp]", "scenarios: ‸[lamp, lamp]", "2 exams are to be passed, each scenario counts once, and 1 are named"),
    ("scenario_kinds: 1", "scenario_kinds: ‸3", "2 passed exams cannot be of 3 kinds"),
    ("after: [read]", "after: [‸reed]", "there is no step 'reed'; did you mean 'read'?"),
    ("after: [read]", "after: [‸exam]", "'test' can never open: 'exam' is in the later stage 'two'"),
    ("after: [read]", "after: [chats]", "short.yaml:24:17: these steps wait for each other: test → chats → test"),
    ("due_working_day: 1}", "due_working_day: 1, after: [‸read]}", "these steps wait for each other: read → read"),
    ("due_working_day: 1}", "due_working_day: 3}", "short.yaml:18:26: due on day 2, before 'read' (day 3)"),
    ("due_working_day: 12", "due_working_day: ‸11", "10 days of chats cannot be done by day 11"),
    ("due_working_day: 14", "due_working_day: ‸10", "due on day 10, but the stage only opens when day 12's work is done"),
    ("due_working_day: 1}", "due_working_day: 1, optional: true}", f"short.yaml:17:17: {AFTER_OPTIONAL}"),
    ("id: chats", "id: ‸test", "there are two steps 'test', the first in line 10"),
    ("  - id: two", "  - id: ‸one", "there are two stages 'one'"),
    ("mentor_agrees: false", "‸mentor: false", "unknown key 'mentor' in graduate; did you mean 'mentor_agrees'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_a_mistake_is_shown_where_it_stands(old: str, new: str, message: str) -> None:
    assert old in PATH
    marked = PATH.replace(old, new, 1)
    if CARET in marked:
        before = marked[: marked.index(CARET)]
        place = f"short.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: error: {message}"
    else:
        place = re.sub(r"^(short\.yaml:\d+:\d+): ", r"\1: error: ", message)
    assert place in problems_of(marked.replace(CARET, ""))


def test_ids_nobody_knows_here_are_not_checked() -> None:
    assert check_paths({"short.yaml": PATH})[1] == ()


@given(st.text())
def test_the_loader_raises_nothing_on_content(text: str) -> None:
    check_paths({"a.yaml": text, "short.yaml": PATH.replace("[read]", text)})


def test_a_folder_with_mistakes_is_refused(tmp_path) -> None:
    (tmp_path / "short.yaml").write_text(PATH.replace("[read]", "[reed]"), encoding="utf-8")
    with pytest.raises(PathError, match="there is no step 'reed'"):
        load_paths(tmp_path)


def test_shipped_paths_teach_every_lesson_to_the_new_hire() -> None:
    paths = shipped_paths()
    assert set(paths) == {"new-hire", "refresher"}
    assert {one.lesson for one in paths["new-hire"].steps if one.lesson} == shipped_lessons().ids
