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
