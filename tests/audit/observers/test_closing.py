"""The closing check, how a chat closed, and what stayed unanswered."""

from __future__ import annotations

import pytest

from qaplatform.audit.observing import CLOSED
from tests.audit.build import batch_of


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请问还有其他可以帮您的吗", True),
        ("您看还有什么需要我做的吗", True),
        ("问题解决了吗", True),
        ("Is there anything else I can help with?", True),
        ("有什么问题我可以帮您处理呢", False),
        ("如果还有问题随时联系我", False),
        ("您还要再拍一件吗", False),
    ],
)
def test_a_closing_check_asks_whether_all_is_solved(text: str, asks: bool) -> None:
    batch = batch_of(f"customer 换个颜色\nagent {text}")
    assert bool(batch.observe("closing").check_row[0] == 1) is asks


@pytest.mark.parametrize(
    ("transcript", "closed"),
    [
        ("customer 能换蓝色吗\nagent 换好了\ncustomer 好的谢谢", "confirmed"),
        ("customer 能换蓝色吗\nagent 专员24小时内给您回电\ncustomer 好的谢谢", "pending"),
        ("customer 能换蓝色吗\nagent 已反馈给仓库,请耐心等待\ncustomer 好的", "pending"),
        ("customer 能换蓝色吗\nagent 可以\ncustomer 那什么时候能发货?", "open"),
        ("customer 什么时候发货", "open"),
        ("customer 保价能申请吗\nagent 申请成功了,三个工作日到账\ncustomer 好的谢谢", "confirmed"),
        ("customer 壶漏水\nagent 帮您提交换货服务单可以吗\ncustomer 好的\nagent 嗯嗯\ncustomer 谢谢", "pending"),
        ("customer 壶漏水\nagent 帮您提交换货服务单可以吗\ncustomer 不用了,谢谢", "confirmed"),
        ("customer 求说明书一份,感谢\nagent 您可以拨打售后热线", "pending"),
        ("customer 键盘没反应\nagent 您重新插一下试试\ncustomer 还是那样,谢谢", "open"),
        ("customer 这款能折叠吗\nagent 能的\ncustomer 哦\nagent 请问还有什么可以帮您", "unclear"),
        ("customer 遥控器坏了\nagent 换个电池就行\ncustomer 哦\nagent 请问还有什么可以帮您", "pending"),
        ("customer 灯不亮\nagent 建议您关闭电源再看能否恢复", "pending"),
        ("customer 少发一个\nagent 帮您补发可以吗\ncustomer 那就麻烦你了\nagent 三天内送到\ncustomer 没了", "pending"),
        ("customer 少发一个\nagent 这边给您联系一下仓库\ncustomer 好的谢谢", "pending"),
        ("customer 怎么还没人修\nagent 嗯嗯在排\ncustomer 那我等师傅电话\nagent 好\ncustomer 谢谢", "pending"),
        ("customer 卡死了 太差了\nagent 请私信您的号码\ncustomer 已私信", "pending"),
        ("customer 你们客服服务真好 很贴心\nagent 您过奖啦", "confirmed"),
        ("customer 开不了机\nagent 您是哪款呢\ncustomer 不用了,换根线之后就搞定了,原来那根线断掉了", "confirmed"),
        ("customer 有票吗\nagent 有的\ncustomer 谢谢您\nagent 不客气\ncustomer 晚安", "confirmed"),
        ("customer 手表停了\nagent 需要您拿着保修卡去售后网点\ncustomer 好吧", "pending"),
        ("customer 补张收据\nagent 帮您登记了,三个工作日为您寄出\ncustomer 好的谢谢", "pending"),
        ("customer 门票收据\nagent 登机后三个工作日寄出\ncustomer 好的谢谢", "confirmed"),
        ("customer 没信号\nagent 如您方便请把您的号码私信给小编", "pending"),
        ("customer 没信号\nagent 请私信您的号码\ncustomer 私信给你了,谢谢", "pending"),
        ("customer 没声音\nagent 请问重新开机后正常吗\ncustomer 正常", "confirmed"),
        ("customer 连不上\nagent 请私信您的号码\ncustomer 还是显示失败", "open"),
    ],
)
def test_how_a_chat_closed_is_read_from_its_last_words(transcript: str, closed: str) -> None:
    assert CLOSED[batch_of(transcript).observe("closing").closed[0]] == closed
