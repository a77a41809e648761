"""Conversations for tests of the pages, taken in and audited as imports do it; all words are invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.services.judging import Judge
from qaplatform.services.taking_in import Desk
from qaplatform.store.engine import Store
from qaplatform.store.holders import hold_always
from tests.filled import AGENTS

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
"""After all of them have ended."""
FIRST = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, on an ordinary day."""
PHONE = "13812345678"
ACCOUNT = "a01"
"""Of the first agent; accounts of others have their numbers."""


def said(role: str, text: str, seconds: float | None, **more: Any) -> Message:
    """A message so many seconds after :data:`FIRST`; ``None``: without a time."""
    sent_at = None if seconds is None else (FIRST + timedelta(seconds=seconds)).isoformat()
    agent = more.pop("agent", ACCOUNT if role == "agent" else None)
    return Message(role, text, sent_at=sent_at, agent=agent, **more)  # type: ignore[arg-type]


def chat(id: str, *messages: Message, **about: Any) -> Conversation:
    """A conversation of shop 1."""
    customer = Customer(f"buyer-{id}", about.pop("tier", None), about.pop("order_value", None))
    return Conversation(id, messages, **{"shop": "s1", "queue": "after_sale", "customer": customer, **about})


def quarrel() -> Conversation:
    """A bad one: a late and curt answer, a personal number, an invitation off the platform, a broken promise."""
    return chat(
        "quarrel",
        said("customer", f"怎么还没发货？！急死了😡 我的电话{PHONE}", 0),
        said("bot", "您好，欢迎光临", 1),
        said("agent", "哦", 200),
        said("agent", "这是规定，我也没办法，加我微信 wx_sunny88 说，或者打１３９８７６５４３２１", 230),
        said("customer", "我要投诉你们", 260),
        said("system", "会话已由 苏晓棠 转接给 韩立峰", 300, kind="transfer"),
        said("agent", f"客户电话 {PHONE}，注意安抚", 310, kind="note"),
        said("agent", "非常抱歉，非常理解您着急的心情，1小时内给您反馈", 330, agent="a02"),
        said("customer", "[图片]", 340),
        said("agent", "您好，人工客服将于9:00上线", 86_400, auto=True, agent="a02"),
        said("customer", "人呢？<script>alert(1)</script>", 90_000),
        order_id="2026111190817263",
        tier="gold",
        order_value=399.5,
        csat=1,
        tags=("催发货",),
    )


def good(number: int = 0, **about: Any) -> Conversation:
    """A good one."""
    begin = 3600.0 * (number + 1)
    return chat(
        f"good-{number}",
        said("customer", "这款还有货吗", begin),
        said("agent", "您好，我是小苏，有现货的，今天下午6点前发出", begin + 20),
        said("customer", "好的谢谢", begin + 40),
        said("agent", "不客气，请问还有其他可以帮您的吗？", begin + 50),
        said("customer", "没有了", begin + 60),
        **{"queue": "pre_sale", **about},
    )


def take_in(store: Store, *conversations: Conversation, now: datetime = NOW) -> None:
    """Take conversations in; accounts ``a01`` … are those of the agents of ``tests/filled.py``."""
    accounts = [(shop, f"a{n:02d}", n) for n in range(1, len(AGENTS) + 1) for shop in (1, 2)]
    with store.writing() as session:
        hold_always(session, accounts)
    with Judge() as judge:
        desk = Desk(store, judge, shop_id=None, as_of=now)
        prepared = desk.prepare(conversations, writing=store.writing, now=now)
        assert not prepared.refused
        with store.writing() as session:
            desk.store(session, prepared, import_id=None, now=now)


def longer(conversation: Conversation, *messages: Message) -> Conversation:
    """The same conversation when more had been said."""
    return msgspec.structs.replace(conversation, messages=(*conversation.messages, *messages))


def endless(count: int) -> Conversation:
    """A chat of so many messages, full of faults."""
    customer: Sequence[str] = ("怎么还没发货，急死了", f"我的电话{PHONE}", "你们是不是骗人的", "好的", "那退款吧")
    agent: Sequence[str] = ("哦", "这是规定", "尽快给您处理", "不可能的亲", "明天下午6点前给您答复")
    messages = []
    for number in range(count // 2):
        messages.append(said("customer", customer[number % 5], 90.0 * number))
        messages.append(said("agent", agent[number % 5], 90.0 * number + 20 + 15 * (number % 5)))
    return chat("endless", *messages)
