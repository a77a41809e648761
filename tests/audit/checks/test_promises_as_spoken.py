"""Promises the way people really say them: short, crooked, in dialect and in halves."""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import concrete_promise
from tests.audit.build import batch_of

VAGUE = [
    "差额我补给您", "我叫仓库给您加急", "我去问问老板再回您", "批了就给您退", "师傅会跟您约时间", "抽空给您寄回去",
    "办妥了招呼您一声", "俺给恁整一个", "财务核对后我给您回复", "用不了几天", "让财务那边跟您联系", "您寄回来我们给您修",
    "在排了在排了,轮到您就发", "财务审完就退给您哈", "下批货来了给您补",
    "开好就发您邮箱", "这事我记着呢,一定给您个说法",
    "俺给你催着呢,指定给你整利索", "放心啦,不会让您等太久的",
    "应该很快就到啦", "就这几天的事", "少的螺丝后面会给您补上",
    "补!肯定给您补!", "下次一起给您寄过去", "已上报,有进展会同步您", "催到了跟您讲", "马上马上,就快出库了",
    "差价我记下了,晚些时候操作", "等活动结束统一返给大家", "到了我第一个喊您",
]  # fmt: skip
DATED = [
    "货20:30之前给您送到", "顶多一刻钟,我给您弄清楚",
    "差价10块,今晚22点前返您支付宝", "下午三点给您准信", "预计周四到您手里", "好的给您留到今晚十二点", "等我两分钟哈",
    "给我一刻钟,我去问", "一会儿给您回,最迟三点", "是明天上午发", "尽快补发,明天的顺丰", "我给您补一个,后天上午寄",
]  # fmt: skip
NONE = [
    "给您查一下库存", "非常抱歉给您带来不便,请您稍后再试", "给您补发好了,单号发您了", "您看给您补发还是退款", "麻烦给我发张照片",
    "信用卡3到5个工作日退款到账,储蓄卡1到3个工作日到账", "机器会发出声音",
    "洗坏的话不在质保范围内", "两小时就能充满", "18个月,开封后尽快食用", "一天三次,饭后半小时", "江浙沪一般次日达",
    "有事随时喊我",
    "昨天下午发的,单号1234", "早点下单早点享受哦",
    "这个价以后不会再有了", "改好了,您刷新下", "每天下午五点前的单当天发",
    "充满电后长按三秒就会开机", "整机一年,电池半年",
    "这事我管到底", "这件事我来负责到底", "您这单我跟到底", "快递会打这个电话", "安装师傅会打您预留的号码", "验证码会发到您手机",
]  # fmt: skip
CASES = (
    [(text, "fail") for text in VAGUE]
    + [(text, "pass") for text in DATED]
    + [(text, "not_applicable") for text in NONE]
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_is_promised_is_heard(text: str, expected: str) -> None:
    batch = batch_of(f"customer 10:00 那怎么说\nagent 10:01 {text}\ncustomer 10:02 好")
    assert OUTCOMES[concrete_promise.check(batch, concrete_promise.Params()).outcome[0]] == expected


@pytest.mark.parametrize("answer", ["三天内哈", "明儿一早,九点到十点之间", "周四吧"])
def test_a_short_answer_to_when_is_a_promise_with_a_time(answer: str) -> None:
    batch = batch_of(f"customer 10:00 什么时候能发\nagent 10:01 {answer}\ncustomer 10:02 好")
    assert OUTCOMES[concrete_promise.check(batch, concrete_promise.Params()).outcome[0]] == "pass"
