"""Does the shop turn the customer away with words that start a fight?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import banned_phrase as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 能改地址吗\nagent 10:00:20 这个我也没办法",
    ),
    (
        "fail",
        "customer 10:00:00 能今天发吗\nagent 10:00:20 不。可。能",
    ),
    (
        "fail",
        "customer 10:00:00 怎么只赔这么点\nagent 10:00:20 这是规定,你自己看",
    ),
    (
        "pass",
        "customer 10:00:00 能改地址吗\nagent 10:00:20 您好,不是不可能,我先帮您联系快递拦截",
    ),
    (
        "pass",
        "customer 10:00:00 能改地址吗\nagent 10:00:20 已经出库改不了了,可以帮您申请改派,您看可以吗",
    ),
    (
        "not_applicable",
        "customer 10:00:00 没办法了\nbot 10:00:02 没办法识别您的问题",
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
