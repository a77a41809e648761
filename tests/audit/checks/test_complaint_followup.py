"""Is a complaint soothed, given a plan with a time, and followed up?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import complaint_followup as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        (
            "customer 10:00:00 我要投诉你们,发错两次了\n"
            "agent 10:00:20 您好,订单号多少\n"
            "customer 10:00:40 P20261008771\n"
            "agent 10:01:00 已经给您补发了\n"
            "customer 10:01:20 哦\n"
            "agent 10:01:30 好的"
        ),
    ),
    # asked in the turn of the plan and answered
    (
        "pass",
        (
            "customer 10:00:00 我要投诉,锅盖是裂的\n"
            "agent 10:00:20 收到裂的谁都窝火,是我们没包好,真对不起\n"
            "agent 10:00:40 新盖子今天下午五点前寄出,这么办您还满意吗\n"
            "customer 10:01:00 嗯 听你的"
        ),
    ),
    (
        "fail",
        (
            "customer 10:00:00 我要投诉,锅盖是裂的\n"
            "agent 10:00:20 收到裂的谁都窝火,是我们没包好,真对不起\n"
            "agent 10:00:40 新盖子今天下午五点前寄出,这么办您还满意吗\n"
            "customer 10:01:00 不满意\n"
            "agent 10:01:20 祝您生活愉快"
        ),
    ),
    # a bare 知道了 confirms nothing
    (
        "fail",
        (
            "customer 10:00:00 我要投诉,锅盖是裂的\n"
            "agent 10:00:20 收到裂的谁都窝火,是我们没包好,真对不起\n"
            "agent 10:00:40 新盖子今天下午五点前寄出\n"
            "customer 10:01:00 知道了\n"
            "agent 10:01:20 祝您生活愉快"
        ),
    ),
    # a colleague rings at a named time
    (
        "pass",
        (
            "customer 10:00:00 我要投诉,锅盖是裂的\n"
            "agent 10:00:20 收到裂的谁都窝火,是我们没包好,真对不起\n"
            "agent 10:00:40 新盖子今天下午五点前寄出,后天上午店长给您去电\n"
            "customer 10:01:00 行"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 这款什么时候补货???\nagent 10:00:20 您好,预计下周一",
    ),
    (
        "not_applicable",
        "customer 10:00:00 东西不错 就是快递慢了点\nagent 10:00:20 谢谢您的支持",
    ),
)


@pytest.mark.parametrize(("expected", "chat"), CASES)
def test_the_outcome_is_what_an_inspector_would_say(expected: str, chat: str) -> None:
    outcomes = check.check(batch_of(chat), check.Params())
    assert OUTCOMES[outcomes.outcome[0]] == expected


@pytest.mark.parametrize("chat", [chat for expected, chat in CASES if expected == "fail"])
def test_a_failure_points_at_words_and_carries_a_known_code(chat: str) -> None:
    batch = batch_of(chat)
    outcomes = check.check(batch, check.Params())
    assert outcomes.outcome[0] == FAIL
    for spot in outcomes.findings[0]:
        assert spot.code in check.CODES
        assert 0 <= spot.start < spot.end <= len(batch.texts[spot.row])
