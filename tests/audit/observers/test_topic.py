"""Topics: what a person comes with decides, not the nouns that pass by."""

from __future__ import annotations

import pytest

from qaplatform.audit.observers.topic import Params, observe
from tests.audit.build import batch_of

CAME_FOR = [
    ("customer 你好\ncustomer 我拍错颜色了 想取消订单\nagent 好的亲", "order/cancel"),
    ("customer 地址填错了,能改一下吗\nagent 您发一下新地址", "order/change/address"),
    ("customer 一直提示支付失败怎么回事\nagent 您换张卡试试", "order/payment/fails"),
    ("customer 红色的什么时候有货啊\nagent 下周到", "order/place/stock"),
    ("customer 三天了还没发货\nagent 我帮您催", "delivery/dispatch/overdue"),
    ("customer 物流一直卡在中转站,两天没动了\nagent 我查一下", "delivery/transit/stuck"),
    ("customer 显示签收了可我没拿到\nagent 联系快递核实", "delivery/receipt/lost"),
    ("customer 买了五双只发了四双,少发一双\nagent 核实一下", "delivery/receipt/missing"),
    ("customer 退货的运费谁承担\nagent 质量问题我们出", "return_refund/return/postage"),
    ("customer 钱什么时候退啊,退款一直没到账\nagent 三天内", "return_refund/refund/pending"),
    ("customer 收到杯子都碎了\nagent 给您补一个", "return_refund/faulty/damaged"),
    ("customer 你们寄来的不是我买的那款,发错了\nagent 抱歉", "return_refund/faulty/wrong_item"),
    ("customer 身高一米七体重一百三穿什么码\nagent L码", "product/facts/size"),
    ("customer 软件一打开就闪退\nagent 您重装一下", "product/usage/software"),
    ("customer 家里一点信号都没有,老是掉线\nagent 我反馈一下", "product/usage/network"),
    ("customer 上午刚买下午就降价了,能退差价吗\nagent 可以的", "promotion/price_protection"),
    ("customer 领的优惠券用不了\nagent 我看一下", "promotion/coupon"),
    ("customer 发票抬头写错了,要重开\nagent 可以", "invoice/issue/change"),
    ("customer 密码忘了,登录不了\nagent 点找回密码", "account/login"),
    ("customer 我要退会员\nagent 稍等", "account/membership"),
    ("customer 洗衣机安装师傅什么时候来安装\nagent 明天", "after_sale_service/installation"),
    ("customer 电饭煲用了两个月就坏了,不加热\nagent 给您申请维修", "after_sale_service/fault"),
    ("customer 过保了修一下多少钱\nagent 检测后报价", "after_sale_service/repair/warranty"),
    ("customer 你们客服挂我电话,什么态度\nagent 非常抱歉", "complaint/staff"),
    ("customer 热线打了一上午都打不通,没人接\nagent 抱歉", "complaint/reach"),
    ("customer 我的晒单怎么一直不显示\nagent 审核中", "other/reviews"),
    ("customer 你们招加盟吗\nagent 暂不", "other"),
    ("customer 手滑下了两单 帮我取消其中一单\nagent 好", "order/cancel"),
    ("customer 楼号写错了,收货地址帮我改下\nagent 好", "order/change/address"),
    ("customer 说好上午送的,到现在都没送\nagent 抱歉", "delivery/transit/late"),
    ("customer 显示已取,可我没见着快递\nagent 我核实", "delivery/receipt/lost"),
    ("customer 没有运费险,寄回的邮费谁付\nagent 您先垫付", "return_refund/return"),
    ("customer 退款三天了还没到账\nagent 银行处理中", "return_refund/refund/pending"),
    ("customer 打开就闻到味道刺鼻,做工也差\nagent 抱歉", "return_refund/faulty"),
    ("customer 一米八穿多大码,平时穿XL\nagent XL", "product/facts/size"),
    ("customer 才买两天就便宜了五十,能补差价吗\nagent 可以", "promotion/price_protection"),
    ("customer 发票迟迟没给我开\nagent 今天开", "invoice/issue"),
    ("customer 忘了密码,验证码收不到\nagent 稍等", "account/login"),
    ("customer 师傅几点来装热水器\nagent 下午", "after_sale_service/installation"),
    ("customer 答应给我回电一直没人联系,尽打官腔\nagent 抱歉", "complaint/promise_broken"),
    ("customer Where is my parcel? It hasn't arrived\nagent Let me check", "delivery/transit/late"),
    ("customer I'd like to return it and get a refund\nagent Sure", "return_refund/return"),
    ("customer My card declined and payment failed twice\nagent Sorry", "order/payment/fails"),
    ("customer I can't log in, forgot password\nagent Sure", "account/login"),
]


def topic_of(transcript: str) -> str:
    batch = batch_of(transcript)
    seen = observe(batch, Params())
    return "/".join(seen.paths[int(seen.topic[0])])


@pytest.mark.parametrize(("transcript", "path"), CAME_FOR)
def test_a_chat_is_about_what_the_customer_came_with(transcript: str, path: str) -> None:
    assert topic_of(transcript).startswith(path)


def test_the_first_request_outweighs_what_comes_up_later() -> None:
    chat = "customer 我要申请价保\nagent 好的\ncustomer 多久到账啊\nagent 三天\ncustomer 对了 快递到哪了\nagent 明天到"
    assert topic_of(chat).startswith("promotion")


def test_what_the_shop_says_does_not_make_the_topic() -> None:
    assert topic_of("customer 在吗\nagent 退款请点退货退款,发票请点开票").startswith("other")


def test_notes_do_not_make_the_topic() -> None:
    assert topic_of("customer 在吗\nnote 客户要退货退款").startswith("other")


def test_an_order_number_sent_along_is_no_topic() -> None:
    assert topic_of("customer 订单号:8812345 下单时间:九月一日\nagent 收到").startswith("other")


def test_many_hits_in_one_message_count_as_one_of_a_first_level() -> None:
    chat = "customer 我的发票还没开\ncustomer 快递物流配送包裹都好\nagent 好的"
    assert topic_of(chat).startswith("invoice")


def test_topics_of_a_batch_are_those_of_its_chats_alone() -> None:
    transcripts = [transcript for transcript, _ in CAME_FOR]
    together = observe(batch_of(*transcripts), Params())
    assert ["/".join(together.paths[index]) for index in together.topic.tolist()] == [
        topic_of(one) for one in transcripts
    ]


def test_a_team_may_weigh_first_levels_its_own_way() -> None:
    batch = batch_of("customer 订单取消了,钱还没退\nagent 我看看")
    seen = observe(batch, Params(first_level_weights={"order": 9.0}))
    assert seen.paths[int(seen.topic[0])][0] == "order"


def test_without_tags_everything_is_other() -> None:
    batch = batch_of("customer 我要退货", "")
    seen = observe(batch, Params(prefix="no-such-tags/"))
    assert [seen.paths[index] for index in seen.topic.tolist()] == [("other",), ("other",)]
