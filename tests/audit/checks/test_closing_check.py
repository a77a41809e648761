"""Is it asked whether all is well before the chat ends?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import closing_check as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 备注改成放前台\nagent 10:00:20 稍等哦\nagent 10:01:00 备注给您改好了",
    ),
    (
        "fail",
        (
            "customer 10:00:00 这盆能晒太阳吗\nagent 10:00:20 能晒半天\ncustomer 10:00:40 夏天呢\n"
            "agent 10:00:50 夏天挪进屋,感谢咨询,稍后会有评价邀请,麻烦打个分,晚安"
        ),
    ),
    (
        "not_applicable",
        (
            "customer 10:00:00 碗裂了\nagent 10:00:20 麻烦您拍两张裂口的照片\ncustomer 10:00:40 等下 碗在单位\n"
            "agent 10:00:50 嗯嗯不着急"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 能改地址吗\nagent 10:00:20 我去问下仓库",
    ),
    (
        "fail",
        (
            "customer 10:00:00 帮我改下收件电话 13800138000\n"
            "agent 10:00:20 好的,已经改好了\n"
            "customer 10:00:40 嗯\n"
            "agent 10:00:50 嗯嗯"
        ),
    ),
    (
        "pass",
        (
            "customer 10:00:00 帮我改下收件电话 13800138000\n"
            "agent 10:00:20 已经改好了,还有其他可以帮您的吗\n"
            "customer 10:00:40 没有了"
        ),
    ),
    (
        "pass",
        (
            "customer 10:00:00 怎么连蓝牙\n"
            "agent 10:00:20 长按三秒就行\n"
            "customer 10:01:40 连上了 谢谢\n"
            "agent 10:02:00 不客气,祝您生活愉快"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 怎么连蓝牙",
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
