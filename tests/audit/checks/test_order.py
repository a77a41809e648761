"""After words of one kind from the customer, does the reply bring words of a second kind before words of a third?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import order
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup

MATCHER = Matcher(
    PhraseBook(
        (
            PhraseGroup(id="occasion", who="customer", phrases=("气死", "太慢了")),
            PhraseGroup(id="first_words", who="agent", phrases=("抱歉", "理解您")),
            PhraseGroup(id="then_words", who="agent", phrases=("退款", "补发")),
        )
    )
)
OTHER_CHAT = "agent 11:00 给您退款\ncustomer 11:01 谢谢"


def found(chat: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Outcome and findings of a chat that has another one before and behind it."""
    chats = [
        Conversation(id=str(number), messages=parse_messages(one))
        for number, one in enumerate([OTHER_CHAT, chat, OTHER_CHAT])
    ]
    batch = Batch(chats, MATCHER, Context(), ObserverSet())
    outcomes = order.check(batch, order.Params())
    assert [OUTCOMES[outcomes.outcome[index]] for index in (0, 2)] == ["not_applicable"] * 2
    spots = outcomes.findings.get(1, [])
    texts = [(batch.number(spot.row), batch.texts[spot.row][spot.start : spot.end], spot.code) for spot in spots]
    return OUTCOMES[outcomes.outcome[1]], texts


@pytest.mark.parametrize(
    ("chat", "finding"),
    [
        ("customer 10:00 气死我了\nagent 10:01 给您退款", (1, "退款", "missing")),
        ("customer 10:00 气死我了\nagent 10:01 给您退款\nagent 10:02 抱歉", (1, "退款", "too_late")),
        ("customer 10:00 气死我了\nagent 10:01 给您退款,抱歉", (1, "退款", "too_late")),
        ("customer 10:00 太慢了\ncustomer 10:01 在吗\nagent 10:02 给您补发", (2, "补发", "missing")),
        ("customer 10:00 气死我了\nagent 10:01 在的\nagent 10:02 给您退款", (2, "退款", "missing")),
        ("customer 10:00 气死我了\nagent 10:01 给您退款\ncustomer 10:02 嗯\nagent 10:03 抱歉", (1, "退款", "missing")),
        ("customer 10:00 气死我了\nnote 10:01 抱歉\nauto 10:01 抱歉\nagent 10:01 给您退款", (3, "退款", "missing")),
    ],
)
def test_what_may_only_follow_and_comes_first_is_a_finding(chat: str, finding: tuple[int, str, str]) -> None:
    assert found(chat) == ("fail", [finding])


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00 气死我了\nagent 10:01 抱歉,给您退款",
        "customer 10:00 气死我了\nagent 10:01 理解您\nagent 10:02 给您退款",
        "customer 10:00 气死我了\nagent 10:01 抱歉\nagent 10:02 给您退款\nagent 10:03 真的抱歉",
    ],
)
def test_the_right_order_passes(chat: str) -> None:
    assert found(chat) == ("pass", [])


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00 怎么退\nagent 10:01 给您退款",
        "customer 10:00 气死我了\nagent 10:01 在的,您请讲",
        "customer 10:00 气死我了\nagent 10:01 在的\ncustomer 10:02 退吧\nagent 10:03 给您退款",
        "agent 10:00 给您退款\ncustomer 10:01 气死我了",
        "customer 10:00 退吧\nagent 10:01 您别气死自己,给您退款",
    ],
)
def test_without_the_occasion_or_anything_to_order_it_does_not_apply(chat: str) -> None:
    assert found(chat) == ("not_applicable", [])


def test_every_occasion_of_a_conversation_is_judged_and_a_burst_once() -> None:
    turn = "customer 10:00 气死我了\ncustomer 10:00 太慢了\nagent 10:01 给您退款\n"
    assert found(turn + turn) == ("fail", [(2, "退款", "missing"), (5, "退款", "missing")])
