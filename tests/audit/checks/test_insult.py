"""Does the shop insult or mock the customer?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import insult as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 怎么又发错了\nagent 10:00:20 你是不是有病啊",
    ),
    (
        "fail",
        "customer 10:00:00 装不上\nagent 10:00:20 这么简单都不会,智商堪忧",
    ),
    (
        "pass",
        "customer 10:00:00 你是不是有病啊\nagent 10:00:20 抱歉给您添堵了,我马上核实",
    ),
    (
        "pass",
        "customer 10:00:00 你们真笨\nagent 10:00:20 是我笨手笨脚弄错了,对不起",
    ),
    (
        "not_applicable",
        "customer 10:00:00 傻瓜\nbot 10:00:02 请问有什么可以帮您",
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
