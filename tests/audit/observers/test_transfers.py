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


KEPT = (
    "我已提交给财务,财务核对后我给您回复",
    "已经反馈给仓库了",
    "申请递交给主管了",
    "您的情况我上报给主管了,有结果我第一时间告诉您",
    "单子转给技术同事看了,我这边盯着",
    "我转给财务核对,半小时内我给您答复",
    "件已经交给仓库了",
    "样品交给质检检测去了",
    "I have passed this to our warehouse and will update you by 5pm",
    "我把您的建议转给产品同事了",
    "好评转给打包的小姐姐看了",
    "照片我转给师傅看一眼",
    "快递转到另一个网点派送了",
    "已转达给发货组,他们会注意的",
    "您跟师傅约好时间就行",
)
HANDED = (
    "我把您转给财务,财务会跟您核对",
    "您的情况已转交财务,由财务继续为您处理",
    "已提交给专员为您处理",
    "我把您的单子交给同事小方,他接着跟您沟通",
    "单子已转给技术,技术会直接联系您,我也跟进着",
    "My colleague will take it from here",
    "我现在把您接到售后部",
    "这个我请老王接手",
    "单子已转给专员,我们会尽快给您回复",
)


@pytest.mark.parametrize(("text", "count"), [*((text, 0) for text in KEPT), *((text, 1) for text in HANDED)])
def test_what_is_only_passed_on_inside_is_no_transfer(text: str, count: int) -> None:
    assert len(seen(f"customer 10:00 少退了十块\nagent 10:01 {text}")) == count


def test_the_agent_may_say_in_the_next_message_that_the_answer_comes_from_them() -> None:
    passed_on = "customer 10:00 少退了十块\nagent 10:01 您的情况已经转给财务同事了\n"
    assert len(seen(passed_on)) == 1
    assert not seen(passed_on + "agent 10:02 我下午三点前给您回复")
    assert len(seen(passed_on + "customer 10:02 好\nagent 10:03 我下午三点前给您回复")) == 1


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
