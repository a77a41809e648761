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
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 亲,五颗小星星点亮一下,截图发来领三元哦",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 hao坪加上身照,反现3圆,图发我就行",
    ),
    (
        "fail",
        "customer 10:00:00 我给了差评\nagent 10:00:20 姐,那条差评能撤下来不?我这个月要扣绩效的",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 麻烦您评价一下,评完送您无门槛券",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 您太客气了,辛苦您给我一个评价哦,祝您红包拿到手软",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 稍后给您发个链接,麻烦您点进去给小妹个评价",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 优惠券已经返到您账户了。请您对本次服务做个评价",
    ),
    (
        "pass",
        "customer 10:00:00 评价删了分数会变吗\nagent 10:00:20 删除评价不会删除评分的",
    ),
    (
        "pass",
        "customer 10:00:00 那家酒店是五星的吗\nagent 10:00:20 挂牌五星的,去年评上的,好评率挺高",
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
