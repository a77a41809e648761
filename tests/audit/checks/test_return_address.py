"""Is the return address one of the shop's?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import return_address as check
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from tests.audit.build import shipped_matcher

SHOP = ("浙江省杭州市余杭区良渚街道梧桐路18号2幢", "江苏省苏州市吴中区木渎镇中山东路182号")
ASK = "customer 10:00:00 退货寄哪\n"


def outcome(chat: str, *, addresses: tuple[str, ...] = SHOP) -> str:
    one = Conversation(id="1", shop="s1", messages=parse_messages(chat))
    context = Context(return_addresses={"s1": addresses} if addresses else {})
    return OUTCOMES[check.check(Batch([one], shipped_matcher(), context, ObserverSet()), check.Params()).outcome[0]]


@pytest.mark.parametrize(
    ("expected", "chat"),
    [
        ("pass", ASK + "agent 10:00:20 浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
        ("pass", ASK + "agent 10:00:20 杭州余杭良渚 梧桐路 18 号 2 幢"),
        ("pass", ASK + "agent 10:00:20 苏州市吴中区木渎镇中山东路一百八十二号"),
        ("pass", ASK + "agent 10:00:20 面单上那个草滩路9号的千万别寄,寄到木渎镇中山东路182号"),
        ("fail", ASK + "agent 10:00:20 杭州市余杭区良渚街道梧桐路81号2幢"),
        ("fail", ASK + "agent 10:00:20 杭州市余杭区良渚街道梧桐路18号3幢"),
        ("fail", ASK + "agent 10:00:20 梧桐路182号"),
        ("fail", "customer 10:00:00 退货是不是寄乔司鑫业路2号\nagent 10:00:20 对的,就寄那儿"),
        ("not_applicable", "customer 10:00:00 快递放哪了\nagent 10:00:20 放在您小区旁的驿站,柳江北路109号"),
        ("not_applicable", "customer 10:00:00 有展厅吗\nagent 10:00:20 有,来广营北路12号,周一闭馆"),
    ],
)
def test_an_address_is_compared_by_its_numbers_and_the_words_before_them(expected: str, chat: str) -> None:
    assert outcome(chat) == expected


def test_without_a_list_an_address_cannot_be_judged() -> None:
    assert outcome(ASK + "agent 10:00:20 梧桐路18号", addresses=()) == "unscored"
