"""An answer as a form gives it, by places on the sheet, and as it is kept, by ids; and the way back to show it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.training.chat_keys import written_key
from qaplatform.training.drawing import PaperItem, answered
from qaplatform.training.questions import AnyQuestion, FillIn, JudgeChat, Ordering, ShortAnswer, TrueFalse, Verdict
from qaplatform.training.scoring import (
    Answer,
    Chosen,
    Filled,
    Judged,
    Mark,
    Marked,
    Ordered,
    Said,
    Written,
)

MOST_CHARS = 4000
MOST_BLANK_CHARS = 200
MOST_MARKS = 40


class AnswerTooLongError(QAPlatformError):
    """An answer has 4,000 characters at most, a blank 200."""

    code: ClassVar[str] = "papers.answer_too_long"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has filled in; what another kind of question has is passed over."""

    places: tuple[int, ...] = ()
    """Places of options on the sheet, from 1: those chosen, or the steps in the order given."""
    said: bool | None = None
    blanks: tuple[str, ...] = ()
    text: str = ""
    marks: tuple[Mark, ...] = ()
    quotes: Mapping[int, tuple[str, ...]] = {}
    """Words copied out of messages, by the message's number: how one marks without a script."""
    verdicts: Mapping[str, str] = {}
    score: float | None = None

    @property
    def mark(self) -> str:
        """Tells two of them apart."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:16]


def kept_answer(question: AnyQuestion, item: PaperItem, given: Given) -> Answer | None:
    """The answer to keep; ``None`` where nothing was filled in.

    Raises:
        AnswerTooLongError: a text is.
    """
    if len(given.text) > MOST_CHARS or any(len(one) > MOST_BLANK_CHARS for one in given.blanks):
        raise AnswerTooLongError
    answer = _answer(question, item, given)
    return None if answer == empty_answer(question) else answer


def _answer(question: AnyQuestion, item: PaperItem, given: Given) -> Answer:
    if isinstance(question, TrueFalse):
        return Said(given.said)
    if isinstance(question, FillIn):
        blanks = tuple(one.strip() for one in given.blanks[: len(question.blanks)])
        return Filled(blanks if any(blanks) else ())
    if isinstance(question, ShortAnswer):
        return Written(given.text if given.text.strip() else "")
    if isinstance(question, JudgeChat) and question.task == "mark":
        return Marked(_marks(question, given))
    if isinstance(question, JudgeChat) and question.task == "score":
        verdicts: dict[str, Verdict] = {}
        for criterion in question.verdicts:
            said = given.verdicts.get(criterion)
            if said in ("pass", "fail"):
                verdicts[criterion] = said  # type: ignore[assignment]  # one of the two
        score = given.score if given.score is not None and 0 <= given.score <= 100 else None
        return Judged(verdicts, score)
    # A choice of several is kept in the order of the sheet, so that ticking twice in another order is the same answer.
    places = given.places if isinstance(question, Ordering) else tuple(sorted(set(given.places)))
    return answered(item, tuple(dict.fromkeys(places)), question.kind)


def _marks(question: JudgeChat, given: Given) -> tuple[Mark, ...]:
    """Marks in agents' messages, within them; copied words where they stand."""
    texts = {n: one.text for n, one in enumerate(question.conversation.messages) if one.role == "agent"}
    found = {
        Mark(one.message, max(0, one.start), min(one.end, len(texts[one.message])))
        for one in given.marks
        if one.message in texts
    }
    for message, quotes in given.quotes.items():
        for quote in quotes:
            start = texts.get(message, "").find(quote) if quote else -1
            if start >= 0:
                found.add(Mark(message, start, start + len(quote)))
    return tuple(sorted(one for one in found if one.start < one.end)[:MOST_MARKS])


def empty_answer(question: AnyQuestion) -> Answer:
    """The answer of somebody who has filled in nothing."""
    if isinstance(question, TrueFalse):
        return Said()
    if isinstance(question, FillIn):
        return Filled()
    if isinstance(question, ShortAnswer):
        return Written()
    if isinstance(question, Ordering):
        return Ordered()
    if isinstance(question, JudgeChat) and question.task != "better":
        return Marked() if question.task == "mark" else Judged()
    return Chosen()


def read_answer(kept: Mapping[str, object] | None) -> Answer | None:
    """An answer as it is in the database."""
    return None if kept is None else msgspec.convert(kept, Answer)


def right_answer(question: AnyQuestion) -> Answer:
    """What would be right, as an answer; of texts, a model."""
    answer: Answer
    match question:
        case TrueFalse():
            answer = Said(question.answer)
        case FillIn():
            answer = Filled(tuple(one[0] for one in question.blanks))
        case ShortAnswer():
            answer = Written(question.model_answer.zh)
        case Ordering():
            answer = Ordered(tuple(one.id for one in question.steps))
        case JudgeChat(task="score"):
            answer = Judged(question.verdicts, question.score)
        case JudgeChat(task="mark"):
            answer = Marked(tuple(Mark(one.message, one.start, one.end) for one in written_key(question).spans))
        case _:
            answer = Chosen(question.answer)
    return answer


def shown_answer(item: PaperItem, answer: Answer | None) -> Given:
    """A kept answer as a form shows it."""
    given = Given()
    match answer:
        case Chosen():
            given = Given(places=_places(item, answer.options))
        case Ordered():
            given = Given(places=_places(item, answer.steps))
        case Said():
            given = Given(said=answer.value)
        case Filled():
            given = Given(blanks=answer.blanks)
        case Written():
            given = Given(text=answer.text)
        case Marked():
            given = Given(marks=answer.marks)
        case Judged():
            given = Given(verdicts=answer.verdicts, score=answer.score)
    return given


def _places(item: PaperItem, ids: Sequence[str]) -> tuple[int, ...]:
    return tuple(item.shown.index(id) + 1 for id in ids if id in item.shown)
