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
        ("customer 遥控器不灵\nagent 换个电池就行\ncustomer 哦\nagent 请问还有什么可以帮您", "unclear"),
        ("customer 手表停了\nagent 需要您拿着保修卡去售后网点\ncustomer 好吧", "pending"),
    ],
)
def test_how_a_chat_closed_is_read_from_its_last_words(transcript: str, closed: str) -> None:
    assert CLOSED[batch_of(transcript).observe("closing").closed[0]] == closed
