"""All groups of a family are found in one pass, exactly where each alone is found."""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.matching import Matcher
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup

BOOK = PhraseBook(
    [
        PhraseGroup("before", phrases=("退货",)),
        PhraseGroup("tag/money", phrases=("退款", "refund"), unless=("退款保障",)),
        PhraseGroup("tag/goods", who="customer", phrases=("退货", "换货")),
        PhraseGroup("between", phrases=("换货",)),
        PhraseGroup("tag/late", phrases=("late",), patterns=("还没.{0,3}到",)),
    ]
)
TEXTS = [
    "我要退货退款",
    "有退款保障吗",
    "有退款保障,但我要退款",
    "退 款、退 款",
    "还没送到 it is late",
    "the latest one",
    "refunded? no refund",
    "要退,货款两清",
    "",
    "您好",
]


def batch_of(texts: list[str]) -> Batch:
    messages = tuple(
        Message(role="customer" if number % 2 else "agent", text=text)
        for number, text in enumerate([text for text in texts for _ in range(2)])
    )
    return Batch([Conversation(id="1", messages=messages)], Matcher(BOOK), Context(), ObserverSet())


def test_a_family_is_found_where_each_of_its_groups_is() -> None:
    batch = batch_of(TEXTS)
    names, columns, rows = batch.family("tag/")
    assert names == ("tag/money", "tag/goods", "tag/late")
    alone = [(column, row) for column, name in enumerate(names) for row in batch.has(name).nonzero()[0].tolist()]
    assert sorted(zip(columns.tolist(), rows.tolist(), strict=True)) == alone
    assert {column for column, _ in alone} == {0, 1, 2}


def test_a_group_that_stands_twice_in_a_message_is_told_once() -> None:
    _, columns, rows = batch_of(["退款退款退款"]).family("tag/")
    assert (columns.tolist(), sorted(rows.tolist())) == ([0, 0], [0, 1])


def test_a_family_without_groups_or_a_batch_without_messages_has_no_hits() -> None:
    assert batch_of(TEXTS).family("none/")[0] == ()
    assert batch_of([]).family("tag/")[2].size == 0
