"""The check complaint_followup."""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks.complaint_followup import Params, check
from tests.audit.build import batch_of

COMPLAINT = "customer 我要投诉,锅底全是锈\n"
SOOTHED = "agent 新锅生锈谁看了都闹心,真对不起\n"
PLAN = "agent 今天下午六点前给您退款\ncustomer 等着\n"
REPORT = "agent 款退了,您看到账了吗\ncustomer 到了\n"


@pytest.mark.parametrize(
    ("transcript", "outcome", "codes"),
    [
        (COMPLAINT + SOOTHED + PLAN + REPORT, "pass", []),
        (COMPLAINT + PLAN + REPORT, "fail", ["no_soothing"]),
        (COMPLAINT + SOOTHED + "agent 我们会重视的\ncustomer 就这\nagent 您还满意吗", "fail", ["no_plan"]),
        (COMPLAINT + SOOTHED + PLAN + "agent 祝您生活愉快", "fail", ["no_follow_up"]),
        (COMPLAINT, "not_applicable", []),
        (COMPLAINT + "agent 正在核实,请稍等", "not_applicable", []),
        ("customer 你们投诉建议箱有大号吗\nagent 有的", "not_applicable", []),
        ("customer 快递员太慢了我要投诉他\nagent 好的", "not_applicable", []),
    ],
)
def test_a_complaint_is_soothed_planned_and_followed_up(transcript: str, outcome: str, codes: list[str]) -> None:
    outcomes = check(batch_of(transcript), Params())
    assert OUTCOMES[outcomes.outcome[0]] == outcome
    assert [spot.code for spot in outcomes.findings.get(0, [])] == codes


ANGRY = "customer 书架缺一块板 你们糊弄谁呢\n"


@pytest.mark.parametrize(
    ("transcript", "outcome", "codes"),
    [
        (ANGRY + SOOTHED + "agent 缺的板今天寄出,周四到\ncustomer 行\nagent 周四晚上我再来问您一声", "pass", []),
        (ANGRY + SOOTHED + "agent 缺的板今天寄出,周四到\ncustomer 行\nagent 心里这个疙瘩解开了没", "pass", []),
        (ANGRY + "agent 缺的板今天寄出,周四到\ncustomer 行\nagent 周四晚上我再来问您一声", "fail", ["no_soothing"]),
        (ANGRY + SOOTHED + "agent 缺的板今天寄出,周四到\ncustomer 哦\nagent 祝您生活愉快", "fail", ["no_follow_up"]),
        (ANGRY + SOOTHED + "agent 今天寄出\ncustomer 哦\nagent 师傅会联系您,有消息会通知您", "fail", ["no_follow_up"]),
        ("customer 快递小哥又乱扔 烦死了\nagent 我们备注一下\ncustomer 好", "not_applicable", []),
        ("customer 尺码选哪个!!!在线等!!!\nagent 选大一码\ncustomer 好", "not_applicable", []),
        ("customer 讨厌的是停不下嘴哈哈哈\nagent 谢谢\ncustomer 再来两箱", "not_applicable", []),
    ],
)
def test_plain_anger_at_the_shop_is_a_complaint(transcript: str, outcome: str, codes: list[str]) -> None:
    outcomes = check(batch_of(transcript), Params())
    assert OUTCOMES[outcomes.outcome[0]] == outcome
    assert [spot.code for spot in outcomes.findings.get(0, [])] == codes
