"""Is blunt wording found, in its kind, and only where an inspector would deduct?"""

from __future__ import annotations

import pytest

from tests.audit.build import batch_of

FOUND = (
    ("insult", "这个怎么折叠", "建议您先回学校把看图识字学好再买"),
    ("insult", "盖子拧不开", "您爸妈没教过您拧瓶盖吗"),
    ("insult", "帽子戴着显脸大", "您这脸跟水桶似的,戴什么帽子都一样"),
    ("insult", "说明书看不懂", "但凡有点常识也不至于看不懂"),
    ("insult", "怎么少了一颗螺丝", "您是🐷吗,袋子里再倒倒"),
    ("insult", "锅盖打不开", "建议您去医院看看"),
    ("sarcastic", "少发一双", "哟,为了三块钱的袜子您还挺讲究呢"),
    ("sarcastic", "水管又漏了", "您可真厉害啊"),
    ("sarcastic", "线头没剪干净,还开线了", "您可真细心啊"),
    ("sarcastic", "说明书印错了", "您真够仔细的"),
    ("dismissive", "the handle broke, what now", "Well, that's the policy"),
    ("dismissive", "能不能通融一下", "制度就是制度"),
    ("sarcastic", "鞋底开胶了", "要不要我给您铺红毯迎接啊"),
    ("sarcastic", "你们发错颜色了", "🙄"),
    ("sarcastic", "色号不对", "将就涂涂不就行了吗"),
    ("sarcastic", "能今天到吗,我急用", "您自己觉得这现实吗"),
    ("blaming", "锅底糊了", "这么大的字写着别空烧您看不见吗"),
    ("blaming", "尺码小了", "又没人拿刀逼您买"),
    ("blaming", "包裹还没到", "您不提供单号我上哪给您查去"),
    ("commanding", "再问一下怎么安装", "问那么多干嘛,照做就行"),
    ("commanding", "这差评是我写的", "马上把评价删了"),
    ("dismissive", "我要投诉你们", "投呗,我又拦不着您"),
    ("dismissive", "花盆碎了", "慢走不送,哪凉快哪待着去"),
    ("dismissive", "包裹丢了", "货出了门就跟店里没关系了"),
    ("dismissive", "能通融一下吗", "系统就是这么设定的,谁来说都一样"),
    ("curt", "怎么预约", "#E-s[1]#E-s[2]"),
    ("curt", "可以加急吗", "#E-s[1]"),
    ("curt", "人呢", "#E-s[1]"),
    ("curt", "页面上的颜色和收到的不是一个", "??"),
    ("curt", "需要带身份证吗", "页面上都有说明的呢"),
    ("curt", "这件能烘干吗", "xqy"),
    ("curt", "人呢,怎么改预约时间", "您好,已给您发过链接了"),
    ("dismissive", "游戏把我存档弄坏了,是不是只有我这样", "一点缓存问题而已"),
    ("dismissive", "凭什么不给我主管的电话", "按照规定我们是不能给您主管电话的"),
    ("sarcastic", "开户行也要填吗", "要要要您写了我就要行了吧"),
    ("sarcastic", "说了半天了你到底懂不懂", "得得得那您说怎么办"),
    ("sarcastic", "点了一下广告就扣了我二十块,太坑了", "下次还乱点不?"),
    ("blaming", "电话里说了三个行就给我开了套餐,太坑了吧", "下次请您听清楚再答应哦"),
)

SILENT = (
    ("宝宝脸上起红疹了", "赶紧带去医院看看 真的太对不起了"),
    ("手被锅边烫伤了", "建议您先去医院看看"),
    ("加个微信吧", "微信加不了的哦 平台规定不让私下交易 万一出问题您也没保障"),
    ("我自己把轮子装好了", "哇您可真厉害"),
    ("尺码表标错了", "您真细心"),
    ("怎么还没退款", "我下班了,由夜班小陈接着处理"),
    ("说明书写错了,太差了", "您看得真仔细,马上改"),
    ("这批扣子跟图片不一样", "您真认真,确实换过一批"),
    ("快递员态度太差了", "您可真有耐心,谢谢您等到现在"),
    ("这猫玩具结实吗", "我家主子拿它没办法,咬不坏"),
    ("几年级用的", "小学三年级的课本同步,您看看目录"),
    ("会不会是假货", "假货绝对不可能,支持专柜验货"),
    ("少发了一个", "是我手滑点错了,马上给您补发"),
    ("那我拍了", "嗯嗯"),
    ("能开票吗", "👌"),
    ("可以机洗吗", "可以的"),
    ("要不要紧啊", "不要紧的亲,用温水泡开就好"),
    ("木耳怎么做好吃", "可以凉拌着吃,也可以炒"),
    ("这边下大雪了", "路滑您出门注意安全"),
    ("锅糊了能修吗", "请问您是怎么用的,是空烧了吗"),
    ("好评送什么", "谢谢您专程来反馈"),
    ("买错了能退吗", "不怪您,是我们页面没写清楚,可以退的"),
    ("傻子瓜子有礼盒吗", "对的,傻子瓜子有奶油味的"),
    ("可以烘干吗", "看详情页第三张,低温可以"),
    ("发货了吗", "已发"),
    ("划痕能去掉吗", "一点划痕而已,给您补寄一支修复笔"),
    ("能开两张票吗", "国家规定不能重复开的哦"),
    ("地址写错了", "下次您提前说我给您拦,这次已经联系快递改了"),
    ("三十瓦的头能快充吗", "能充,就是没办法跑满速"),
    ("快递说不管了", "快递不认的话我们来赔,绝不让您自认倒霉"),
)


def _kinds(customer: str, agent: str) -> set[str]:
    batch = batch_of(f"customer 10:00:00 {customer}\nagent 10:00:20 {agent}")
    return {one.kind for one in batch.observe("blunt")}


@pytest.mark.parametrize(("kind", "customer", "agent"), FOUND)
def test_it_is_found(kind: str, customer: str, agent: str) -> None:
    assert kind in _kinds(customer, agent)


@pytest.mark.parametrize(("customer", "agent"), SILENT)
def test_it_is_let_be(customer: str, agent: str) -> None:
    assert not _kinds(customer, agent)


def test_a_bare_answer_is_curt_where_the_customer_asks_again_at_once() -> None:
    batch = batch_of("customer 10:00:00 麻烦给我补一双\nagent 10:00:20 好的哦\ncustomer 10:00:40 什么好的,补不补")
    assert [one.kind for one in batch.observe("blunt")] == ["curt"]


def test_a_yes_is_no_curt_answer_where_the_customer_goes_on_asking() -> None:
    batch = batch_of("customer 10:00:00 是七天内都能保价是吧\nagent 10:00:20 是的呢\ncustomer 10:00:40 和签收有关吗")
    assert not batch.observe("blunt")


STUCK = (
    (True, "可以换成蓝色吗", "不行", "那要怎么样才能换"),
    (True, "我们县里没有你们的网点", "没有呢", "对啊,那我该怎么办"),
    (True, "能专门开张纸质的么", "不能", "额。"),
    (False, "可以货到付款吗", "不可以哦", "好的"),
    (False, "要另外付运费吗", "不用", "那怎么办理"),
    (False, "能换成蓝色吗", "不行,蓝色停产了,灰色的可以换", "那怎么办理"),
)


@pytest.mark.parametrize(("blunt", "customer", "agent", "reply"), STUCK)
def test_a_bare_no_is_blunt_where_the_customer_is_left_standing(
    blunt: bool, customer: str, agent: str, reply: str
) -> None:
    batch = batch_of(f"customer 10:00:00 {customer}\nagent 10:00:20 {agent}\ncustomer 10:00:40 {reply}")
    assert bool(batch.observe("blunt")) is blunt


@pytest.mark.parametrize(("reply", "blunt"), [("怎么没关系的", True), ("影响", True), ("好的", False)])
def test_a_reassurance_is_blunt_where_the_customer_contradicts_it(reply: str, blunt: bool) -> None:
    batch = batch_of(f"customer 10:00:00 窗口关不掉\nagent 10:00:20 这个不用管,没关系的\ncustomer 10:00:40 {reply}")
    assert bool(batch.observe("blunt")) is blunt


@pytest.mark.parametrize(("reply", "kinds"), [("好的谢谢", []), ("所以怎么申请?", ["curt"])])
def test_an_emoji_is_no_curt_answer_to_a_customer_whom_it_contents(reply: str, kinds: list[str]) -> None:
    batch = batch_of(f"customer 10:00:00 价保怎么申请\nagent 10:00:20 #E-s[数字x]\ncustomer 10:00:40 {reply}")
    assert [one.kind for one in batch.observe("blunt")] == kinds
