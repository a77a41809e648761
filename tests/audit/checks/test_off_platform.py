"""Is the customer led off the platform?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import off_platform as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 能便宜点吗\nagent 10:00:20 加我薇信给您优惠价",
    ),
    (
        "fail",
        "customer 10:00:00 能便宜点吗\nagent 10:00:20 加一下V❤信 abc12345",
    ),
    (
        "pass",
        "customer 10:00:00 可以微信支付吗\nagent 10:00:20 可以的,下单页面支持微信支付",
    ),
    (
        "pass",
        "customer 10:00:00 加个微信吧\nagent 10:00:20 不好意思,平台规定不能加微信,您在这里说就可以",
    ),
    (
        "not_applicable",
        "customer 10:00:00 加微信吗",
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
