"""Does every promise say by when?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import concrete_promise
from tests.audit.build import batch_of


def outcome(transcript: str) -> str:
    batch = batch_of(transcript)
    return OUTCOMES[concrete_promise.check(batch, concrete_promise.Params()).outcome[0]]


@pytest.mark.parametrize(
    "reply",
    [
        "亲别急,我们会尽快给您处理的",
        "好的,稍后给您回电哈",
        "过两天给您补一个新的",
        "这几天就给您发出去了",
        "回头我问问师傅再跟您说",
        "等仓库上班了我就去给您催",
        "您放心,包在我身上",
        "等我消息吧",
        "我这边一直给您盯着呢",
        "已经在加急了,很快就给您发货",
        "快了快了,别着急",
        "忙完就给您弄",
        "改天给您寄一份小礼物赔罪",
        "有结果了第一时间通知您",
        "查清楚后联系您",
        "货一到就给您发",
        "会有专人跟您联系的",
        "尽量早点给您安排",
        "后续会退到您账户的",
        "晚点给您答复哦",
        "待会给您发教程",
        "我们一定给您一个满意的答复",
        "不好意思哈,最近订单多,这两天给您安排",
        "到货之后给您补发",
        "优先给您发出",
        "会帮您向厂家申请赔付的",
        "We'll get back to you soon",
        "I will let you know once I hear from the warehouse",
        "Our team will contact you shortly",
        "Your refund will be processed as soon as possible",
    ],
)
def test_a_promise_without_a_time_fails(reply: str) -> None:
    assert outcome(f"customer 10:00:00 那我的事怎么办\nagent 10:00:30 {reply}\ncustomer 10:01:00 好吧") == "fail"


@pytest.mark.parametrize(
    "reply",
    [
        "今天下午6点前给您发出",
        "尽快哈,最晚明天中午给您答复",
        "我让师傅明早给您打电话",
        "两小时内给您回电",
        "会在3个工作日内原路退回",
        "周五之前一定补发给您",
        "半小时后回您",
        "24h内专员会联系您",
        "预计后天到",
        "11月3号之前给您寄到",
        "月底前退款到账",
        "我们会在[数字x]小时内联系您",
        "十分钟内给您搞定",
        "给您加急了,今晚12点前出库",
        "一两天内会有短信通知您",
        "We will refund you within 3-5 business days",
        "I'll get back to you by 6 pm",
        "It will be shipped tomorrow",
    ],
)
def test_a_promise_with_a_time_passes(reply: str) -> None:
    assert outcome(f"customer 10:00:00 那我的事怎么办\nagent 10:00:30 {reply}\ncustomer 10:01:00 好吧") == "pass"


@pytest.mark.parametrize(
    "reply",
    [
        "这款是纯棉的,不会掉色",
        "支持七天无理由退货的",
        "您可以随时联系我们",
        "请您尽快确认收货地址",
        "一般三天左右到的",
        "已经给您退款了",
        "会员可以享受九五折",
        "这个不会影响使用",
        "有M码的,您要哪个颜色",
        "麻烦您尽快寄回哦",
        "昨天已经发出了",
        "会起球吗?不会的",
        "您稍后自己试一下就行",
        "There is no discount on this item",
        "You can return it if you like",
    ],
)
def test_nothing_promised_is_not_applicable(reply: str) -> None:
    assert outcome(f"customer 10:00:00 想问一下\nagent 10:00:30 {reply}\ncustomer 10:01:00 哦") == "not_applicable"


def test_the_same_agents_next_message_may_name_the_time() -> None:
    assert outcome("customer 10:00 急\nagent 10:01 会尽快给您补发\nagent 10:02 今天18点前寄出") == "pass"


def test_a_colleagues_next_message_may_name_the_time() -> None:
    chat = (
        "customer 10:00 急\nagent 10:01 会尽快给您处理,我转售后\n"
        "system 10:02 transfer 小王 → 小李\nagent:a2 10:03 您好,明天中午前给您换新"
    )
    assert outcome(chat) == "pass"


@pytest.mark.parametrize(
    "line", ["note 10:02 仓库说明天发", "auto 10:02 我们24小时内回复您", "customer 10:02 明天能发吗"]
)
def test_a_time_of_somebody_else_does_not_count(line: str) -> None:
    assert outcome(f"customer 10:00 急\nagent 10:01 会尽快给您补发\n{line}") == "fail"


def test_one_moment_answered_within_minutes_is_no_promise() -> None:
    assert outcome("customer 10:00 到哪了\nagent 10:01 稍等我查下\nagent 10:03 在杭州中转站了") == "pass"


def test_one_moment_never_answered_fails() -> None:
    assert outcome("customer 10:00 到哪了\nagent 10:01 稍等我查下\ncustomer 10:30 人呢") == "fail"


def test_the_finding_shows_the_promise() -> None:
    batch = batch_of("customer 10:00 急\nagent 10:01 亲,过两天给您补发")
    (spot,) = concrete_promise.check(batch, concrete_promise.Params()).findings[0]
    assert (spot.code, batch.texts[spot.row][spot.start : spot.end]) == ("no_time", "过两天给您补发")


@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        ("您的包裹明天发出", ["dispatch_without_arrival"]),
        ("今晚8点前给您寄出", ["dispatch_without_arrival"]),
        ("明天发出,后天能到您手里", []),
        ("明天给您回电", []),
    ],
)
def test_a_day_of_dispatch_without_one_of_arrival_is_found_where_asked_for(reply: str, codes: list[str]) -> None:
    batch = batch_of(f"customer 10:00:00 怎么还没发\nagent 10:00:30 {reply}\ncustomer 10:01:00 好吧")
    asked = concrete_promise.check(batch, concrete_promise.Params(ask_arrival=True))
    assert [spot.code for spot in asked.findings.get(0, ())] == codes
    assert not concrete_promise.check(batch, concrete_promise.Params()).findings.get(0)


@pytest.mark.parametrize("line", ["我们每天9点到22点在线的", "11月11号还有一场,欢迎来逛"])
def test_office_hours_and_sales_are_no_time_for_a_promise(line: str) -> None:
    assert outcome(f"customer 10:00 急\nagent 10:01 有结果告诉您\nagent 10:02 {line}") == "fail"
