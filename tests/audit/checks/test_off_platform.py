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
        "pass",
        "customer 10:00:00 加个微信 私下便宜点\nagent 10:00:20 哈喽 微信加不了的哦 平台规定不让私下交易",
    ),
    (
        "pass",
        "customer 10:00:00 要不加个微信 私下转你\nagent 10:00:20 私下转账的话您没保障的,咱们还是走平台吧",
    ),
    (
        "pass",
        "customer 10:00:00 要不加个微信 私下转你\nagent 10:00:20 咱不走私下哈 加微信的话违反平台规定",
    ),
    (
        "not_applicable",
        "customer 10:00:00 加微信吗",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 这边发不了大图,您扫我头像旁边那个码",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 想便宜点的话您私底下找我,不经过店铺",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 刮开卡片有我们设计师的薇,加一下领教程",
    ),
    (
        "fail",
        "customer 10:00:00 能加个V吗\nagent 10:00:20 可以呀 您报一下号 我来加",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 以后补货都在那边找我,比店里省两成",
    ),
    (
        "fail",
        "customer 10:00:00 在吗\nagent 10:00:20 袋子里那个码扫了是老板娘本人,定金也找她付",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 我处在线QQ:800012345客服,会为您解答",
    ),
    (
        "pass",
        "customer 10:00:00 有没有奇瑞qq的坐垫\nagent 10:00:20 您要的是QQ3还是QQ6,两种底盘不一样",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 您在微信里点开那笔付款,看看有没有退款记录",
    ),
    (
        "pass",
        "customer 10:00:00 手表怎么用\nagent 10:00:20 绑好以后奶奶也能加您的微信好友",
    ),
    (
        "pass",
        "customer 10:00:00 在吗\nagent 10:00:20 快递员会用私人手机给您打电话,请保持畅通",
    ),
    (
        "pass",
        "customer 10:00:00 软件打不开\nagent 10:00:20 您留个QQ吧,我们技术人员远程帮您看",
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
