"""Is the customer asked again for what was already given?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import asked_twice
from tests.audit.build import batch_of

MOVE = "system 10:01:00 transfer 小王 → 小李"


def outcome(transcript: str) -> str:
    return OUTCOMES[asked_twice.check(batch_of(transcript), asked_twice.Params()).outcome[0]]


def after_transfer(given: str, asked: str) -> str:
    return outcome(
        f"customer 10:00:00 {given}\nagent 10:00:30 好的,这归小李管,我请他来\n{MOVE}\nagent:a2 10:01:30 {asked}\n"
        "customer 10:02:00 嗯"
    )


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("单号20260901778812,杯子碎了", "您好我是小李,订单号报一下呢"),
        ("单号20260901778812,杯子碎了", "您好小李,麻烦提供下订单编号"),
        ("单号20260901778812,杯子碎了", "哪一单呀亲"),
        ("单号20260901778812,杯子碎了", "我是小李,訂單號發我一下"),
        ("订单 A20260901-7788 漏发了勺子", "我小李,把单号丢给我"),
        ("Order 20260901778812 arrived broken", "Hi, could you share your order number?"),
        ("快递单号YT7788120099321,三天没动", "你好,运单号发下我查查"),
        ("SF7788120099321 怎么不动了", "小李为您服务,快递单号多少呢"),
        ("我电话13911112222,快递没打我", "您好,手机号留一下"),
        ("联系13911112222就行,快递没打我", "方便留个联系方式吗"),
        ("补寄到宁波市海曙区柳汀街88号,赵敏,13911112222", "收货地址麻烦给我一下"),
        ("补寄到宁波市海曙区柳汀街88号,赵敏,13911112222", "给您补寄到哪里呢"),
        ("补寄到宁波市海曙区柳汀街88号,赵敏,13911112222", "收件人姓名和电话发我哈"),
        ("壶底漏水,一装就滴", "您好,请问是什么问题呢"),
        ("壶底漏水,一装就滴", "小李在,咋啦亲"),
        ("壶底漏水,一装就滴", "麻烦您把情况再说一遍"),
        ("左边耳机没声音,充满电也不行", "您好我是小李,具体是哪里坏了"),
        ("左边耳机没声音,充满电也不行", "Hi, what seems to be the problem?"),
        ("我168,110斤,穿多大", "亲,身高体重报下"),
        ("身高168体重55公斤穿啥码", "您多高多重呀"),
        ("脚长24.5,该买几码", "亲脚长多少呢"),
        ("要黑色的L码", "请问要什么颜色呢"),
        ("型号是KX-310,充不进电", "机器是什么型号的"),
        ("8月20号买的,现在开裂了", "您是什么时候买的呀"),
        ("我叫赵敏,补发没收到", "您好,您贵姓?名字报一下"),
        ("发票抬头开宁波甬江贸易,税号91330200MA2AXX777K", "抬头和税号麻烦提供下"),
        ("发票发到邮箱zhaomin@163.com", "亲,邮箱发一下"),
        ("因为颜色不喜欢想退", "请问退货原因是什么呢"),
    ],
)
def test_asking_again_after_a_transfer_fails(given: str, asked: str) -> None:
    assert after_transfer(given, asked) == "fail"


@pytest.mark.parametrize(
    "transcript",
    [
        (
            "customer 10:00:00 [图片]\ncustomer 10:00:10 裂了\nagent 10:00:40 看到了\n"
            f"{MOVE}\nagent:a2 10:01:30 您好,拍张照片我看看\ncustomer 10:02:00 刚发过"
        ),
        (
            "customer 10:00:00 [视频]\ncustomer 10:00:10 一开机就响\nagent 10:00:40 看到了,请技师看\n"
            f"{MOVE}\nagent:a2 10:01:30 能录个视频吗"
        ),
        (
            "customer 10:00:00 单号20260901778812\nagent 10:00:20 收到\ncustomer 10:00:40 啥时候发\n"
            "agent 10:01:00 订单号发一下我查\ncustomer 10:01:30 第一句就是啊"
        ),
        "customer 10:00:00 我168,110斤\nagent 10:00:20 好的\ncustomer 10:00:40 穿几码\nagent 10:01:00 身高体重多少呢",
        (
            "customer 10:00:00 我要退货\nbot 10:00:01 请输入订单号\ncustomer 10:00:30 20260901778812\n"
            "agent 10:01:00 您好,请提供订单号"
        ),
        (
            "customer 10:00:00 门把手松了\nagent 10:00:20 订单号呢\ncustomer 10:00:40 20260901778812\n"
            "agent 10:01:00 好\ncustomer 10:01:30 怎么说\nagent 10:02:00 您订单号多少来着"
        ),
        (
            "customer 10:00:00 寄宁波市柳汀街88号 赵敏 13911112222\nagent 10:00:20 好\ncustomer 10:00:40 今天发吗\n"
            "agent 10:01:00 今天发,地址电话给我一下"
        ),
    ],
)
def test_asking_again_anywhere_fails(transcript: str) -> None:
    assert outcome(transcript) == "fail"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("单号20260901778812,杯子碎了", "小李。单号是20260901778812对吗"),
        ("单号20260901778812,杯子碎了", "是尾号8812这单吧"),
        ("单号20260901778812,杯子碎了", "小李接手,8812这单看到了,今天补"),
        ("单号20260901778812,杯子碎了", "小李在,麻烦拍张碎的照片"),
        ("单号20260901778812,杯子碎了", "我这边看到了,您电话留一个,补发用"),
        ("单号20260901778812,我寄回去了", "小李收到,寄回的快递单号发我一下"),
        ("下单手机号13911112222,查不到订单", "查到了,收件人的电话是多少呢"),
        ("补寄到宁波市海曙区柳汀街88号,赵敏,13911112222", "还是寄柳汀街88号赵敏收,没错吧"),
        ("地址写错了,原来是柳汀街88号", "小李帮您改,新地址发我"),
        ("单号2026090177881,杯子碎了", "这个单号少了一位查不到,麻烦核对后再发一次"),
        ("单号20260901778812,杯子碎了,另外还有一单也少东西", "8812的补了,另外那单的订单号发我"),
        ("壶底漏水,一装就滴", "漏水的事小李知道了,请问是什么时候开始漏的"),
        ("壶底漏水,一装就滴", "小李看到了,漏水是从壶嘴还是壶底呢,拍张图"),
        ("我168,110斤,穿多大", "168穿M,您要什么颜色"),
        ("要黑色的L码", "黑色L有的,送到哪里呢"),
        ("尾号8812那单碎了", "小李在,后四位查出三单,完整订单号发一下"),
        ("单号20260901778812,杯子碎了", "不用再发单号了,我这边能看到"),
        ("单号20260901778812,杯子碎了", "您想退还是补发呢"),
        ("发票抬头宁波甬江贸易", "好的,税号发一下"),
        ("Order 20260901778812 arrived broken", "I have your order 20260901778812 here, is that right?"),
    ],
)
def test_confirming_or_asking_for_something_new_passes(given: str, asked: str) -> None:
    assert after_transfer(given, asked) == "pass"


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 10:00:00 [图片]\ncustomer 10:00:10 裂了\nagent 10:00:40 图没加载出来,麻烦重新发一张",
        "customer 10:00:00 [图片]\ncustomer 10:00:10 裂了\nagent 10:00:40 有点糊,换个光线再拍一张好吗",
        "customer 10:00:00 [图片]\ncustomer 10:00:10 裂了\nagent 10:00:40 看到裂纹了,再拍下外箱和面单",
        "customer 10:00:00 [图片]\ncustomer 10:00:10 裂了\nagent 10:00:40 收到。订单号也发我",
        (
            "customer 10:00:00 杯子碎了\nagent 10:00:20 订单号发一下\ncustomer 10:00:40 等下我找找\n"
            "agent 10:05:00 亲订单号找到了吗,发一下哈"
        ),
        (
            "customer 10:00:00 地址宁波市海曙区柳汀街88号\nagent 10:00:20 好\ncustomer 10:00:40 算了,我换个地址\n"
            "agent 10:01:00 好的,新的收货地址发我"
        ),
        (
            "customer 10:00:00 电话13911112222\nagent 10:00:20 好\ncustomer 10:00:40 这个号停了,改成我老公的\n"
            "agent 10:01:00 行,您老公手机号发我"
        ),
        (
            "customer 10:00:00 单号20260901778812\nagent 10:00:20 这单好了\ncustomer 10:00:40 还有一单也查下\n"
            "agent 10:01:00 好,订单号发我"
        ),
        "customer 10:00:00 单号20260901778812\nnote 10:00:20 订单号再问一下客户\nagent 10:00:40 查到了",
        "customer 10:00:00 单号20260901778812,电话13911112222\nagent 10:00:40 收到,马上查",
    ],
)
def test_good_reasons_to_ask_pass(transcript: str) -> None:
    assert outcome(transcript) == "pass"


@pytest.mark.parametrize(
    "transcript",
    [
        "customer 10:00:00 毛巾很软\nagent 10:00:20 谢谢支持",
        "customer 10:00:00 收到了,挺好\nagent 10:00:20 您喜欢就好\ncustomer 10:00:40 嗯嗯",
    ],
)
def test_where_nothing_is_given_or_asked_it_does_not_apply(transcript: str) -> None:
    assert outcome(transcript) == "not_applicable"
