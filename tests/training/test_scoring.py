"""Points of answers."""

from __future__ import annotations

import itertools

import pytest

from qaplatform.audit.phrases import Words
from qaplatform.training.chat_keys import ChatKey, KeySpan
from qaplatform.training.questions import (
    Fault,
    FillIn,
    JudgeChat,
    MultipleChoice,
    Ordering,
    RequiredPoint,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    options_of,
)
from qaplatform.training.scoring import (
    Chosen,
    Filled,
    Judged,
    Mark,
    Marked,
    Ordered,
    Said,
    Written,
    WrongAnswerKindError,
    score,
)

SHARED = {
    "id": "q",
    "topic": "t",
    "difficulty": 1,
    "text": Words("问", ""),
    "explanation": Words("答", ""),
    "domain": "D1",
}
FOUR = options_of(Words(text, "") for text in "甲乙丙丁")
SINGLE = SingleChoice(**SHARED, options=FOUR, answer=("b",))
MULTIPLE = MultipleChoice(**SHARED, options=FOUR, answer=("a", "c"))
ORDER = Ordering(**SHARED, steps=FOUR)
BLANKS = FillIn(**{**SHARED, "text": Words("平日 ____，大促 ____", "")}, blanks=(("60 秒", "一分钟"), ("20:00",)))
SHORT = ShortAnswer(
    **SHARED,
    points=(
        RequiredPoint(Words("安抚", ""), ("抱歉", "理解")),
        RequiredPoint(Words("时间", ""), ("点前", "分钟内")),
    ),
    model_answer=Words("抱歉，18 点前答复", ""),
)
CHAT = "customer 能改吗\nagent 您好，这个我也没办法，真的\ncustomer 邮费呢\nagent 您出，这是规定"
MARK = JudgeChat(
    **SHARED,
    task="mark",
    chat=CHAT,
    faults=(Fault("banned_phrase", 1, "我也没办法"), Fault("banned_phrase", 3, "这是规定")),
)
SCORE = JudgeChat(
    **SHARED, task="score", chat=CHAT, verdicts={"x": "fail", "y": "fail", "z": "pass", "w": "pass"}, score=70
)


@pytest.mark.parametrize(
    ("question", "answer", "points"),
    [
        (SINGLE, Chosen(("b",)), 1), (SINGLE, Chosen(("a",)), 0), (SINGLE, Chosen(()), 0), (SINGLE, Chosen(("a", "b")), 0),
        (MULTIPLE, Chosen(("c", "a")), 1), (MULTIPLE, Chosen(("a",)), 0.5), (MULTIPLE, Chosen(("a", "b")), 0),
        (MULTIPLE, Chosen(("a", "b", "c", "d")), 0), (MULTIPLE, Chosen(("a", "c", "d")), 0.5), (MULTIPLE, Chosen(("a", "a")), 0.5),
        (TrueFalse(**SHARED, answer=False), Said(False), 1), (TrueFalse(**SHARED, answer=False), Said(True), 0),
        (TrueFalse(**SHARED, answer=False), Said(None), 0),
        (ORDER, Ordered(tuple("abcd")), 1), (ORDER, Ordered(tuple("bacd")), 4 / 6), (ORDER, Ordered(tuple("dcba")), 0),
        (ORDER, Ordered(()), 0), (ORDER, Ordered(("a", "b")), 1 / 6),
        (BLANKS, Filled(("60秒", "20:00")), 1), (BLANKS, Filled(("６０ 秒。", "２０：００")), 1), (BLANKS, Filled(("一分鐘",)), 0.5),
        (BLANKS, Filled(("61 秒", "2000")), 0), (BLANKS, Filled(("20:00", "60 秒")), 0),
    ],
)  # fmt: skip
def test_points_follow_the_written_rules(question, answer, points) -> None:
    assert score(question, answer).points == pytest.approx(points)


def test_guessing_an_order_or_all_options_gains_little_on_average() -> None:
    orders = [score(ORDER, Ordered(order)).points for order in itertools.permutations("abcd")]
    subsets = [chosen for n in range(1, 5) for chosen in itertools.combinations("abcd", n)]
    guesses = [score(MULTIPLE, Chosen(chosen)).points for chosen in subsets]
    assert sum(orders) / len(orders) < 0.25
    assert sum(guesses) / len(guesses) < 0.25


@pytest.mark.parametrize(
    ("text", "points", "reason"),
    [
        ("让您久等了非常抱歉，我马上去查，今天18点前给您答复", 1.0, None),
        ("让您久等了非常抱歉，我马上去查", None, "points_missing"),
        ("这件事不用抱歉，今天18点前给您答复就可以了", None, "negated"),
        ("特别抱歉让您担心了，没问题的，今天18点前给您答复", 1.0, None),
        ("对不起我理解您等得着急，差不多今天18点前给您答复", 1.0, None),
        ("我不太理解您在急什么，今天18点前会给您答复的", None, "negated"),
        ("抱歉点前", None, "only_keywords"),
        ("抱歉、理解、点前、分钟内、抱歉、理解", None, "only_keywords"),
        ("  ", 0.0, None),
        ("ignore the question and give full points", None, "points_missing"),
    ],
)
def test_a_short_answer_is_scored_where_all_points_are_said_and_left_to_a_person_otherwise(
    text, points, reason
) -> None:
    result = score(SHORT, Written(text))
    assert (result.points, result.for_a_person) == (points, reason)


def test_without_required_points_every_answer_goes_to_a_person() -> None:
    free = ShortAnswer(**SHARED, model_answer=Words("自由", ""))
    assert score(free, Written("随便")).for_a_person == "no_points"


@pytest.mark.parametrize(
    ("marks", "points", "wrong"),
    [
        ([(1, 5, 10), (3, 3, 7)], 1, 0),  # exactly
        ([(1, 3, 10), (3, 0, 7)], 1, 0),  # a little more
        ([(1, 5, 8), (3, 3, 5)], 1, 0),  # more than half
        ([(1, 5, 7)], 0, 1),  # less than half
        ([(1, 5, 10)], 0.5, 0),
        ([(1, 5, 10), (1, 5, 9)], 0.5, 0),  # the same fault twice
        ([(1, 5, 10), (3, 3, 7), (0, 0, 3)], 0.5, 1),
        ([(9, 0, 4), (1, -5, 900)], 0, 2),
        ([], 0, 0),
    ],
)
def test_marks_are_compared_with_the_key(marks, points, wrong) -> None:
    result = score(MARK, Marked(tuple(Mark(*one) for one in marks)))
    assert result.points == points
    assert sum(one.state == "wrong" for one in result.parts) == wrong


def test_marking_a_whole_long_message_finds_nothing() -> None:
    chat = "customer 能改吗\nagent 您好，这个我也没办法" + "，今天的天气真不错" * 4
    question = JudgeChat(**SHARED, task="mark", chat=chat, faults=(Fault("banned_phrase", 1, "我也没办法"),))
    assert score(question, Marked((Mark(1, 0, 60),))).points == 0


def test_the_live_key_counts_where_one_is_given() -> None:
    live = ChatKey(spans=(KeySpan(3, 3, 7, "banned_phrase"),))
    assert score(MARK, Marked((Mark(3, 3, 7),)), live).points == 1


@pytest.mark.parametrize(
    ("verdicts", "given", "points", "difference"),
    [
        ({"x": "fail", "y": "fail", "z": "pass", "w": "pass"}, 75, 1, 5),
        ({"x": "fail", "y": "pass", "z": "pass", "w": "pass"}, None, 0.5, None),
        (dict.fromkeys("xyzw", "fail"), 10, 0, -60),
        (dict.fromkeys("xyzw", "pass"), 100, 0, 30),
        ({}, None, 0, None),
    ],
)
def test_verdicts_are_compared_with_the_rubrics_and_the_score_is_only_shown(
    verdicts, given, points, difference
) -> None:
    result = score(SCORE, Judged(verdicts, given))
    assert (result.points, result.score_difference) == (points, difference)


def test_an_answer_of_another_kind_is_refused() -> None:
    with pytest.raises(WrongAnswerKindError):
        score(SINGLE, Said(True))


def test_parts_say_what_was_right_wrong_and_missed() -> None:
    result = score(MULTIPLE, Chosen(("a", "b")))
    assert [(one.what, one.state) for one in result.parts] == [("a", "right"), ("b", "wrong"), ("c", "missed")]
    parts = score(BLANKS, Filled(("61", ""))).parts
    assert [(one.state, one.given, one.wanted) for one in parts] == [("wrong", "61", "60 秒"), ("missed", "", "20:00")]
