"""Did somebody come back by the promised time?"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import promise_kept
from qaplatform.audit.context import Context
from tests.audit.build import batch_of

ASKED = "customer 10:00 发票抬头能改吗\nagent 10:01 我问下财务,半小时内回复您\ncustomer 10:02 好的\n"


def outcome(transcript: str, context: Context | None = None) -> str:
    batch = batch_of(transcript, context=context)
    return OUTCOMES[promise_kept.check(batch, promise_kept.Params()).outcome[0]]


@pytest.mark.parametrize(
    "rest",
    [
        "agent 10:20 财务说可以改,您发下新抬头\ncustomer 10:40 好",
        "agent 10:31 问到了,可以重开\ncustomer 10:50 好",
        "agent:a2 10:25 您好,发票的事同事跟我说了,能改的\ncustomer 10:50 好",
        "agent 10:28 抱歉,抬头改不了,只能作废重开\ncustomer 10:50 好",
        "agent 10:28 财务今天请假,来不及了,明天上午给您答复\ncustomer 10:50 好",
        "agent 10:20 改好了\ncustomer 10:50 谢谢",
        "agent 10:20 新发票已发您邮箱\ncustomer 10:50 谢谢",
        "customer 10:20 收到了新发票,谢谢\ncustomer 10:50 再见",
    ],
)
def test_news_in_time_keeps_it(rest: str) -> None:
    assert outcome(ASKED + rest) == "pass"


@pytest.mark.parametrize(
    "rest",
    [
        "customer 10:50 问到了吗",
        "agent 10:40 财务说可以改\ncustomer 10:50 好",
        "agent 10:20 亲,今晚直播全场八折,来看看哦\ncustomer 10:50 人呢",
        "agent 10:10 稍等哦\ncustomer 10:50 人呢",
        "agent 10:03 不客气的亲\ncustomer 10:50 人呢",
        "note 10:20 财务说可以改\ncustomer 10:50 人呢",
        "auto 10:20 财务已下班,您的问题已记录\ncustomer 10:50 人呢",
        "agent 10:20 我交班了,小李接着跟您,结果由他告诉您\ncustomer 10:50 人呢",
        "agent 10:20 亲,方便给个五星好评吗\ncustomer 10:50 人呢",
        "system 10:50 会话超时关闭",
    ],
)
def test_silence_or_something_else_breaks_it(rest: str) -> None:
    assert outcome(ASKED + rest) == "fail"


@pytest.mark.parametrize(
    "chat",
    [
        ASKED + "customer 10:20 好的谢谢",
        "customer 10:00 发票能改吗\nagent 10:01 我们会尽快回复您\ncustomer 12:00 人呢",
        "customer 10:00 尺码准吗\nagent 10:01 准的\ncustomer 12:00 好",
        "customer 我的发票\nagent 半小时内回复您\ncustomer 好",
        "customer 10:00 我半小时后发照片给你\nagent 10:01 好的\ncustomer 11:00 发了",
    ],
)
def test_without_a_deadline_inside_the_record_it_is_not_applicable(chat: str) -> None:
    assert outcome(chat) == "not_applicable"


def test_what_lies_past_the_last_message_is_unknown_whenever_it_is_judged() -> None:
    judged = datetime(2026, 9, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    assert outcome(ASKED, Context(as_of=judged)) == "not_applicable"


def test_a_deadline_on_the_clock_is_read_in_the_shops_zone() -> None:
    chat = "customer 10:00 何时发货\nagent 10:01 今天18点前发出\ncustomer 17:59 发了吗\n"
    assert outcome(chat) == "not_applicable"
    assert outcome(chat + "customer 18:01 人呢") == "fail"
    assert outcome(chat + "agent 18:00 已发出,单号稍后可查\ncustomer 18:01 好") == "pass"
