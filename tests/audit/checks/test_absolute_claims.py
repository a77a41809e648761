"""Does the shop claim what no one can keep or the law forbids?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.checks import absolute_claims as check
from tests.audit.build import batch_of

CASES = (
    (
        "fail",
        "customer 10:00:00 这款怎么样\nagent 10:00:20 我们家是全网最好的,百分百有效",
    ),
    (
        "fail",
        "customer 10:00:00 祛痘吗\nagent 10:00:20 全国销量第一,绝对不反弹",
    ),
    (
        "pass",
        "customer 10:00:00 这款怎么样\nagent 10:00:20 最近卖得不错,最好您先看下尺码表",
    ),
    (
        "pass",
        "customer 10:00:00 你们是不是最好的\nagent 10:00:20 这款是百分百纯棉的,您可以看下面料成分",
    ),
    (
        "pass",
        "customer 10:00:00 急\nagent 10:00:20 收到,第一时间为您处理,今天18点前发出",
    ),
    (
        "not_applicable",
        "customer 10:00:00 在吗\nbot 10:00:02 全网最好的店铺欢迎您",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 咱家服务在全行业排名头一个",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 我们家的蜂蜜纯度全省没人能超过",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 独家秘方,专治各种失眠,一片就睡着",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 用过的没有说不好的,谁用谁知道",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 喝三天掉五斤,不掉找我",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 不管谁用都保证零伤害",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 提交一次就好,不用重复点",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 您排在第一位,马上到您",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 我们会努力为您提供最贴心、最优质的服务",
    ),
    (
        "pass",
        "customer 10:00:00 有没有极品飞车\nagent 10:00:20 极品飞车还剩一盘",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 这个书包不掉色的",
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
