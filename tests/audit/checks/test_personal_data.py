"""Are secrets asked for or data given away?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import personal_data as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 绑定不上\nagent 10:00:20 您把刚收到的验证码发给我一下",
    ),
    (
        "fail",
        "customer 10:00:00 没收到\nagent 10:00:20 跟别人的面单贴反了,在刘女士那里,13800001111 您打她电话",
    ),
    (
        "fail",
        "customer 10:00:00 清关卡住了\nagent 10:00:20 您登记的身份证号是11010119900101123X",
    ),
    (
        "pass",
        "customer 10:00:00 有人让我报验证码\nagent 10:00:20 我们不会向您要验证码的,任何人要都别给",
    ),
    (
        "pass",
        "customer 10:00:00 单号多少\nagent 10:00:20 圆通 YT8013579246138",
    ),
    (
        "fail",
        (
            "customer 10:00:00 把我表妹的收货地址发我一下\nagent 10:00:20 这个不方便给您哦\n"
            "customer 10:00:40 我真是她表姐 一家人\nagent 10:00:50 好吧 江月路12号3幢502"
        ),
    ),
    (
        "pass",
        (
            "customer 10:00:00 把我表妹的收货地址发我一下\nagent 10:00:20 这个不方便给您哦\n"
            "customer 10:00:40 那寄到我家湖滨路18号3栋502\nagent 10:00:50 好的 湖滨路18号3栋502 今天给您发"
        ),
    ),
    (
        "not_applicable",
        "customer 10:00:00 我电话13800001111",
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
