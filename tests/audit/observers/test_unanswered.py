"""Questions nobody responded to."""

from __future__ import annotations

import pytest

from tests.audit.build import batch_of


def test_only_questions_after_the_last_human_word_are_unanswered() -> None:
    batch = batch_of("customer 有蓝色吗\nagent 您好\ncustomer 那什么时候发货?\ncustomer 好的谢谢")
    assert batch.observe("unanswered").tolist() == [2]


def test_an_automatic_reply_is_no_response() -> None:
    assert batch_of("customer 什么时候发货?\nauto 人工客服9点上线").observe("unanswered").tolist() == [0]


def test_a_call_for_anybody_is_no_question_of_its_own() -> None:
    assert batch_of("customer 有蓝色吗\nagent 有\ncustomer 在吗").observe("unanswered").tolist() == []


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        ("那到底什么时候给我换?", [2]),
        ("谢谢 那运费谁出呢?", [2]),
        ("没找到,有门店的电话吗?谢谢。", [2]),
        ("您在吗", []),
        ("怎么到现在没人给我打电话?留了号码也不打!", [2]),
        ("说了三遍了 有用吗?", []),
        ("你就不能看一眼我发的图吗?", []),
        ("我的型号吗?我的是去年买的那款", []),
        ("好的 请尽快答复我", []),
        ("好的谢谢,不需要了", []),
    ],
)
def test_reproaches_and_answers_in_the_form_of_questions_want_no_answer(last: str, rows: list[int]) -> None:
    batch = batch_of(f"customer 水壶漏水\nagent 您发一下型号\ncustomer {last}")
    assert batch.observe("unanswered").tolist() == rows
