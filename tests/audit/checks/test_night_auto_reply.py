"""At night, does an automatic reply say when a human is back?"""

from __future__ import annotations

from datetime import date

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import night_auto_reply
from qaplatform.audit.context import Context
from tests.audit.build import batch_of


def outcome(transcript: str, context: Context | None = None) -> str:
    batch = batch_of(transcript, context=context)
    return OUTCOMES[night_auto_reply.check(batch, night_auto_reply.Params()).outcome[0]]


def answered_with(reply: str) -> str:
    return outcome(f"customer 02:15:00 这个能退吗\nauto 02:15:02 {reply}\nagent 09:10:00 早,能退的")


@pytest.mark.parametrize(
    "reply",
    [
        "人工客服将于9:00上线",
        "客服已下班,上午9点恢复在线",
        "人工服务时间 9:00-24:00",
        "人工客服在线时段:9点至24点",
        "客服小姐姐早上九点来上班哦",
        "客服九點上線,請留言",
        "明早9点半客服给您回",
        "客服九点半到岗",
        "早9晚12在线,其余时间请留言",
        "我们早九晚十二,留言必回",
        "客服上班时间:AM9:00",
        "小二睡了,9am再来",
        "Our agents are back at 9:00 AM",
        "Our team is online from 9 a.m. to midnight",
        "Agents available 9am-12am daily",
        "客服工作时间09:00至24:00",
        "人工客服 9時 為您服務",
        "值班客服9.00回来",
        "请早上9点以后再来问,小二才在",
        "店小二打烊了,九点开张再回您",
        "再过7小时人工就上线啦",
        "人工大约6个半小时后在线",
        "真人客服⑨点上线",
        "周一至周日9:00上班,看到即回",
        "您好,离人工客服上班还有7个小时(9点)",
        "现在2:15,客服9:00到岗",
        "16点前付款当天发,客服9:00上线",
        "明天8:30有人,先睡吧亲",
        "9:00后客服逐一回复",
        "夜深了,掌柜要九点才醒,先留言",
    ],
)
def test_an_automatic_reply_that_says_when_a_human_is_back_passes(reply: str) -> None:
    assert answered_with(reply) == "pass"


@pytest.mark.parametrize(
    "reply",
    [
        "您好,消息已收到,请耐心等待",
        "客服已下班,上班后第一时间回复您",
        "明早给您回复哦",
        "天亮了就有人了",
        "16:00前付款当天发货,之后次日发",
        "9点前下单今天发",
        "每天9点准时上新",
        "9:00抢5折券",
        "今晚20:00直播间见",
        "满99减9,3件8折",
        "24小时在线,随时为您服务",
        "7x24小时服务",
        "现在是凌晨2点15分,客服休息了",
        "您02:15的留言已收到",
        "客服已于24:00下班",
        "人工客服24点下班啦,请留言",
        "支持7天无理由,48小时内发货",
        "猜您想问:1.发货 2.退货 3.发票",
        "仓库每天9点打包",
        "快递9点开始派送",
        "Orders before 4 pm ship the same day",
        "Our agents are away, please leave a message",
        "We reply as soon as possible",
        "质量问题请在签收后24小时内联系",
        "退款1-3天到账",
        "当前排队9人",
    ],
)
def test_an_automatic_reply_without_that_time_fails(reply: str) -> None:
    assert answered_with(reply) == "fail"


@pytest.mark.parametrize(
    ("expected", "transcript"),
    [
        ("fail", "customer 03:00:00 在吗\nagent 09:01:00 在"),
        ("fail", "customer 03:00:00 在吗"),
        ("fail", "customer 03:00:00 在吗\nauto 03:01:01 客服9:00上线"),
        ("pass", "customer 03:00:00 在吗\nauto 03:01:00 客服9:00上线"),
        ("pass", "customer 03:00:00 在吗\nbot 03:00:01 您好\nbot 03:00:05 客服9:00上线"),
        ("fail", "customer 03:00:00 在吗\nnote 03:00:01 客服9:00上线\nagent 09:02:00 在的"),
        ("fail", "customer 03:00:00 你们9点上班吗\nbot 03:00:01 没听懂,换个说法"),
        ("pass", "customer 08:59:59 在吗\nauto 09:00:01 客服9:00上线\nagent 09:00:40 在"),
        ("pass", "customer 00:00:00 在吗\nauto 00:00:01 客服9:00上线"),
        ("fail", "customer 00:00:00 在吗\nauto 00:00:01 亲稍等"),
        ("pass", "customer 03:00:00 在吗\nauto 03:00:01 客服9:00上线\ncustomer 03:00:40 好\ncustomer 03:01:00 我先睡"),
        ("fail", "customer 23:50:00 在吗\nagent 23:50:20 在\ncustomer 00:40:00 尺码呢\nagent 09:00:20 正码"),
        ("not_applicable", "customer 09:00:00 在吗\nagent 09:00:30 在"),
        ("not_applicable", "customer 23:59:59 在吗\nauto 23:59:59 稍等\nagent 00:00:20 在"),
        ("not_applicable", "customer 14:00:00 在吗\nagent 14:00:30 在"),
        ("unscored", "customer 在吗\nauto 稍等"),
        ("not_applicable", "agent 02:00:00 您的包裹到了"),
    ],
)
def test_when_it_must_come(expected: str, transcript: str) -> None:
    assert outcome(transcript) == expected


def test_after_midnight_of_a_promotion_day_it_is_night_too() -> None:
    context = Context(promotion_days=frozenset({date(2026, 9, 1), date(2026, 9, 2)}))
    assert outcome("customer 00:10:00 券呢\nbot 00:10:01 活动火爆,请稍候", context) == "fail"


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 01:00:00 在吗\nagent 01:00:30 在的,通宵值班呢",
        "customer 23:59:00 有货吗\nagent 23:59:30 有\ncustomer 00:00:30 好的谢谢",
    ],
)
def test_a_human_at_night_or_a_parting_word_is_no_fault(transcript: str) -> None:
    assert outcome(transcript) != "fail"
