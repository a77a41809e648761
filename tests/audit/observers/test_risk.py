"""Risk: who is likely to leave dissatisfied, why, and who should be seen first."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observers import risk
from qaplatform.audit.observers.risk import Params, observe
from qaplatform.audit.observing import ObserverSet, SeenRisk
from tests.audit.build import batch_of, shipped_matcher

CALM = "customer 请问这款有黑色吗\nagent 有的哦亲\ncustomer 好的"
THANKED = "customer 请问怎么开发票\nagent 您在我的订单里点击申请开票就可以\ncustomer 找到了,谢谢"
ANGRY = "customer 三天了还不发货,太坑人了\nagent 请您耐心等待\ncustomer 又是耐心等待,你们就是骗子"
SOOTHED = "customer 三天了还不发货,太坑人了\nagent 非常抱歉,已经为您加急安排发出\ncustomer 看到物流了,谢谢你"

RISKIER = [
    ("anger that returns after a reply", ANGRY, CALM),
    ("anger to the end", ANGRY, SOOTHED),
    ("thanks at the end", CALM, THANKED),
    (
        "a form letter for an answer",
        "customer 宽带连不上了\nagent 感谢您的反馈,请私信联系方式",
        "customer 宽带连不上了\nagent 请您重启光猫试试",
    ),
    ("no reply at all", "customer 宽带连不上了", "customer 宽带连不上了\nagent 请您重启光猫试试"),
    (
        "a refund that is refused",
        "customer 鞋子小了能退吗\nagent 这个确实无法退货\ncustomer 哦哦",
        "customer 鞋子小了能退吗\nagent 可以的,给您退款\ncustomer 哦哦",
    ),
    (
        "an answer that did not help",
        "customer 软件打不开\nagent 您重启一下试试\ncustomer 试过了,还是不行",
        "customer 软件打不开\nagent 您重启一下试试\ncustomer 可以打开了",
    ),
    (
        "the same question again",
        "customer 我的快递到哪了\nagent 稍等\ncustomer 我的快递到哪了\nagent 我看下",
        "customer 我的快递到哪了\nagent 稍等\ncustomer 顺便问下几点送\nagent 我看下",
    ),
    (
        "giving up",
        "customer 能便宜点吗\nagent 已经是活动价了\ncustomer 算了,不买了",
        "customer 能便宜点吗\nagent 已经是活动价了\ncustomer 嗯嗯,我下单了",
    ),
    (
        "leaving for good",
        "customer 这质量真不好\nagent 收到\ncustomer 以后再也不买你们家了",
        "customer 这质量真不好\nagent 收到\ncustomer 下次买你们别的款",
    ),
    (
        "an English complaint",
        "customer Worst service ever, I will never buy here again\nagent Sorry to hear that",
        "customer Does it ship today?\nagent Yes it ships today\ncustomer Great, thank you",
    ),
]


@pytest.mark.parametrize(("riskier", "safer"), [case[1:] for case in RISKIER], ids=[case[0] for case in RISKIER])
def test_it_raises_the_risk(riskier: str, safer: str) -> None:
    risk = observe(batch_of(riskier, safer), Params()).risk
    assert risk[0] > risk[1]


REASONS = [
    (ANGRY, {"upset", "upset_after_reply", "ends_upset", "furious"}),
    ("customer 宽带连不上了", {"no_reply"}),
    ("customer 宽带连不上了\nagent 感谢您的反馈,请私信联系方式", {"form_letter"}),
    ("customer 不给退我就去12315投诉\nagent 稍等", {"threat"}),
    ("customer 软件打不开\nagent 您重启一下试试\ncustomer 试过了,还是不行\nagent 我反馈一下", {"still_bad"}),
    ("customer 这是第三次来问了\nagent 您说", {"contacted_before"}),
    ("customer 你们客服挂我电话,什么态度\nagent 抱歉", {"complaint"}),
    ("customer 能退吗\nagent 这个确实无法退货\ncustomer 好吧", {"refused", "resigned"}),
]


@pytest.mark.parametrize(("transcript", "codes"), REASONS)
def test_the_reasons_say_what_raises_it(transcript: str, codes: set[str]) -> None:
    assert codes <= set(observe(batch_of(transcript), Params(most_reasons=20)).reasons[0])


def test_a_chat_that_ends_well_has_no_angry_end_among_its_reasons() -> None:
    seen = observe(batch_of(SOOTHED), Params(most_reasons=20))
    assert "upset" in seen.reasons[0]
    assert not {"ends_upset", "upset_after_reply", "no_reply"} & set(seen.reasons[0])


def test_the_strongest_reason_comes_first_and_only_so_many_are_told() -> None:
    params = Params(threat=5.0, most_reasons=2)
    reasons = observe(batch_of("customer 骗子,我要去12315投诉你们\nagent 请私信"), params).reasons[0]
    assert reasons[0] == "threat"
    assert len(reasons) == 2


def test_every_sign_is_documented_by_its_code() -> None:
    told = observe(batch_of(*(case[1] for case in RISKIER), ANGRY, "customer 投诉"), Params(most_reasons=40)).reasons
    assert all(f"``{code}``" in (risk.__doc__ or "") for reasons in told for code in reasons)


def seen_of(transcript: str, **facts: Any) -> SeenRisk:
    conversation = Conversation(id="1", messages=parse_messages(transcript), **facts)
    return observe(Batch([conversation], shipped_matcher(), Context(), ObserverSet()), Params())


STAKES = [
    ({"customer": Customer(tier="Gold")}, "valued_customer"),
    ({"customer": Customer(order_value=5000.0)}, "high_order_value"),
    ({"csat": 1.0}, "low_csat"),
    ({"meta": {"earlier_contacts": 2}}, "repeated_case"),
]


@pytest.mark.parametrize(("facts", "code"), STAKES)
def test_stakes_raise_the_priority_and_leave_the_risk(facts: dict[str, Any], code: str) -> None:
    plain, high = seen_of(CALM), seen_of(CALM, **facts)
    assert high.risk[0] == plain.risk[0]
    assert plain.priority[0] < high.priority[0] < 1
    assert code in high.reasons[0]


@pytest.mark.parametrize(
    "facts",
    [
        {"customer": Customer(tier="silver", order_value=0.0)},
        {"csat": 5.0},
        {"meta": {"earlier_contacts": "many"}},
        {"case_id": "k1"},
    ],
)
def test_ordinary_facts_leave_the_priority(facts: dict[str, Any]) -> None:
    assert seen_of(CALM, **facts).priority[0] == seen_of(CALM).priority[0]


def test_a_threat_is_seen_before_an_equal_risk_without_one() -> None:
    params = Params(threat=0.0)
    seen = observe(batch_of("customer 太差了,我要去12315投诉\nagent 请稍等"), params)
    assert seen.priority[0] > seen.risk[0]


def test_the_result_does_not_depend_on_the_batch() -> None:
    transcripts = [text for case in RISKIER for text in case[1:]]
    together = observe(batch_of(*transcripts), Params())
    for index, transcript in enumerate(transcripts):
        alone = observe(batch_of(transcript), Params())
        assert alone.risk[0] == pytest.approx(together.risk[index])
        assert alone.reasons[0] == together.reasons[index]


def test_risk_and_priority_lie_between_0_and_1() -> None:
    seen = observe(batch_of(*[text for case in RISKIER for text in case[1:]]), Params())
    assert ((seen.risk > 0) & (seen.risk <= seen.priority) & (seen.priority < 1)).all()


@pytest.mark.parametrize(
    "transcripts", [(), ("",), ("note 已转仓库",), ("system transfer a → b",), ("customer ",), ("agent 您好",)]
)
def test_odd_chats_are_no_trouble(transcripts: tuple[str, ...]) -> None:
    seen = observe(batch_of(*transcripts), Params())
    assert len(seen.reasons) == seen.risk.size == len(transcripts)
    assert np.isfinite(seen.risk).all()


def test_all_points_can_be_set_by_a_rubric() -> None:
    params = msgspec.convert({"base": -2.0, "thanked": -3.0, "valued_tiers": ["vip"]}, Params)
    assert observe(batch_of(THANKED), params).risk[0] < observe(batch_of(THANKED), Params()).risk[0]
