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
