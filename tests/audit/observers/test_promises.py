"""Which messages commit the shop to something, by when?"""

from __future__ import annotations

from datetime import datetime

import pytest

from qaplatform.audit.observing import SeenPromise
from tests.audit.build import batch_of


def seen(*transcripts: str) -> list[SeenPromise]:
    promises: list[SeenPromise] = batch_of(*transcripts).observe("promises")
    return promises


@pytest.mark.parametrize(
    ("text", "concrete"),
    [
        ("审核通过会给您安排取件的呢", False),
        ("我们会把建议反馈给厂里", False),
        ("到货后短信通知您", False),
        ("后续不足我们会改进", False),
        ("会的,您放心", False),
        ("[数字x]-[数字x]个工作日到账哦", True),
        ("这边帮您跟进,[数字x]小时短信通知您", True),
        ("已提交申请,财务审核后3个工作日到账", True),
        ("给您在2个小时内回电 您看可以吗", True),
        ("专员会在明天中午12点之前回电给您的哈", True),
        ("2-4天内哦", True),
        ("我们2小时内退给您的,零钱3天到账,信用卡7天到账", True),
    ],
)
def test_a_commitment_is_seen_with_or_without_its_time(text: str, concrete: bool) -> None:
    (promise,) = seen(f"customer 10:00 那怎么办\nagent 10:01 {text}")
    assert promise.concrete is concrete


@pytest.mark.parametrize(
    "text",
    [
        "那给您申请补发可以吗",
        "退款一般3-5个工作日到账",
        "已经帮您催了",
        "请您届时注意查收",
        "如需帮助,小店将竭诚为您服务",
        "建议您稍后再试",
        "这个不会返还的",
        "您后续可以自己申请",
        "储蓄卡3个工作日到账,信用卡5个工作日到账",
        "为您查询中,请稍等",
        "不会的,您放心",
        "换货周期是10天内处理完",
        "自签收之日起7天内办理退货",
        "遇到什么问题,我们会帮您解决",
    ],
)
def test_offers_rules_things_done_and_advice_are_none(text: str) -> None:
    assert seen(f"customer 10:00 那怎么办\nagent 10:01 {text}") == []


def test_only_what_people_of_the_shop_write_to_the_customer_counts() -> None:
    assert (
        seen("customer 10:00 我会尽快联系你\nbot 10:01 会尽快联系您\nauto 10:02 会尽快回您\nnote 10:03 明天给他补发")
        == []
    )


def test_the_deadline_is_found_in_the_original_text() -> None:
    batch = batch_of("customer 10:00 急\nagent 10:01 亲~明天１８点前给您發出")
    (promise,) = batch.observe("promises")
    text = batch.texts[promise.row]
    assert promise.deadline is not None
    assert text[promise.deadline[0] : promise.deadline[1]] == "明天１８点"
    assert text[promise.start : promise.end].startswith("明天１８点前给您")
    assert datetime.fromtimestamp(promise.due, batch.context.zone).strftime("%d %H:%M") == "02 18:00"


def test_messages_of_a_batch_do_not_touch_each_other() -> None:
    alone = "customer 10:00 换货\nagent 10:01 好了短信告知您"
    other = "customer 10:00 在吗\nagent 10:01 您看可以吗"
    assert len(seen(other, alone, other)) == 1
    assert [promise.row for promise in seen(alone, other, alone)] == [1, 5]


def test_a_message_counts_once_and_its_time_wins() -> None:
    (promise,) = seen("customer 10:00 急\nagent 10:01 会尽快给您处理的哈,我们会在今天18点前联系您,请您放心,会处理好的")
    assert promise.concrete


@pytest.mark.parametrize(
    "text",
    [
        "已经登记 6个工作日内为您重开",
        "补贴我给您报上去,[数字x]-[数字x]天到账,您不用管",
        "两个工作日帮您换开成功",
        "我司去通知拦截",
        "小妹反馈给库房核实哈",
        "安装师傅会提前跟您约时间",
        "礼拜三晌午之前准到您家",
        "我们会记录并反馈给工程师,给您带来不便请谅解",
    ],
)
def test_a_promise_beside_what_is_done_said_or_regretted_is_seen(text: str) -> None:
    assert len(seen(f"customer 10:00 那怎么办\nagent 10:01 {text}")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "若卖家超时未处理,平台会在3天内介入处理",
        "以便我们尽快为您核查",
        "那小妹跟您说再见了哦",
        "这是给您配送的师傅电话",
        "也给您处理退款了",
        "赶紧带宝宝去医院看看",
        "给您免费换新 也可以退款,您看哪个方便",
        "留言两三天没人回,是我们做得不好",
    ],
)
def test_conditions_purposes_farewells_and_done_things_are_none(text: str) -> None:
    assert seen(f"customer 10:00 那怎么办\nagent 10:01 {text}") == []


def test_a_question_in_the_next_message_does_not_undo_a_promise() -> None:
    assert len(seen("customer 10:00 那怎么办\nagent 10:01 我们会尽快给您反馈\nagent 10:02 好吗")) == 1


@pytest.mark.parametrize(("answer", "count"), [("可以到", 1), ("行,没问题", 1), ("不会的", 0), ("稍等", 0)])
def test_a_yes_to_the_customers_own_time_is_a_promise(answer: str, count: int) -> None:
    assert len(seen(f"customer 10:00 明天一定要收到的\nagent 10:01 {answer}")) == count


@pytest.mark.parametrize(
    ("text", "concrete"),
    [
        ("I'll check with the warehouse team about this and get back to you by 3pm", True),
        ("I'll check with the warehouse team about this and get back to you", False),
    ],
)
def test_the_time_of_a_promise_in_english_may_stand_farther_away(text: str, concrete: bool) -> None:
    (promise,) = seen(f"customer 10:00 a cup is missing\nagent 10:01 {text}")
    assert promise.concrete is concrete


@pytest.mark.parametrize(
    "text", ["给您换个会修的同事", "I'll pass you over to my colleague Anna", "You'll need to contact the courier"]
)
def test_whoever_is_passed_on_is_promised_nothing(text: str) -> None:
    assert not seen(f"customer 10:00 坏了\nagent 10:01 {text}")
