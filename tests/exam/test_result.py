"""The result: a pass needs both scores; order, forbidden acts and unread replies count as the scenario says."""

from __future__ import annotations

import pytest

from qaplatform.exam.playing import played
from qaplatform.exam.result import Result, result_of
from tests.exam.small import customer

GOOD = [
    (12, "[greets] [soothes] [apologises] 您好，我是客服小周。收到碎的东西肯定很失望，非常抱歉让您不开心了。"),
    (14, "[asks photo] 麻烦您拍张照片给我看看。"),
    (60, "[offers refund] 照片看到了，可以给您全额退款，您看行吗？"),
    (150, "[closes] 请问还有其他可以帮您的吗？"),
]


def result(texts: list[tuple[int, str]]) -> Result:
    one = customer()
    state = played(one, texts, until_seconds=texts[-1][0] + 30)
    return result_of(one.scenario, state, one.auditor)


def test_a_good_dialogue_passes_and_loses_nothing() -> None:
    done = result(GOOD)
    assert (done.verdict, done.task.score, done.ended) == ("passed", 100, "solved")
    assert done.service.score is not None
    assert done.service.score >= 90
    assert done.moods[0] == (0, 4)
    assert done.moods[-1][0] == done.seconds


@pytest.mark.parametrize(
    ("number", "text", "task"),
    [
        (0, "[soothes] 催什么催，自己不会看啊", 100),
        (1, "[explains] 好的", 80),
        (2, "[explains] 照片看到了", 50),
        (3, "[asks_for_review] [closes] 请问还有其他可以帮您的吗？", 80),
    ],
    ids=["service fails", "a fact is missing", "the goal is missed", "a forbidden act"],
)
def test_a_pass_needs_both_scores(number: int, text: str, task: float) -> None:
    texts = [(at, text if index == number else words) for index, (at, words) in enumerate(GOOD)]
    done = result(texts)
    assert done.task.score == task
    assert done.passed == (number == 1 and done.service.verdict == "pass")


def test_what_comes_too_late_brings_half() -> None:
    late = [
        (12, "[greets] [offers refund] 您好，可以给您退款"),
        (110, "[soothes] 理解您的心情"),
        (150, "[closes] 还有其他可以帮您的吗"),
    ]
    item = next(one for one in result(late).task.items if one.id == "soothes")
    assert (item.met, item.late, item.points) == (True, True, 15)


def test_deductions_stand_at_their_words_with_better_ones() -> None:
    texts = [*GOOD[:2], (60, "[offers refund] 催什么催，自己不会看啊")]
    done = result(texts)
    deduction = next(one for one in done.deductions if one.criterion == "banned_phrase")
    text = done.conversation.messages[deduction.finding.message].text
    assert text[deduction.finding.start : deduction.finding.end] == deduction.finding.quote
    assert deduction.better is not None
    assert deduction.points > 0


def test_unread_replies_go_to_the_mentor_and_cost_nothing() -> None:
    read, unread = result(GOOD), result([*GOOD[:2], (16, "呜啦呜啦"), *GOOD[2:]])
    assert (unread.needs_mentor, read.needs_mentor) == (True, False)
    assert unread.task.score == read.task.score


def test_an_unfinished_dialogue_has_no_result() -> None:
    one = customer()
    with pytest.raises(ValueError, match="not ended"):
        result_of(one.scenario, one.begin(), one.auditor)


@pytest.mark.parametrize(
    ("changed", "score", "lines"),
    [
        ({0: ("[soothes]", "[soothes*]")}, 100, [0]),
        ({3: ("[closes]", "[closes*]")}, 100, []),
        ({3: ("[closes]", "[closes] [asks_for_review**]")}, 100, [3]),
        ({3: ("[closes]", "[closes] [refuses**]")}, 100, []),
        ({0: ("[soothes]", "[soothes*]"), 1: ("[asks photo]", "[asks photo] [soothes*]")}, 100, [0, 1]),
        ({0: (GOOD[0][1], "[soothes*] 催什么催，自己不会看啊")}, 100, []),
    ],
    ids=[
        "it passes by it",
        "nothing hangs on it",
        "held against them",
        "nobody asks for it",
        "only together",
        "failed anyway",
    ],
)
def test_doubt_goes_to_the_mentor_where_the_verdict_hangs_on_it(
    changed: dict[int, tuple[str, str]], score: float, lines: list[int]
) -> None:
    texts = [
        (at, text.replace(*changed[number]) if number in changed else text) for number, (at, text) in enumerate(GOOD)
    ]
    done = result(texts)
    own = [number for number, one in enumerate(done.conversation.messages) if one.role == "agent"]
    assert done.task.score == score
    assert [own.index(line) for line in done.unread] == lines
    assert done.needs_mentor == bool(lines)
