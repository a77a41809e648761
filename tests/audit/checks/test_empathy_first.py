"""Is a feeling acknowledged before anything else?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import empathy_first as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        (
            "customer 10:00:00 都五天了还没到,急死人了,你们到底管不管\n"
            "agent 10:00:20 您好,订单显示已到转运中心\n"
            "customer 10:01:00 那什么时候能到\n"
            "agent 10:01:20 预计明天送到"
        ),
    ),
    (
        "fail",
        (
            "customer 10:00:00 太让人失望了,又发错\n"
            "agent 10:00:20 请提供订单号\n"
            "customer 10:00:40 P20261008771\n"
            "agent 10:01:00 非常抱歉给您带来不便"
        ),
    ),
    (
        "pass",
        (
            "customer 10:00:00 都五天了还没到,急死人了,你们到底管不管\n"
            "agent 10:00:20 非常抱歉让您着急了,我马上联系快递核实"
        ),
    ),
    (
        "pass",
        (
            "customer 10:00:00 太让人失望了,又发错\n"
            "agent 10:00:20 您好,我是小唐。等了这么久还发错一次,换谁都会生气,实在对不起\n"
            "agent 10:00:40 我马上给您补发"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 这款有白色的吗\nagent 10:00:20 您好,有的",
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
