"""Is a real question answered with next to nothing?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import curt_reply as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 红色和白色哪个耐脏\nagent 10:00:20 哦",
    ),
    (
        "fail",
        "customer 10:00:00 这个坐飞机怎么带\nagent 10:00:20 看详情页",
    ),
    (
        "pass",
        "customer 10:00:00 红色和白色哪个耐脏\nagent 10:00:20 嗯\nagent 10:00:26 红色耐脏一些,深色不显旧",
    ),
    (
        "pass",
        "customer 10:00:00 谢谢啦\nagent 10:00:20 嗯嗯",
    ),
    (
        "pass",
        "customer 10:00:00 有货吗\nagent 10:00:20 有的",
    ),
    (
        "not_applicable",
        "customer 10:00:00 有货吗\nbot 10:00:02 嗯",
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
