"""Does the first human turn greet the customer or say who is writing?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import greeting
from tests.audit.build import batch_of


def outcome(transcript: str) -> str:
    return OUTCOMES[greeting.check(batch_of(transcript), greeting.Params()).outcome[0]]


def answered_with(reply: str) -> str:
    return outcome(f"customer 15:00:00 这款偏小吗\nagent 15:00:20 {reply}\ncustomer 15:00:40 好\nagent 15:01:00 嗯嗯")


@pytest.mark.parametrize(
    "reply",
    [
        "您好,正常尺码",
        "古德猫宁,正码",
        "早鸭~正码",
        "元旦如意呀,正码",
        "Morning! True to size",
        "掌柜来啦,正码",
        "由我来为您解答,正码",
        "你好亲 按平时穿的拍",
        "hello亲,不偏",
        "哈喽哈喽~ 正码哦",
        "哈啰,正码",
        "哈罗 正码的哈",
        "嗨,姐妹,不偏小",
        "嘿 朋友,这款正常",
        "下午好呀,建议大一码",
        "中午好~正码",
        "晚上好,正码",
        "早呀,正码的",
        "早上好亲,偏小半码",
        "早安☀ 正码",
        "上午好!偏小",
        "在呢,您说",
        "在的,这款正码",
        "在在在,正码哈",
        "诶 我在,您讲",
        "欢迎光临小店,这款正码",
        "欢迎来到本店~正码",
        "欢迎您!正码",
        "我是客服小王,这款正常尺码",
        "我是您的专属顾问阿宁,这款正码",
        "这里是售后小周,这款正码",
        "这边是客服阿宁 正码",
        "小王为您服务,正码",
        "工号1024为您服务,正码",
        "很高兴为您服务,这款正码",
        "竭诚为您服务,正码",
        "妳好,這款正碼",
        "您 好 ,正码",
        "您·好~正码",
        "侬好呀,正码额",
        "雷猴啊,呢款正码嘅",
        "尼好,正码",
        "nihao~正码",
        "Ni hao 亲,正码",
        "Hi, it runs true to size",
        "Hey there! True to size",
        "Good evening! It runs small",
        "Greetings, it runs small",
        "Welcome to our store, it runs small",
        "This is Amy from customer service. It runs small",
        "My name is Amy, it runs small",
        "新年好呀,正码",
        "中秋快乐亲,正码的",
        "老板好,正码",
        "姐姐好~正码",
        "宝子好呀 正码",
        "各位家人好,正码",
        "您好您好,刚在打包,正码的",
        "正码的,对了忘了说您好😄",
    ],
)
def test_a_greeting_or_an_introduction_passes(reply: str) -> None:
    assert answered_with(reply) == "pass"


@pytest.mark.parametrize(
    "reply",
    [
        "正码",
        "亲,正码的",
        "亲亲 这款不偏哦",
        "美女,正码",
        "嗯 正常",
        "您好像看错款了,这款正码",
        "您好眼光,这款正码",
        "你好久没来啦,这款偏小",
        "您好好看下尺码表",
        "您好几个订单都是这个码",
        "您好歹说下身高",
        "您好奇怪,尺码表不是有吗",
        "昨晚上好几个人都拍大一码",
        "今天早上好像改过尺码表",
        "晚上好一点的灯光下看颜色更准,尺码正常",
        "下午好多人问,正码的",
        "现在的版型正码",
        "这个问题是存在的,偏小",
        "货还在呢,正码",
        "在的话拍大一码",
        "早点拍早点发,正码",
        "which size do you wear",
        "this one runs small",
        "The white one runs small",
        "欢迎下次再来,这款没了",
        "欢迎差评啊,反正正码",
        "我是觉得偏小",
        "我是说拍大一码",
        "图上写的“您好,本款偏小”,照着拍",
        "买家评价说“hello kitty那款偏小”",
        "这款是你好色差小的那种,正码",
        "这款和上次那款一样,客服小王推荐过",
        "这个为您服务费都省了,正码",
        "让您久等,正码",
        "请稍等",
        "快乐水杯那款?正码",
    ],
)
def test_going_straight_to_the_matter_fails(reply: str) -> None:
    assert answered_with(reply) == "fail"


@pytest.mark.parametrize(
    ("expected", "transcript"),
    [
        (
            "pass",
            "customer 15:00:00 有黑色吗\nagent 15:00:10 有\nagent 15:00:15 您好呀刚在忙\ncustomer 15:00:40 好",
        ),
        (
            "fail",
            "customer 15:00:00 有黑色吗\nagent 15:00:10 稍等\ncustomer 15:00:20 好\nagent 15:00:30 您好,有黑色",
        ),
        ("fail", "customer 15:00:00 你好\ncustomer 15:00:05 有黑色吗\nagent 15:00:10 有"),
        ("fail", "bot 15:00:00 您好,欢迎光临\ncustomer 15:00:05 有黑色吗\nagent 15:00:10 有的"),
        ("fail", "customer 15:00:00 有黑色吗\nauto 15:00:01 您好,马上来\nagent 15:00:10 有的"),
        ("fail", "customer 15:00:00 有黑色吗\nnote 15:00:05 您好,老客户\nagent 15:00:10 有的"),
        ("pass", "customer 15:00:00 有黑色吗\nagent 15:00:10 您好\nauto 15:00:11 猜您想问\nagent 15:00:20 有的"),
        (
            "fail",
            (
                "customer 15:00:00 有黑色吗\nagent 15:00:10 有的\nsystem 15:00:20 transfer 小王 → 小李\n"
                "agent:a2 15:00:30 您好我是小李"
            ),
        ),
        ("fail", "system 15:00:00 客户正在浏览商品\ncustomer 15:00:05 有黑色吗\nagent 15:00:10 有"),
        ("pass", "note 15:00:00 老客户\ncustomer 15:00:05 有黑色吗\nagent 15:00:10 您好,有"),
        ("pass", "customer 有黑色吗\nagent 哈喽 有的"),
        ("fail", "customer 有黑色吗\nagent 有的"),
        ("not_applicable", "agent 15:00:00 包裹派送失败,今天方便收吗\ncustomer 15:00:20 方便"),
        ("not_applicable", "system 15:00:00 您有新消息\nagent 15:00:00 包裹派送失败\ncustomer 15:00:20 哦"),
        (
            "not_applicable",
            "system 15:00:00 transfer 小王 → 小李\ncustomer 15:00:05 补发的呢\nagent:a2 15:00:20 已经寄了",
        ),
        ("not_applicable", "customer 15:00:00 有黑色吗\nbot 15:00:01 您好\ncustomer 15:00:30 算了"),
        ("not_applicable", "customer 15:00:00 有黑色吗\nnote 15:00:30 您好,我来跟"),
        ("not_applicable", "customer 15:00:00 有黑色吗\nsystem 15:00:20 客户已离开"),
    ],
)
def test_whose_greeting_counts_and_when(expected: str, transcript: str) -> None:
    assert outcome(transcript) == expected
