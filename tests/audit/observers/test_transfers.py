"""Where does the conversation or the problem move on?"""

from __future__ import annotations

import pytest

from qaplatform.audit.observing import SeenTransfer
from tests.audit.build import batch_of


def seen(transcript: str) -> list[SeenTransfer]:
    transfers: list[SeenTransfer] = batch_of(transcript).observe("transfers")
    return transfers


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("您的情况已转交专人核查", "handover"),
        ("这个已经反馈给相关部门核实处理", "handover"),
        ("由技术同事继续为您服务", "handover"),
        ("帮您升级处理,专员会联系您", "escalation"),
        ("建议您联系厂家售后看看", "referral_away"),
        ("您可以拨打热线 400-820-1234", "referral_away"),
        ("这个要和航空公司沟通的", "referral_away"),
    ],
)
def test_words_of_the_agent_show_it(text: str, kind: str) -> None:
    (transfer,) = seen(f"customer 10:00 坏了\nagent 10:01 {text}")
    assert (transfer.kind, transfer.announced) == (kind, True)


@pytest.mark.parametrize(
    "text",
    [
        "我帮您转接专员可以吗",
        "请私信提供号码,以便我们转交同事",
        "我联系一下仓库催催",
        "有问题随时联系客服",
        "系统升级到最新版就好",
        "转接头有货的",
        "无法为您转接哦",
        "麻烦提供一下您的联系电话",
        "您可以带上发票到附近的网点检测一下",
        "拨打客服热线也是无法修改的",
    ],
)
def test_offers_own_enquiries_and_other_senses_are_none(text: str) -> None:
    assert seen(f"customer 10:00 坏了\nagent 10:01 {text}") == []


@pytest.mark.parametrize(("again", "count"), [("明天由专员继续为您跟进", 1), ("这个已经反馈给相关部门核实处理", 2)])
def test_the_same_party_named_again_is_one_transfer(again: str, count: int) -> None:
    told = "customer 10:00 坏了\nagent 10:01 我把您的单子转给专员处理\ncustomer 10:02 好吧\n"
    assert len(seen(told + f"agent 10:03 {again}")) == count


@pytest.mark.parametrize(("answer", "count"), [("行吧", 1), ("干嘛要这样", 0)])
def test_somebody_called_in_counts_once_the_customer_agrees(answer: str, count: int) -> None:
    offer = "customer 10:00 坏了\nagent 10:01 这边给您登记专员跟进可以吗\n"
    assert len(seen(offer + f"customer 10:02 {answer}")) == count


def test_announcement_system_line_and_change_of_agent_are_one_transfer() -> None:
    (transfer,) = seen(
        "customer 10:00 坏了\nagent 10:01 这块归技术管,请小李来跟您说\n"
        "system 10:02 transfer 小王 → 小李\nagent:a2 10:03 您好"
    )
    assert (transfer.row, transfer.who_named, transfer.reason_given) == (1, True, True)


def test_a_change_of_agent_without_a_line_is_one() -> None:
    (transfer,) = seen("customer 10:00 坏了\nagent 10:01 嗯\ncustomer 10:02 ?\nagent:a2 10:03 在的")
    assert (transfer.row, transfer.kind, transfer.announced) == (3, "handover", False)


def test_a_note_tells_the_customer_nothing() -> None:
    (transfer,) = seen(
        "customer 10:00 坏了\nnote 10:01 转技术小李,他负责\nsystem 10:02 transfer 甲 → 乙\nagent:a2 10:03 在的"
    )
    assert (transfer.announced, transfer.who_named, transfer.reason_given) == (False, False, False)


def test_what_comes_after_the_customer_asked_is_too_late() -> None:
    (transfer,) = seen(
        "customer 10:00 坏了\nsystem 10:01 transfer 甲 → 乙\nagent:a2 10:02 在的\n"
        "customer 10:03 换人了?\nagent:a2 10:04 我是技术小李"
    )
    assert not transfer.who_named
