"""What lessons teach is what the shipped rubric says: bad wording is found, good wording is let through.

Only criteria that a check judges can be asked. Of a single exchange nobody asks a greeting, a closing question or all that
a complaint needs; a chat shown as good must be good in everything.
"""

from __future__ import annotations

import pytest

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.notation import parse_messages
from qaplatform.resources import shipped_folder
from qaplatform.training.lesson_loading import load_lessons
from qaplatform.training.lessons import Lesson, Lessons
from tests.shipped import shipped_auditor

WHOLE_CHATS_ONLY = {"greeting", "closing_check", "complaint_followup"}
NOT_SEEN_IN_ONE_EXCHANGE = {"response_time"}
ASKS = {"zh": "您好，请问一下", "en": "Hello, a question please"}


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return shipped_auditor()


@pytest.fixture(scope="module")
def lessons(auditor: Auditor) -> Lessons:
    known = frozenset(one.id for one in auditor.rubric.criteria)
    return load_lessons(shipped_folder("packs") / "lessons", criteria=known)


def findings(auditor: Auditor, language: str, chats: list[tuple[Message, ...]]) -> list[dict[str, str]]:
    """Of each chat the criteria that fail, each with the words found."""
    audited = auditor.audit([Conversation(id="lesson", messages=chat, language=language) for chat in chats])
    cards = [audited.scorecard(index) for index in range(len(chats))]
    return [{one.id: one.findings[0].quote for one in card.criteria if one.findings} for card in cards]


def one_exchange(lesson: Lesson, customer: str, agent: str) -> tuple[Message, ...]:
    asked, said = ((text.replace("\n", "\\n")) for text in (customer or ASKS[lesson.language], agent))
    return parse_messages(f"customer 10:00:00 {asked}\nagent 10:00:20 {said}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bad_side_of_a_wording_pair_is_found_and_the_good_side_is_not(
    auditor: Auditor, lessons: Lessons, language: str
) -> None:
    checked = {one.id for one in auditor.rubric.criteria if one.kind == "check" and not one.hint}
    pairs = [(lesson, pair) for lesson in lessons.all(language) for pair in lesson.pairs]
    goods = findings(auditor, language, [one_exchange(lesson, pair.customer, pair.good) for lesson, pair in pairs])
    bads = findings(auditor, language, [one_exchange(lesson, pair.customer, pair.bad) for lesson, pair in pairs])
    wrong = []
    for (lesson, pair), good, bad in zip(pairs, goods, bads, strict=True):
        place = f"{language}/{lesson.id}.md:{pair.line}"
        found = sorted(good.keys() - (WHOLE_CHATS_ONLY - {pair.criterion}))
        wrong += [f"{place}: good side: {criterion}: {good[criterion]}" for criterion in found]
        if pair.criterion in checked - NOT_SEEN_IN_ONE_EXCHANGE and pair.criterion not in bad:
            wrong.append(f"{place}: bad side: {pair.criterion} is silent")
    assert wrong == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_chat_breaks_what_it_says_and_a_good_one_breaks_nothing(
    auditor: Auditor, lessons: Lessons, language: str
) -> None:
    chats = [(lesson, chat) for lesson in lessons.all(language) for chat in lesson.chats]
    wrong = []
    for (lesson, chat), found in zip(
        chats, findings(auditor, language, [one.messages for _, one in chats]), strict=True
    ):
        if (chat.verdict == "good" and found) or (chat.verdict == "bad" and chat.criterion not in found):
            wrong.append(f"{language}/{lesson.id}.md:{chat.line}: {chat.verdict} {chat.criterion}, but found {found}")
    assert wrong == []


def test_every_criterion_that_a_check_judges_has_a_lesson(auditor: Auditor, lessons: Lessons) -> None:
    checked = [one.id for one in auditor.rubric.criteria if one.kind == "check"]
    assert [id for id in checked if not lessons.explaining(id)] == []
