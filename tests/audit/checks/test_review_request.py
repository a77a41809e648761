"""Are good reviews bought, pressed for or begged?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import review_request as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 收到了\nagent 10:00:20 五星好评截图给我,返您5元红包",
    ),
    (
        "fail",
        "customer 10:00:00 退款\nagent 10:00:20 先把差评改了才能给您退款",
    ),
    (
        "pass",
        "customer 10:00:00 收到了 谢谢\nagent 10:00:20 不客气,方便的话请对本次服务做个评价",
    ),
    (
        "pass",
        "customer 10:00:00 已经好评了\nagent 10:00:20 感谢您的评价",
    ),
    (
        "not_applicable",
        "customer 10:00:00 好评返现吗",
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
