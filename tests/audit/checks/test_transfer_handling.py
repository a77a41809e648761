"""Was every transfer announced, with who takes over and why?"""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import transfer_handling
from tests.audit.build import batch_of

LINE = "system 10:02 transfer 小王 → 小李\n"


def outcome(transcript: str) -> str:
    batch = batch_of(transcript)
    return OUTCOMES[transfer_handling.check(batch, transfer_handling.Params()).outcome[0]]


@pytest.mark.parametrize(
    "chat",
    [
        "agent 10:01 这个要查维修记录,我请技术小李来跟您说\n" + LINE + "agent:a2 10:03 您好,把机身编号发我",
        "agent 10:01 您的订单由售后专员处理,现在帮您转接\n" + LINE + "agent:a2 10:03 您好",
        "agent 10:01 我六点下班,后面小李继续跟您\n" + LINE + "agent:a2 10:03 您好",
        "agent 10:01 嗯嗯\n" + LINE + "agent:a2 10:03 您好我是售后小李,小王说您的锁坏了,这块由我负责",
        "agent 10:01 退款我没权限,让店长来给您办\n" + LINE + "agent:a2 10:03 您好,我来处理",
        "agent 10:01 安装的事师傅更熟悉,我叫安装师傅来回您\n" + LINE + "agent:a2 10:03 您好",
        "agent 10:01 涉及赔付,得主管审批,我把您的单子交给主管小李\n" + LINE + "agent:a2 10:03 您好",
        "agent 10:01 This needs our repair team, let me transfer you to our technician\n" + LINE + "agent:a2 10:03 Hi",
    ],
)
def test_who_and_why_told_by_either_agent_passes(chat: str) -> None:
    assert outcome("customer 10:00 锁打不开\n" + chat) == "pass"


@pytest.mark.parametrize(
    "chat",
    [
        "agent 10:01 嗯嗯\n" + LINE + "agent:a2 10:03 在的亲,请讲",
        "agent 10:01 稍等,给您转一下\n" + LINE + "agent:a2 10:03 您好,请问什么事",
        "agent 10:01 给您换个同事\n" + LINE + "agent:a2 10:03 您好",
        "note 10:01 转小李,锁的问题他负责\n" + LINE + "agent:a2 10:03 您好",
        "agent 10:01 好的\nagent:a2 10:03 您好,说下您的问题",
        "agent 10:01 我给您转接\n" + LINE + "agent:a2 10:03 您好,我是小李",
        "agent 10:01 嗯\n"
        + LINE
        + "agent:a2 10:03 在的\ncustomer 10:04 怎么换人了\nagent:a2 10:05 小王下班了,我是小李",
    ],
)
def test_a_silent_or_half_told_transfer_fails(chat: str) -> None:
    assert outcome("customer 10:00 锁打不开\n" + chat) == "fail"


@pytest.mark.parametrize(
    "reply",
    [
        "请您自行联系厂家售后",
        "这个您打400热线吧",
        "建议您找平台客服处理呢",
        "快递的事您问快递公司,我们不管的",
        "您直接跟快递员沟通吧",
        "这边建议您咨询品牌官方客服",
        "Please contact the manufacturer",
    ],
)
def test_a_customer_sent_away_with_the_shops_problem_fails(reply: str) -> None:
    assert outcome(f"customer 10:00 收到就是坏的\nagent 10:01 {reply}\ncustomer 10:02 不是你们卖的吗") == "fail"


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("我银行卡付款限额了", "这个需要您联系发卡银行调整限额哦"),
        ("我的淘宝账号登录不了", "账号问题麻烦您联系平台官方客服,他们能核实身份"),
        ("快递电话给我一个", "您拨打95311就可以"),
        ("包裹三天没动了", "我这边已经在催快递了,您也可以打快递电话,有消息我告诉您"),
        ("我在别家买的也能修吗", "别家买的请联系原店铺售后哦"),
    ],
)
def test_a_problem_of_somebody_else_or_a_second_way_passes(question: str, reply: str) -> None:
    assert outcome(f"customer 10:00 {question}\nagent 10:01 {reply}\ncustomer 10:02 好的") == "pass"


@pytest.mark.parametrize("asked", ["给我转人工主管", "换个人来跟我说", "叫你们店长来", "let me speak to a manager"])
def test_a_transfer_the_customer_asked_for_passes(asked: str) -> None:
    assert outcome(f"customer 10:00 {asked}\nagent 10:01 好的\n{LINE}agent:a2 10:03 您好,我是店长小李") == "pass"


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00 转接头支持4K吗\nagent 10:01 支持的",
        "customer 10:00 系统能升级吗\nagent 10:01 手机系统升级后就可以用",
        "customer 10:00 什么时候发\nagent 10:01 我联系一下仓库,下午告诉您",
        "customer 10:00 轮子转得动吗\nagent 10:01 转得动的亲",
        "customer 10:00 怎么联系你们\nagent 10:01 有问题随时联系客服哦",
        "customer 10:00 快递怎么不动\nagent 10:01 我帮您联系快递催一下",
        "customer 10:00 少退了十块\nagent 10:01 我已提交给财务,核对后我给您回复",
        "customer 10:00 少发了一件\nagent 10:01 已经反馈给仓库了,下午四点前我回您",
    ],
)
def test_where_nothing_moves_it_is_not_applicable(chat: str) -> None:
    assert outcome(chat) == "not_applicable"


def test_three_transfers_are_ping_pong_even_when_each_is_announced() -> None:
    chat = "customer 10:00 锁打不开\n"
    for number, name in enumerate(("小李", "小赵", "小周"), 1):
        chat += (
            f"agent:a{number} 10:0{number} 这块要核实,请技术{name}来跟您说\nsystem 10:0{number} transfer 甲 → {name}\n"
        )
    batch = batch_of(chat + "agent:a4 10:05 您好,我是技术小周,我来处理")
    out = transfer_handling.check(batch, transfer_handling.Params())
    assert [spot.code for spot in out.findings[0]] == ["ping_pong"]


def test_the_second_silent_transfer_is_found() -> None:
    chat = (
        "customer 10:00 滑丝了\nagent 10:01 得懂装备的看,我请技师小李来\n"
        + LINE
        + "agent:a2 10:03 我是技师小李,拍个照\n"
        "system 10:05 transfer 小李 → 小赵\nagent:a3 10:06 在的亲"
    )
    assert outcome(chat) == "fail"
