"""Was the customer told when the conversation was passed on?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import announced_transfer
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup

MATCHER = Matcher(PhraseBook((PhraseGroup(id="announces_transfer", who="agent", phrases=("为您转接", "转给")),)))
LINE = "system 10:05 transfer 小王 → 小李\n"
OTHER_CHAT = "agent 09:00 为您转接同事\nsystem 09:01 transfer 甲 → 乙\nagent 09:02 转给我了"


def found(chat: str) -> tuple[str, list[int]]:
    """Outcome and rows of a chat between others in which all is announced."""
    chats = [
        Conversation(id=str(number), messages=parse_messages(one))
        for number, one in enumerate([OTHER_CHAT, chat, OTHER_CHAT])
    ]
    batch = Batch(chats, MATCHER, Context(), ObserverSet())
    outcomes = announced_transfer.check(batch, announced_transfer.Params())
    assert [OUTCOMES[outcomes.outcome[index]] for index in (0, 2)] == ["pass"] * 2
    return OUTCOMES[outcomes.outcome[1]], [batch.number(spot.row) for spot in outcomes.findings.get(1, [])]


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00 锁坏了\nagent 10:01 为您转接同事\n" + LINE,
        "customer 10:00 锁坏了\n" + LINE + "agent:a2 10:06 小王把您转给我了",
        "customer 10:00 锁坏了\nagent 10:01 为您转接\nagent 10:02 稍等\n" + LINE + "agent:a2 10:06 您好",
        "agent 10:01 为您转接同事\n" + LINE,
    ],
)
def test_a_word_in_the_same_turn_passes(chat: str) -> None:
    assert found(chat) == ("pass", [])


@pytest.mark.parametrize(
    ("chat", "rows"),
    [
        (LINE, [0]),
        ("customer 10:00 锁坏了\nagent 10:01 稍等\n" + LINE, [2]),
        ("customer 10:00 为您转接\n" + LINE, [1]),
        ("agent 10:01 为您转接\ncustomer 10:02 好\n" + LINE, [2]),
        (LINE + "customer 10:06 ?\nagent:a2 10:07 小王把您转给我了", [0]),
        ("customer 10:00 锁坏了\nnote 10:01 转给小李\nauto 10:01 为您转接\n" + LINE, [3]),
        (LINE + "customer 10:06 ?\n" + LINE, [0, 2]),
    ],
)
def test_a_transfer_nobody_told_of_is_a_finding(chat: str, rows: list[int]) -> None:
    assert found(chat) == ("fail", rows)


def test_without_a_transfer_line_it_does_not_apply() -> None:
    assert found("customer 10:00 锁坏了\nagent 10:01 为您转接") == ("not_applicable", [])
