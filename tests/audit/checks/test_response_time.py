"""Does every customer turn get a human reply within its limit?"""

from __future__ import annotations

from datetime import date

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import response_time
from qaplatform.audit.context import Context, RosterEntry
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from tests.audit.build import batch_of, shipped_matcher

PROMOTION = Context(promotion_days=frozenset({date(2026, 9, 1)}))


def outcome(transcript: str, context: Context | None = None) -> str:
    batch = batch_of(transcript, context=context)
    return OUTCOMES[response_time.check(batch, response_time.Params()).outcome[0]]


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 10:00:00 有货吗\nagent 10:01:01 有的",
        "customer 10:00:00 有货吗\nagent 10:00:20 有的\ncustomer 10:01:00 几天到\nagent 10:03:00 三天",
        "customer 10:00:00 在吗\ncustomer 10:00:50 有货吗\nagent 10:01:55 有的",
        "customer 10:00:00 有货吗\nbot 10:00:01 人工马上来\nagent 10:01:30 有的",
        "customer 10:00:00 有货吗\nauto 10:00:01 您好请稍等\nagent 10:02:00 有的",
        "customer 10:00:00 发错了\nnote 10:00:10 我去问仓库\nagent 10:01:40 给您补",
        "customer 10:00:00 有货吗\nagent 10:00:20 有的\ncustomer 10:00:40 能开票吗\nsystem 10:20:00 会话超时已结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 好的,那几天发货\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 谢谢,对了发顺丰吗\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 Thanks! Do you ship to Laos\nsystem 10:20:00 x",
        "customer 10:00:00 换货\nagent 10:00:20 可以\ncustomer 10:00:40 我不想换了,直接退吧\nsystem 10:20:00 会话结束",
        "customer 10:00:00 换货\nagent 10:00:20 可以\ncustomer 10:00:40 嗯,帮我改成蓝色\nsystem 10:20:00 会话结束",
        "customer 10:00:00 换货\nagent 10:00:20 发张图\ncustomer 10:00:40 [图片]\nsystem 10:20:00 会话结束",
        (
            "customer 10:00:00 换货\nagent 10:00:20 我转给小李\nsystem 10:00:30 transfer 小王 → 小李\n"
            "customer 10:00:40 好,换蓝色\nagent:a2 10:03:30 您好小李,换好了"
        ),
        "customer 08:58:00 有货吗\ncustomer 09:01:00 上班了吗\nagent 09:03:00 有货",
        "customer 23:10:00 有货吗\nagent 23:10:20 有\ncustomer 23:40:00 那几天到\nagent 09:01:00 三天",
        "customer 10:00:00 有货吗\ncustomer 10:05:00 人呢\nagent 10:05:20 有货",
        (
            "customer 10:00:00 有货吗\nagent 10:00:30 有\ncustomer 10:01:00 好\n"
            "customer 11:30:00 我拍了,能今天发吗\nagent 11:35:00 能"
        ),
        "customer 20:00:00 有货吗\nagent 20:00:30 有\ncustomer 15:00:00 怎么还没发\nagent 15:04:00 今天发",
        "customer 10:00:00 我要投诉你们\nsystem 10:30:00 会话结束",
    ],
)
def test_a_turn_that_waits_longer_than_its_limit_fails(transcript: str) -> None:
    assert outcome(transcript) == "fail"


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 10:00:00 有货吗\nagent 10:01:00 有的",
        "customer 10:00:00 在吗\ncustomer 10:00:40 有货吗\nagent 10:01:35 有的",
        "customer 10:00:00 有货吗\nagent:a2 10:00:30 小王去吃饭了,我是小李,有货\nagent 10:04:00 我回来了",
        "customer 10:00:00 有货吗\nagent 10:00:20 我去仓库看看\nagent 10:09:00 有货",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 好的谢谢\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 嗯嗯\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 没\ncustomer 10:00:40 那算了\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 行,我去拍\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 ok\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 知道啦,辛苦你了🌹\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 好嘞 拜拜\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 謝謝妳\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 Great, thank you so much!\nsystem 10:20:00 end",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 [呲牙]\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 没有别的了\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 中,俺晓得了\nsystem 10:20:00 会话结束",
        "customer 10:00:00 有货吗\nagent 10:00:20 有\ncustomer 10:00:40 好的\nagent 10:08:00 已帮您备注好了",
        (
            "customer 10:00:00 破了\nagent 10:00:20 拍照看看\ncustomer 10:00:50 好的,我去拍\n"
            "customer 10:06:00 [图片]\nagent 10:06:30 看到了"
        ),
        "agent 10:00:00 您的包裹到了\ncustomer 13:00:00 收到,谢谢\nsystem 13:30:00 会话结束",
        "customer 23:59:30 有货吗\nagent 00:00:20 有的",
        "customer 08:40:00 有货吗\nagent 09:02:00 有\ncustomer 09:03:00 好,几天到\nagent 09:03:30 三天",
        "customer 10:00:00 有货吗\nagent 10:00:50 有\ncustomer 09:30:00 到哪了\nagent 09:30:40 到杭州了",
    ],
)
def test_turns_answered_in_time_and_turns_that_need_no_answer_pass(transcript: str) -> None:
    assert outcome(transcript) == "pass"


def test_without_times_it_cannot_be_known() -> None:
    assert outcome("customer 有货吗\nagent 有的") == "unscored"


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 02:00:00 有货吗\nauto 02:00:01 客服9:00上班\nagent 09:10:00 有的",
        "customer 08:59:59 有货吗\nagent 09:05:00 有的",
        "agent 10:00:00 您的包裹到了\nsystem 10:30:00 会话结束",
        "system 10:00:00 您有一笔订单",
    ],
)
def test_what_is_written_at_night_or_by_the_shop_alone_is_not_judged(transcript: str) -> None:
    assert outcome(transcript) == "not_applicable"


@pytest.mark.parametrize(
    ("expected", "transcript"),
    [
        ("fail", "customer 20:00:00 有货吗\nagent 20:00:31 有"),
        ("pass", "customer 20:00:00 有货吗\nagent 20:00:30 有"),
        ("pass", "customer 19:59:59 有货吗\nagent 20:00:50 有"),
        ("fail", "customer 19:59:50 在吗\ncustomer 20:00:05 有货吗\nagent 20:00:50 有"),
        ("pass", "customer 16:00:00 有货吗\nagent 16:00:55 有"),
        ("fail", "customer 23:59:50 有货吗\nagent 00:00:25 有"),
        ("pass", "customer 23:59:50 有货吗\nagent 00:00:20 有"),
    ],
)
def test_on_promotion_evenings_the_limit_is_shorter(expected: str, transcript: str) -> None:
    assert outcome(transcript, PROMOTION) == expected


@pytest.mark.parametrize(
    ("expected", "transcript"),
    [
        ("fail", "customer 02:00:00 有货吗\nagent 02:03:00 有"),
        ("not_applicable", "customer 14:00:00 有货吗\nagent 14:30:00 有"),
    ],
)
def test_who_is_on_duty_follows_the_roster(expected: str, transcript: str) -> None:
    roster = (RosterEntry(start_minute=0, end_minute=480, agents=("a1",), day=date(2026, 9, 1)),)
    assert outcome(transcript, Context(roster=roster)) == expected


@pytest.mark.parametrize("channel", ["email", "ticket"])
@pytest.mark.parametrize(
    ("expected", "transcript"),
    [
        ("pass", "customer 10:00:00 能开票吗\nagent 10:30:00 能"),
        ("fail", "customer 10:00:00 能开票吗\nagent 10:31:00 能"),
    ],
)
def test_letters_have_half_an_hour(channel: str, expected: str, transcript: str) -> None:
    letter = Conversation(id="1", messages=parse_messages(transcript), channel=channel)
    chat = Conversation(id="2", messages=parse_messages("customer 10:00:00 有货吗\nagent 10:02:00 有"))
    batch = Batch([chat, letter], shipped_matcher(), Context(), ObserverSet())
    found = response_time.check(batch, response_time.Params())
    assert [OUTCOMES[code] for code in found.outcome] == ["fail", expected]
