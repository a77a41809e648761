"""Questions nobody responded to."""

from __future__ import annotations

from tests.audit.build import batch_of


def test_only_questions_after_the_last_human_word_are_unanswered() -> None:
    batch = batch_of("customer 有蓝色吗\nagent 您好\ncustomer 那什么时候发货?\ncustomer 好的谢谢")
    assert batch.observe("unanswered").tolist() == [2]


def test_an_automatic_reply_is_no_response() -> None:
    assert batch_of("customer 什么时候发货?\nauto 人工客服9点上线").observe("unanswered").tolist() == [0]


def test_a_call_for_anybody_is_no_question_of_its_own() -> None:
    assert batch_of("customer 有蓝色吗\nagent 有\ncustomer 在吗").observe("unanswered").tolist() == []
