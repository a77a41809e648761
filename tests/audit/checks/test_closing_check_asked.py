"""What asks whether all is well, what only looks like it, and where a chat breaks off: invented chats."""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import closing_check as check
from tests.audit.build import batch_of

CHATS = [
    (
        "pass",
        [
            "customer 10:00:00 键盘空格键不回弹",
            "agent 10:01:00 亲您好,键帽拔下来重新压一下就行",
            "customer 10:02:00 好了",
            "agent 10:03:00 那就好,还有啥不对劲的您言语一声,别的键都正常不?",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 键盘空格键不回弹",
            "agent 10:01:00 亲您好,键帽拔下来重新压一下就行",
            "customer 10:02:00 试试",
            "agent 10:03:00 有问题随时滴滴我",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 想改下尺码",
            "agent 10:01:00 您好,改成L了",
            "customer 10:02:00 嗯",
            "agent 10:03:00 感谢惠顾,期待您再次光临",
        ],
    ),
    (
        "pass",
        ["customer 10:00:00 想改下尺码", "agent 10:01:00 您好,改成L了,您瞅瞅还差啥不", "customer 10:02:00 不差了"],
    ),
    (
        "pass",
        [
            "customer 10:00:00 快递送错楼了",
            "agent 10:01:00 抱歉,站点已经重新送了",
            "customer 10:02:00 拿到了 谢谢",
            "agent 10:03:00 不客气,应该的",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 保温杯盖漏水",
            "agent 10:01:00 您好,给您寄个新盖子,后天到",
            "customer 10:02:00 行",
            "agent 10:03:00 顺便看看我们新款吸管杯?现在第二件半价",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 保温杯盖漏水",
            "agent 10:01:00 您好,给您寄个新盖子,后天到",
            "customer 10:02:00 行",
            "agent 10:03:00 这么弄您看中不?",
        ],
    ),
    (
        "not_applicable",
        ["customer 10:00:00 保温杯盖漏水", "agent 10:01:00 您好,您把漏水的地方拍张照给我", "customer 10:02:00 好"],
    ),
    (
        "not_applicable",
        ["customer 10:00:00 保温杯盖漏水", "agent 10:01:00 您好,我跟仓库核实下,您稍等", "customer 10:02:00 嗯"],
    ),
    ("not_applicable", ["customer 10:00:00 多少钱", "agent 10:01:00 您好"]),
    (
        "not_applicable",
        ["customer 10:00:00 什么时候发货", "agent 10:01:00 您好,今天下午发", "customer 10:02:00 那发什么快递?"],
    ),
    (
        "pass",
        [
            "customer 10:00:00 投影仪没声音",
            "agent 10:01:00 您好,设置里把蓝牙关了试试",
            "customer 10:02:00 有声音了",
            "agent 10:03:00 好嘞,那就不打扰您看电影啦",
        ],
    ),
    (
        "fail",
        ["customer 10:00:00 投影仪没声音", "agent 10:01:00 您好,设置里把蓝牙关了试试", "customer 10:02:00 有声音了"],
    ),
    (
        "pass",
        [
            "customer 10:00:00 赠品没到",
            "agent 10:01:00 抱歉漏了,今天补寄",
            "customer 10:02:00 好的",
            "agent 10:03:00 我这么处理,您心里能过得去不",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 赠品没到",
            "agent 10:01:00 抱歉漏了,今天补寄",
            "customer 10:02:00 好的",
            "bot 10:03:00 请问还有什么可以帮您?",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 退款怎么还没到",
            "agent 10:01:00 您好,查到了,今天已经到您微信零钱",
            "customer 10:02:00 看到了",
            "agent 10:03:00 那您这边没别的事了吧?",
            "customer 10:04:00 没",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 退款怎么还没到",
            "agent 10:01:00 您好,查到了,今天已经到您微信零钱",
            "customer 10:02:00 看到了",
            "agent 10:03:00 好",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 能开专票吗",
            "agent 10:01:00 您好,可以,已经开了发您邮箱",
            "customer 10:02:00 收到邮件了",
            "agent 10:03:00 麻烦给个五星好评哦",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 洗衣液洒了",
            "agent 10:01:00 您好,给您补一瓶",
            "customer 10:02:00 中",
            "agent 10:03:00 其他几瓶没事吧?",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 尺码偏大",
            "agent 10:01:00 您好,换M给您寄,运费我们出",
            "customer 10:02:00 那就换吧",
            "agent 10:03:00 换货单建好了",
            "customer 10:04:00 嗯嗯",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 唔该改地址",
            "agent 10:01:00 改咗喇",
            "customer 10:02:00 好",
            "agent 10:03:00 仲有咩可以帮到你呀",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 灯带不亮",
            "agent 10:01:00 您好,插头反过来插",
            "customer 10:02:00 亮了亮了",
            "agent 10:03:00 太好了",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 灯带不亮",
            "agent 10:01:00 您好,插头反过来插,这样亮了吗",
            "customer 10:02:00 亮了 对了还想问下遥控器电池几号",
            "agent 10:03:00 7号的",
            "customer 10:04:00 哦",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 灯带不亮",
            "agent 10:01:00 您好,插头反过来插",
            "customer 10:02:00 可以了",
            "agent 10:03:00 可以了就好,还有不明白的吗",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 My mug arrived broken",
            "agent 10:01:00 So sorry! A new one ships today",
            "customer 10:02:00 ok",
            "agent 10:03:00 Anything else you need?",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 怎么安装",
            "agent 10:01:00 您好,视频发您了,照着拧四个螺丝",
            "customer 10:02:00 装上了",
            "agent 10:03:00 装得还顺利不?",
        ],
    ),
    (
        "fail",
        [
            "customer 10:00:00 怎么安装",
            "agent 10:01:00 您好,视频发您了,照着拧四个螺丝",
            "customer 10:02:00 哦哦",
            "agent 10:03:00 您要是喜欢可以收藏店铺",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 小票丢了能退吗",
            "agent 10:01:00 您好,能退,凭订单就行",
            "customer 10:02:00 懂了",
            "agent 10:03:00 哪里没讲明白的,我再给您细说?",
        ],
    ),
    (
        "pass",
        [
            "customer 10:00:00 发票抬头错了",
            "agent 10:01:00 您好,重开了,麻烦您核对一下,没问题吧",
            "customer 10:02:00 没问题",
        ],
    ),
]


@pytest.mark.parametrize(("expected", "lines"), CHATS)
def test_an_inspector_would_say_the_same(expected: str, lines: list[str]) -> None:
    outcomes = check.check(batch_of("\n".join(lines)), check.Params())
    assert OUTCOMES[outcomes.outcome[0]] == expected
