"""The names under which files carry the fields of a conversation, in Chinese and English.

One table serves the columns of tables and the keys of JSON objects. Names are compared without case,
width, spaces and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from qaplatform.audit.conversation import Kind
from qaplatform.formats.roles import plain_word
from qaplatform.formats.width import half_width

CONVERSATION_FIELDS = (
    "conversation", "source", "channel", "shop", "queue", "language", "customer", "tier", "order_value", "order",
    "case", "csat", "tags",
)  # fmt: skip
MESSAGE_FIELDS = ("message_id", "role", "sender", "agent", "text", "time", "date", "auto", "kind")
FIELDS = CONVERSATION_FIELDS + MESSAGE_FIELDS

_NAMES: dict[str, str] = {
    "conversation": (
        "conversation conversation_id conversationid conv_id session session_id chat chat_id chatid dialog "
        "dialog_id dialogue dialogue_id thread thread_id ticket ticket_id cid sid 会话 会话id 会话编号 会话号 "
        "会话标识 会话序号 对话 对话id 对话编号 对话号 聊天id 聊天编号 咨询id 咨询编号 通话id 工单会话id"
    ),
    "role": (
        "role sender_type sendertype sender_role from_type author_type user_type direction inbound "
        "speaker_role 角色 发送者角色 发送方角色 发送人角色 发送人类型 发送者类型 发送方类型 消息方向 方向 "
        "说话人角色 身份 发言角色 来源方"
    ),
    "sender": (
        "sender sender_name from from_name author author_name speaker nick nickname user_name username name "
        "发送人 发送者 发送方 发言人 发言者 说话人 昵称 发送人昵称 发送者昵称 发送账号 发送人账号 账号 发信人 "
        "发件人"
    ),
    "text": (
        "text content message msg body message_text message_content msg_content utterance sentence 内容 消息 "
        "消息内容 聊天内容 对话内容 文本 正文 发言内容 发言 话术 聊天记录 消息文本 消息正文 会话内容 信息内容"
    ),
    "time": (
        "time sent_at timestamp ts datetime created_at createdat created create_time send_time sendtime "
        "sent_time senttime sent message_time msg_time date_time time_stamp 时间 发送时间 消息时间 聊天时间 "
        "发言时间 时间戳 日期时间 创建时间 发送日期 会话时间 对话时间 咨询时间"
    ),
    "date": "date day 日期",
    "agent": (
        "agent agent_id agent_name staff staff_id staff_name operator assignee servicer waiter kf csr 客服 "
        "客服id 客服昵称 客服名称 客服姓名 客服账号 客服工号 接待客服 坐席 坐席id 坐席姓名 坐席工号 座席 工号 "
        "接待人 接待人员 旺旺 客服旺旺 子账号 服务人员"
    ),
    "customer": (
        "customer customer_id customer_name buyer buyer_id buyer_nick buyer_name user user_id userid client "
        "client_id visitor visitor_id 买家 买家id 买家昵称 买家旺旺 客户 客户id 客户昵称 客户名称 顾客 顾客id "
        "顾客昵称 用户 用户id 用户昵称 用户名 访客 访客id 访客昵称 会员 会员名 买家账号 客户账号"
    ),
    "shop": (
        "shop shop_id shop_name shopname store store_id store_name seller seller_nick merchant 店铺 店铺名 "
        "店铺名称 店铺id 门店 商家 商家名称 网店"
    ),
    "queue": (
        "queue group team skill_group department 队列 技能组 客服组 分组 业务线 咨询类型 服务类型 接待组 售前售后"
    ),
    "channel": "channel 渠道 接入渠道 来源渠道 沟通渠道",
    "source": "source platform 平台 来源 来源平台 数据来源",
    "language": "language lang locale 语言 语种",
    "order": (
        "order order_id orderid order_no order_number orderno tid 订单 订单号 订单编号 订单id 交易号 交易编号 主订单号"
    ),
    "case": "case case_id caseid issue_id 工单 工单号 工单编号 工单id 事项编号",
    "csat": (
        "csat satisfaction rating score csat_score satisfaction_score 满意度 满意度评分 评分 服务评分 "
        "满意度分数 客户满意度 评价分"
    ),
    "tier": "tier vip level vip_level customer_tier customer_level 会员等级 客户等级 等级 用户等级 买家等级",
    "order_value": "order_value order_amount amount 订单金额 实付金额 金额 订单价值 客单价",
    "tags": "tags tag labels label 标签 会话标签 问题标签",
    "message_id": "message_id messageid msg_id msgid mid 消息id 消息编号 消息序号",
    "auto": "auto is_auto auto_reply is_auto_reply automatic 自动 自动回复 是否自动 是否自动回复",
    "kind": "kind message_type msg_type content_type messagetype msgtype 消息类型 类型 内容类型 信息类型",
}
_FIELD_OF: dict[str, str] = {plain_word(name): field for field, names in _NAMES.items() for name in names.split()}
_PART_OF_NAME: tuple[tuple[str, str], ...] = (
    ("消息内容", "text"), ("聊天内容", "text"), ("对话内容", "text"), ("会话id", "conversation"),
    ("会话编号", "conversation"), ("发送时间", "time"), ("消息时间", "time"), ("订单编号", "order"),
    ("订单号", "order"),
    ("角色", "role"), ("发送人", "sender"), ("发送者", "sender"), ("店铺名", "shop"), ("满意度", "csat"),
)  # fmt: skip


def field_of(name: str) -> str | None:
    """The field a column or key is called by, or ``None``; exact names only."""
    return _FIELD_OF.get(plain_word(name))


def field_inside(name: str) -> str | None:
    """The field a longer column name speaks of, such as 消息内容(脱敏)."""
    plain = plain_word(name)
    return next((field for part, field in _PART_OF_NAME if part in plain), None)


def taken_keys(keys: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """For each field the key that carries it: the neutral form's own name first, else the first other name.

    ``own`` maps the neutral form's keys to fields.
    """
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    for key in keys:
        if key in own:
            found[own[key]] = key
        else:
            field = field_of(key)
            if field is not None:
                others.setdefault(field, key)
    return others | found


_KIND_WORDS: dict[Kind, str] = {
    "text": "text txt 文本 文字 消息 message msg plain richtext 普通消息 文本消息 chat comment",
    "image": "image img picture pic photo emoji sticker 图片 图像 照片 截图 表情 图片消息 表情包",
    "card": (
        "card link order product item goods video voice audio file attachment location 卡片 商品 订单 链接 "
        "视频 语音 文件 附件 宝贝 商品卡片 订单卡片 卡片消息"
    ),
    "transfer": "transfer handover escalation 转接 转交 转移 转人工 会话转接",
    "note": "note internal internalnote privatenote 备注 内部备注 便签",
}
_KINDS: dict[str, Kind] = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}


def kind_of(value: Any) -> Kind | None:
    """The kind of message a word names, or ``None``."""
    return _KINDS.get(plain_word(str(value)))


_TEXT_KINDS = re.compile(
    r"\s*[\[【<](?:(?P<image>图片|截图|照片|表情|动画表情|image|picture|photo|sticker)"
    r"|(?P<card>卡片|商品|商品链接|宝贝|宝贝链接|订单|订单卡片|链接|视频|语音|文件|link|card|order|video|voice|file))[\]】>]\s*",
    re.IGNORECASE,
)
MAX_KIND_CHARS = 24
_AUTO_MARK = re.compile(r"\s*[\[【(]?\s*(?:自动回复|自动应答|auto[- ]?reply)\s*(?:[\]】)]|:)", re.IGNORECASE)


def kind_of_text(text: str) -> Kind:
    """The kind a copied text stands for: ``[图片]`` is all that is left of an image."""
    match = _TEXT_KINDS.fullmatch(half_width(text)) if len(text) <= MAX_KIND_CHARS else None
    if match is None:
        return "text"
    return "image" if match["image"] else "card"


def says_automatic(text: str) -> bool:
    """Whether the text begins with the mark of an automatic reply."""
    head = text[:MAX_KIND_CHARS]
    return ("自动" in head or "uto" in head.lower()) and _AUTO_MARK.match(half_width(head)) is not None


def truth_of(value: Any) -> bool | None:
    """A yes or no as files write it, or ``None`` where it is neither."""
    word = plain_word(str(value))
    if word in {"true", "1", "yes", "y", "是", "t", "自动", "自动回复", "10"}:
        return True
    return False if word in {"false", "0", "no", "n", "否", "f", "", "none", "null", "人工", "00"} else None
