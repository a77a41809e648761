"""Are vague words of time followed by a time?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import vague_words
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup

MATCHER = Matcher(
    PhraseBook(
        (
            PhraseGroup(id="vague_words", who="agent", phrases=("尽快", "稍后")),
            PhraseGroup(id="time_words", who="agent", phrases=("点前", "小时内")),
        )
    )
)
OTHER_CHAT = "agent 11:00 2小时内回复您\ncustomer 11:01 谢谢"


def found(chat: str, params: vague_words.Params | None = None) -> tuple[str, list[tuple[int, str]]]:
    """Outcome and findings of a chat with another one behind it, which must not be looked into."""
    chats = [
        Conversation(id=str(number), messages=parse_messages(one)) for number, one in enumerate([chat, OTHER_CHAT])
    ]
    batch = Batch(chats, MATCHER, Context(), ObserverSet())
    outcomes = vague_words.check(batch, params or vague_words.Params())
    assert OUTCOMES[outcomes.outcome[1]] == "not_applicable"
    spots = outcomes.findings.get(0, [])
    return OUTCOMES[outcomes.outcome[0]], [(spot.row, batch.texts[spot.row][spot.start : spot.end]) for spot in spots]


@pytest.mark.parametrize(
    ("chat", "words"),
    [
        ("agent 10:00 我尽快处理", [(0, "尽快")]),
        ("agent 10:00 稍后,我尽快处理", [(0, "稍后")]),
        ("agent 10:00 我尽快处理\ncustomer 10:01 好\nagent 10:02 嗯\nagent 10:03 18点前", [(0, "尽快")]),
        ("agent 10:00 我尽快处理\ncustomer 10:01 今天18点前行吗", [(0, "尽快")]),
        ("agent 10:00 18点前给您\nagent 10:01 我尽快处理", [(1, "尽快")]),
        ("agent 10:00 我尽快处理\nnote 10:01 18点前\nauto 10:01 2小时内", [(0, "尽快")]),
        ("agent 10:00 尽快\nagent 10:01 尽快\nagent 10:02 18点前", [(0, "尽快")]),
    ],
)
def test_vague_words_without_a_time_fail(chat: str, words: list[tuple[int, str]]) -> None:
    assert found(chat) == ("fail", words)


@pytest.mark.parametrize(
    "chat",
    [
        "agent 10:00 我尽快处理,今天18点前给您",
        "agent 10:00 我尽快处理\nagent 10:01 2小时内回复您",
        "agent 10:00 我尽快处理\ncustomer 10:01 多快\nagent 10:02 2小时内",
    ],
)
def test_a_time_in_the_same_or_the_next_message_passes(chat: str) -> None:
    assert found(chat) == ("pass", [])


@pytest.mark.parametrize(("messages", "outcome"), [(0, "fail"), (1, "fail"), (2, "pass"), (3, "pass")])
def test_how_soon_the_time_must_come_is_the_rubrics_business(messages: int, outcome: str) -> None:
    chat = "agent 10:00 我尽快处理\nagent 10:01 您放心\ncustomer 10:02 嗯\nagent 10:03 18点前"
    assert found(chat, vague_words.Params(next_messages=messages))[0] == outcome


@pytest.mark.parametrize("chat", ["customer 10:00 尽快哦\nagent 10:01 好的", "agent 10:00 今天18点前发"])
def test_without_vague_words_of_the_agents_it_does_not_apply(chat: str) -> None:
    assert found(chat) == ("not_applicable", [])
