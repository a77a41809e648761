"""Does the shop ask again for what the customer gave?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import asked_twice as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        (
            "customer 10:00:00 少了一包 单号 P20261008771\n"
            "agent 10:00:20 您好,请提供一下订单号\n"
            "customer 10:00:40 刚不是发了吗"
        ),
    ),
    (
        "fail",
        "customer 10:00:00 [图片]\ncustomer 10:00:05 杯子碎了\nagent 10:00:20 您好,麻烦拍张照片发过来",
    ),
    (
        "pass",
        "customer 10:00:00 少了一包 单号 P20261008771\nagent 10:00:20 您好,P20261008771这单对吗",
    ),
    (
        "pass",
        "customer 10:00:00 [图片]\nagent 10:00:20 照片太糊了看不清,麻烦您再拍一张",
    ),
    (
        "pass",
        (
            "customer 10:00:00 单号 P20261008771\n"
            "agent 10:00:20 收到\n"
            "customer 10:01:00 还有一单也少了\n"
            "agent 10:01:20 另一单的订单号发一下"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 好看\nagent 10:00:20 您喜欢就好",
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
