"""Who wrote a message: words for roles, and rules for senders known by name only."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qaplatform.audit.conversation import Role
from qaplatform.formats.width import half_width

Manner = Literal["", "auto", "note"]
"""How a role's word says the message came: written by a person, an automatic reply, an internal note."""

_WORDS: dict[Role, str] = {
    "agent": (
        "客服 人工客服 人工 在线客服 售前 售后 售前客服 售后客服 客服人员 客服专员 坐席 座席 坐席客服 卖家 "
        "商家 商户 店铺 店家 店主 掌柜 小二 店小二 顾问 导购 接待 服务人员 员工 管理员 主管 店长 发送 发出 "
        "已发送 agent agents admin administrator seller staff operator support supportagent assistant "
        "representative rep csr cs kf employee merchant shop store service customerservice human humanagent "
        "waiter outgoing outbound out sent moderator teammate advisor company brand"
    ),
    "customer": (
        "买家 用户 客户 顾客 访客 会员 消费者 买方 咨询者 游客 粉丝 客人 接收 收到 来信 customer customers "
        "user users buyer client visitor guest consumer member enduser requester caller shopper purchaser "
        "contact incoming inbound in received patient"
    ),
    "bot": (
        "机器人 智能客服 店小蜜 阿里店小蜜 小蜜 智能助手 智能机器人 客服机器人 机器人客服 智能接待 京小智 "
        "ai客服 ai bot robot chatbot botagent virtualagent virtualassistant aiagent"
    ),
    "system": (
        "系统 系统消息 系统提示 系统通知 系统提醒 平台 平台消息 平台通知 通知 事件 system sys notice event "
        "notification systemmessage platform info"
    ),
}
_MANNERS: dict[str, tuple[Role, Manner]] = {
    "自动回复": ("agent", "auto"),
    "自动应答": ("agent", "auto"),
    "自动消息": ("agent", "auto"),
    "auto": ("agent", "auto"),
    "autoreply": ("agent", "auto"),
    "autoresponse": ("agent", "auto"),
    "备注": ("agent", "note"),
    "内部备注": ("agent", "note"),
    "客服备注": ("agent", "note"),
    "note": ("agent", "note"),
    "internalnote": ("agent", "note"),
    "privatenote": ("agent", "note"),
}
_KNOWN: dict[str, tuple[Role, Manner]] = {
    word: (role, "") for role, words in _WORDS.items() for word in words.split()
} | _MANNERS
_INSIDE: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"机器人|小蜜|智能客服|智能助手|chatbot|robot"), "bot"),
    (re.compile(r"^系统|系统(?:消息|通知|提示)$"), "system"),
    (re.compile(r"客服|客户服务|坐席|座席|卖家|商家|售前|售后|旗舰店|专营店|专卖店|官方店|seller|agent"), "agent"),
    (re.compile(r"买家|客户|顾客|访客|用户|customer|buyer|visitor"), "customer"),
)
_SHOP_NAME = re.compile(r"旗舰店|专营店|专卖店|官方店")
_SUBACCOUNT = re.compile(r"(?P<shop>[^\s:/]{1,40}):(?P<agent>[^\s:/][^:/]{0,39})")


@lru_cache(maxsize=4096)
def plain_word(text: str) -> str:
    """A word without case, width, spaces and punctuation, for looking up."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def role_of(word: str, given: Mapping[str, Role] | None = None) -> tuple[Role, Manner] | None:
    """The role a word names (客服, seller, 买家, incoming …); ``given`` maps words of the person's own first."""
    if given:
        for own, role in given.items():
            if own.strip().casefold() == word.strip().casefold():
                return role, ""
    return _KNOWN.get(plain_word(word))


@dataclass(frozen=True, slots=True)
class Party:
    """A sender as a role; ``agent`` and ``shop`` where the name tells them."""

    role: Role
    agent: str | None = None
    shop: str | None = None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class SenderRules:
    """What is known beforehand about the names of senders; ``agent_names`` may hold ``*`` and ``?``."""

    agent_names: tuple[str, ...] = ()
    shop: str | None = None
    roles: Mapping[str, Role] | None = None

    def known(self, sender: str) -> Party | None:
        """What the name alone tells, or ``None``."""
        name = sender.strip()
        folded = name.casefold()
        given = role_of(name, self.roles)
        if given is not None:
            return Party(given[0])
        if any(fnmatch.fnmatchcase(folded, pattern.casefold()) for pattern in self.agent_names):
            return _agent(name)
        return self._by_parts(name, folded)

    def _by_parts(self, name: str, folded: str) -> Party | None:
        inside = next((role for pattern, role in _INSIDE if pattern.search(folded)), None)
        subaccount = _SUBACCOUNT.fullmatch(half_width(name))
        if inside in {"bot", "system"}:
            return Party(inside, None, subaccount["shop"] if subaccount else None)
        if subaccount is not None:
            return _agent(name)
        if self.shop and folded == self.shop.strip().casefold():
            return Party("agent", name, name)
        if inside == "agent":
            return Party("agent", name, name if _SHOP_NAME.search(name) else None)
        return Party(inside) if inside else None

    def assign(self, senders: Sequence[str], present: Collection[Role] = ()) -> dict[str, Party]:
        """A role for every name, in order of first speaking.

        The rules in turn: the name tells (role words, ``agent_names``, 店铺:小王, 客服 in the name, the shop's
        own name); then, of the names left, all are customers where an agent is known, the only one is the
        agent where a customer is known, else who speaks first is the customer and the others are agents
        (``guessed``). ``present`` are roles that others in the conversation have for certain.
        """
        order = list(dict.fromkeys(senders))
        parties = {name: party for name in order if (party := self.known(name)) is not None}
        shops = {party.shop.casefold(): party.shop for party in parties.values() if party.shop}
        for name in order:
            if name not in parties and name.casefold() in shops:
                parties[name] = Party("agent", name, shops[name.casefold()])
        left = [name for name in order if name not in parties]
        roles = {party.role for party in parties.values()} | set(present)
        if "agent" in roles or "bot" in roles:
            return parties | {name: Party("customer") for name in left}
        if "customer" in roles:
            return parties | {name: Party("agent", name, guessed=len(left) > 1) for name in left}
        guessed = {name: Party("agent", name, guessed=True) for name in left}
        if left:
            guessed[left[0]] = Party("customer", guessed=True)
        return parties | guessed


def _agent(name: str) -> Party:
    match = _SUBACCOUNT.fullmatch(half_width(name))
    return Party("agent", match["agent"].strip(), match["shop"]) if match else Party("agent", name)
