"""A paper from the bank: which questions, in which order, options shuffled; and what of it a candidate may see.

The same bank, sections and seed give the same paper, on every machine and in every process: the order comes from SHA-256 over
seed and id, not from a random generator. A question added to the bank moves only what it displaces.

What goes to a candidate is a :class:`Sheet`. Its types have no field for what is right, it names questions by their number and
options by their place in the shuffled order, so that neither an id nor an order tells anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError
from qaplatform.training.questions import (
    AnyQuestion,
    Bank,
    FillIn,
    JudgeChat,
    Kind,
    MultipleChoice,
    Option,
    Ordering,
    SingleChoice,
    Task,
)
from qaplatform.training.scoring import Answer, Chosen, Ordered


class TooFewQuestionsError(QAPlatformError):
    """The bank holds too few questions for this paper; ask for fewer, or add some."""

    code: ClassVar[str] = "papers.too_few_questions"


class QuestionChangedError(QAPlatformError):
    """A question of this paper was changed or removed after it was drawn."""

    code: ClassVar[str] = "papers.question_changed"


class Wanted(msgspec.Struct, frozen=True):
    """So many questions of these topics, kinds, difficulties, criteria and ids; an empty tuple is any."""

    count: int
    topics: tuple[str, ...] = ()
    difficulties: tuple[int, ...] = ()
    kinds: tuple[Kind, ...] = ()
    criteria: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    """Of dialogues to judge; other kinds have none."""

    def takes(self, question: AnyQuestion) -> bool:
        """Whether a question is one of these."""
        return (
            (not self.topics or question.topic in self.topics)
            and (not self.difficulties or question.difficulty in self.difficulties)
            and (not self.kinds or question.kind in self.kinds)
            and (not self.criteria or question.criterion in self.criteria)
            and (not self.questions or question.id in self.questions)
            and (not self.tasks or getattr(question, "task", None) in self.tasks)
        )


class PaperItem(msgspec.Struct, frozen=True):
    """A question of a paper, the wording it had when it was drawn, and the ids of its options as they are shown."""

    question: str
    fingerprint: str
    shown: tuple[str, ...] = ()


class Paper(msgspec.Struct, frozen=True):
    """What was drawn. Kept at the server: with the bank it tells what is right."""

    seed: str
    items: tuple[PaperItem, ...]


class AskedOption(msgspec.Struct, frozen=True):
    """An option as it is shown; ``place`` counts from 1."""

    place: int
    text: str


class AskedMessage(msgspec.Struct, frozen=True):
    """A message of a dialogue to judge."""

    number: int
    role: str
    text: str
    sent_at: str | None = None


class AskedQuestion(msgspec.Struct, frozen=True):
    """A question as a candidate may see it; ``number`` counts from 1."""

    number: int
    kind: Kind
    text: str
    options: tuple[AskedOption, ...] = ()
    blank_count: int = 0
    task: Task | None = None
    messages: tuple[AskedMessage, ...] = ()
    criteria: tuple[str, ...] = ()
    """The criteria to judge the dialogue by, sorted (task *score*)."""


class Sheet(msgspec.Struct, frozen=True):
    """A paper as a candidate may see it."""

    questions: tuple[AskedQuestion, ...]


def draw(
    bank: Bank, sections: Sequence[Wanted], seed: str, *, language: str = "zh", avoid: Iterable[str] = ()
) -> Paper:
    """Draw a paper; no question twice.

    Args:
        bank: where from.
        sections: what is wanted, in the order of the paper; within a section the order is the seed's.
        seed: any text, such as ``"<paper>-<candidate>-<attempt>"``.
        language: ``en`` takes only questions that are there in English.
        avoid: ids that are drawn only where nothing else is left, such as those of an earlier attempt.

    Raises:
        TooFewQuestionsError: a section cannot be filled.
    """
    seen, used = frozenset(avoid), set[str]()
    items: list[PaperItem] = []
    for number, wanted in enumerate(sections, start=1):
        fitting = [
            one
            for one in bank.questions.values()
            if one.id not in used and wanted.takes(one) and (language != "en" or one.has_english)
        ]
        if len(fitting) < wanted.count:
            raise TooFewQuestionsError(f"section {number} asks for {wanted.count} questions; there are {len(fitting)}")
        fitting.sort(key=lambda one: (one.id in seen, _rank(seed, one.id)))
        for question in fitting[: wanted.count]:
            used.add(question.id)
            items.append(PaperItem(question.id, question.fingerprint, _shuffled(question, seed)))
    return Paper(seed, tuple(items))


def _rank(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _options(question: AnyQuestion) -> tuple[Option, ...]:
    if isinstance(question, Ordering):
        return question.steps
    return question.options if isinstance(question, SingleChoice | MultipleChoice | JudgeChat) else ()


def _shuffled(question: AnyQuestion, seed: str) -> tuple[str, ...]:
    """Ids of the options as they are shown; the steps of an order never stand in the right one."""
    ids = [one.id for one in _options(question)]
    for again in range(20):
        shown = sorted(ids, key=lambda id: _rank(seed, question.id, str(again), id))
        if not isinstance(question, Ordering) or shown != ids:
            return tuple(shown)
    return tuple(reversed(ids))


def question_of(bank: Bank, item: PaperItem) -> AnyQuestion:
    """The question a paper's item means.

    Raises:
        QuestionChangedError: it is gone, or it reads differently by now.
    """
    question = bank.questions.get(item.question)
    if question is None or question.fingerprint != item.fingerprint:
        raise QuestionChangedError(f"the question {item.question} is not what it was when this paper was drawn")
    return question


def sheet_of(bank: Bank, paper: Paper, *, language: str = "zh") -> Sheet:
    """What a candidate gets to see.

    Raises:
        QuestionChangedError: a question is gone or reads differently.
    """
    asked = [
        _asked(question_of(bank, item), item, number, language) for number, item in enumerate(paper.items, start=1)
    ]
    return Sheet(tuple(asked))


def _asked(question: AnyQuestion, item: PaperItem, number: int, language: str) -> AskedQuestion:
    texts: dict[str, Words] = {one.id: one.text for one in _options(question)}
    options = tuple(AskedOption(place, texts[id].in_language(language)) for place, id in enumerate(item.shown, start=1))
    asked = AskedQuestion(number, question.kind, question.text.in_language(language), options)
    if isinstance(question, FillIn):
        return msgspec.structs.replace(asked, blank_count=len(question.blanks))
    if isinstance(question, JudgeChat):
        messages = tuple(
            AskedMessage(place, one.role, one.text, one.sent_at)
            for place, one in enumerate(question.conversation.messages)
        )
        criteria = tuple(sorted(question.verdicts))
        return msgspec.structs.replace(asked, task=question.task, messages=messages, criteria=criteria)
    return asked


def answered(item: PaperItem, places: Sequence[int], kind: Kind) -> Answer:
    """Places on the sheet (from 1) as the answer they mean; places that do not exist are left out."""
    ids = tuple(item.shown[place - 1] for place in places if 1 <= place <= len(item.shown))
    return Ordered(ids) if kind == "order" else Chosen(ids)
