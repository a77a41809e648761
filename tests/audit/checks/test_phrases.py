"""Did the agent use words that the rubric forbids?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import phrases
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup

MATCHER = Matcher(
    PhraseBook(
        (
            PhraseGroup(id="forbidden", who="agent", phrases=("不可能", "管不了")),
            PhraseGroup(id="rude", who="agent", phrases=("爱买不买",)),
            PhraseGroup(id="forgiven", who="agent", phrases=("让您吃亏", "开玩笑")),
        )
    )
)
FORGIVING = phrases.Params(exempting_groups=("forgiven",), within_chars=2)


def found(chat: str, params: phrases.Params | None = None) -> tuple[str, list[tuple[int, str]]]:
    batch = Batch([Conversation(id="1", messages=parse_messages(chat))], MATCHER, Context(), ObserverSet())
    outcomes = phrases.check(batch, params or phrases.Params())
    spots = outcomes.findings.get(0, [])
    return OUTCOMES[outcomes.outcome[0]], [(spot.row, batch.texts[spot.row][spot.start : spot.end]) for spot in spots]


@pytest.mark.parametrize(
    ("chat", "words"),
    [
        ("customer 10:00 能退吗\nagent 10:01 这不可能", [(1, "不可能")]),
        ("customer 10:00 能退吗\nagent 10:01 不 可 能,我也管不了", [(1, "不 可 能"), (1, "管不了")]),
        ("agent 10:01 不可能\nagent 10:02 不可能", [(0, "不可能"), (1, "不可能")]),
    ],
)
def test_every_forbidden_word_is_a_finding(chat: str, words: list[tuple[int, str]]) -> None:
    assert found(chat) == ("fail", words)


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00 这不可能\nagent 10:01 您请讲",
        "auto 10:00 不可能\nagent 10:01 您请讲",
        "note 10:00 客户说不可能\nagent 10:01 您请讲",
        "agent 10:01 爱买不买",
    ],
)
def test_other_writers_and_other_groups_pass(chat: str) -> None:
    assert found(chat) == ("pass", [])


def test_several_groups_may_be_forbidden() -> None:
    params = phrases.Params(groups=("forbidden", "rude"))
    assert found("agent 10:01 爱买不买,我管不了", params) == ("fail", [(0, "爱买不买"), (0, "管不了")])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("不可能让您吃亏", "pass"),
        ("让您吃亏不可能", "pass"),
        ("不可能会让您吃亏", "pass"),
        ("不可能,再说谁会让您吃亏", "fail"),
        ("不可能", "fail"),
    ],
)
def test_exempting_words_forgive_from_close_by_only(text: str, outcome: str) -> None:
    assert found(f"agent 10:01 {text}", FORGIVING)[0] == outcome


def test_exempting_words_forgive_only_their_neighbour() -> None:
    assert found("agent 10:01 不可能让您吃亏,这事我管不了", FORGIVING) == ("fail", [(0, "管不了")])


def test_without_a_person_it_does_not_apply() -> None:
    assert found("customer 10:00 在吗\nbot 10:00 不可能")[0] == "not_applicable"
