"""Questions of the bank: seven kinds, each a frozen value that cannot be wrong in itself.

What is right is part of these values, so none of them is ever sent to a candidate: :mod:`qaplatform.training.drawing`
makes what is. Texts are Chinese, English where somebody wrote it; a question is English only as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.notation import NotationError, parse_conversation
from qaplatform.audit.phrases import Words
from qaplatform.audit.saying import Saying, said_in, say

Kind = Literal["single", "multiple", "true_false", "order", "fill_in", "short_answer", "judge_chat"]
KINDS: tuple[Kind, ...] = ("single", "multiple", "true_false", "order", "fill_in", "short_answer", "judge_chat")
Task = Literal["mark", "better", "score"]
Verdict = Literal["pass", "fail"]
LETTERS = "abcdefgh"
"""Ids of options and of the pieces of an order, by their place in the file; so many there may be."""
BLANK = re.compile(r"_{3,}")
"""A blank in the text of a fill-in."""
HARDEST = 3


class FlawError(ValueError):
    """A question cannot be as it is; ``field`` says which of its fields to look at."""

    def __init__(self, field: str, message: Saying) -> None:
        super().__init__(message)
        self.field = field


class Option(msgspec.Struct, frozen=True, gc=False):
    """Something to choose, or a piece to put in order."""

    id: str
    text: Words


class RequiredPoint(msgspec.Struct, frozen=True, gc=False):
    """What a short answer must say; any one of ``phrases`` says it."""

    title: Words
    phrases: tuple[str, ...]


class Fault(msgspec.Struct, frozen=True, gc=False):
    """Words of a dialogue that the rubric finds: ``quote`` stands in message number ``message`` (from 0)."""

    criterion: str
    message: int
    quote: str


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", dict=True):
    """What all kinds have; ``criterion`` (an id of the rubric) or ``domain`` (``D5``) says what it trains."""

    id: str
    topic: str
    difficulty: int
    text: Words
    explanation: Words
    criterion: str | None = None
    domain: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no question may be.

        Raises:
            FlawError: naming the field.
        """
        _check_id("id", self.id)
        _check_id("topic", self.topic)
        if not 1 <= self.difficulty <= HARDEST:
            raise FlawError("difficulty", say("difficulty must be from 1 (easy) to {hardest} (hard)", hardest=HARDEST))
        if self.criterion is None and self.domain is None:
            raise FlawError("criterion", say("a question says what it trains: a criterion, or a domain such as D5"))
        if self.domain is not None and not re.fullmatch(r"D[1-9][0-9]?", self.domain):
            raise FlawError("domain", say("domain must be a row such as D5, not {domain!r}", domain=self.domain))
        texts = list(self.texts())
        for field, words in texts:
            if not words.zh.strip():
                raise FlawError(field, say("{field} has no Chinese text", field=field))
            if bool(words.en.strip()) != bool(self.text.en.strip()):
                raise FlawError(field, say("a question is in English as a whole or not at all"))

    @property
    def kind(self) -> Kind:
        """The kind, as files call it."""
        return self.__struct_config__.tag  # type: ignore[return-value]

    @property
    def has_english(self) -> bool:
        """Whether it can be asked in English."""
        return bool(self.text.en.strip())

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits of its content: statistics belong to a wording, and a changed question starts anew."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:12]

    def texts(self) -> Iterable[tuple[str, Words]]:
        """Every text that has a language, with its field."""
        yield "text", self.text
        yield "explanation", self.explanation


class _WithOptions(Question, frozen=True, kw_only=True):
    options: tuple[Option, ...]
    answer: tuple[str, ...]
    """Ids of the right options."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_options("options", self.options)
        ids = [one.id for one in self.options]
        for id in self.answer:
            if id not in ids:
                raise FlawError("answer", say("answer names {id!r}; the options are {names}", id=id, names=tuple(ids)))
        if len(set(self.answer)) != len(self.answer):
            raise FlawError("answer", say("an option stands twice in answer"))

    def texts(self) -> Iterable[tuple[str, Words]]:
        """With those of this kind."""
        yield from super().texts()
        yield from (("options", one.text) for one in self.options)


class SingleChoice(_WithOptions, frozen=True, kw_only=True, tag="single"):
    """One of several options is right."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.answer) != 1:
            raise FlawError("answer", say("a single choice has exactly one right option"))


class MultipleChoice(_WithOptions, frozen=True, kw_only=True, tag="multiple"):
    """Two or more of several options are right, and at least one is not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= len(self.answer) < len(self.options):
            raise FlawError(
                "answer", say("a multiple choice has at least two right options and at least one wrong one")
            )


class TrueFalse(Question, frozen=True, kw_only=True, tag="true_false"):
    """A statement that holds or does not."""

    answer: bool


class Ordering(Question, frozen=True, kw_only=True, tag="order"):
    """Steps to put in order; ``steps`` stand in the right one."""

    steps: tuple[Option, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_options("steps", self.steps, least=3)

    def texts(self) -> Iterable[tuple[str, Words]]:
        """With those of this kind."""
        yield from super().texts()
        yield from (("steps", one.text) for one in self.steps)


class FillIn(Question, frozen=True, kw_only=True, tag="fill_in"):
    """A text with blanks ``____``; each item of ``blanks`` lists what is accepted there, the model answer first."""

    blanks: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        for words in (self.text.zh, self.text.en):
            if words and len(BLANK.findall(words)) != len(self.blanks):
                raise FlawError(
                    "blanks",
                    say(
                        "the text has {count} blanks ____, not {given}",
                        count=len(BLANK.findall(words)),
                        given=len(self.blanks),
                    ),
                )
        if not self.blanks or any(not accepted or not all(map(str.strip, accepted)) for accepted in self.blanks):
            raise FlawError("blanks", say("every blank needs at least one accepted answer"))


class ShortAnswer(Question, frozen=True, kw_only=True, tag="short_answer"):
    """A free answer: what must be said in it, and how a good one reads. Without ``points`` a person reads every answer."""

    points: tuple[RequiredPoint, ...] = ()
    model_answer: Words

    def __post_init__(self) -> None:
        super().__post_init__()
        for point in self.points:
            if not point.phrases or not all(map(str.strip, point.phrases)):
                raise FlawError("points", say("the point {title!r} needs phrases that say it", title=point.title.zh))

    def texts(self) -> Iterable[tuple[str, Words]]:
        """With those of this kind."""
        yield from super().texts()
        yield "model_answer", self.model_answer
        yield from (("points", one.title) for one in self.points)


class JudgeChat(Question, frozen=True, kw_only=True, tag="judge_chat"):
    """A dialogue to judge.

    ``mark``: mark the words the rubric finds (``faults``). ``better``: which of ``options`` (``answer``) is the best next
    reply. ``score``: for each criterion of ``verdicts``, does the dialogue pass or fail, and what score does it get; the
    rubric's own score is ``score``. A law recomputes all of it, so that a key never lags behind the shipped rubric.
    """

    task: Task
    chat: str
    faults: tuple[Fault, ...] = ()
    options: tuple[Option, ...] = ()
    answer: tuple[str, ...] = ()
    verdicts: Mapping[str, Verdict] = {}
    score: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            messages = self.conversation.messages
        except NotationError as error:
            raise FlawError("chat", say("the chat cannot be read: {reason}", reason=said_in(error))) from error
        if not any(one.role == "agent" for one in messages) and self.task != "better":
            raise FlawError("chat", say("there is no agent in this chat"))
        needed = {"mark": "faults", "better": "options", "score": "verdicts"}[self.task]
        for field in ("faults", "options", "verdicts"):
            if bool(getattr(self, field)) != (field == needed):
                lacking = say("the task {task} needs {field}", task=self.task, field=field)
                strange = say("the task {task} has no {field}", task=self.task, field=field)
                raise FlawError(field, lacking if field == needed else strange)
        for fault in self.faults:
            if not (0 <= fault.message < len(messages) and fault.quote and fault.quote in messages[fault.message].text):
                raise FlawError(
                    "faults",
                    say("{quote!r} does not stand in message {number}", quote=fault.quote, number=fault.message),
                )
        if self.task == "better":
            _check_options("options", self.options)
            if len(self.answer) != 1 or self.answer[0] not in [one.id for one in self.options]:
                raise FlawError("answer", say("exactly one of the replies is the better one"))
        if (self.score is not None) != (self.task == "score") or not 0 <= (self.score or 0) <= 100:
            raise FlawError(
                "score", say("the task score needs the rubric's score from 0 to 100, and no other task has one")
            )

    @cached_property
    def conversation(self) -> Conversation:
        """The dialogue, as the audit takes it."""
        return parse_conversation(self.chat, id=self.id)

    def texts(self) -> Iterable[tuple[str, Words]]:
        """With those of this kind."""
        yield from super().texts()
        yield from (("options", one.text) for one in self.options)


AnyQuestion = SingleChoice | MultipleChoice | TrueFalse | Ordering | FillIn | ShortAnswer | JudgeChat


def options_of(texts: Iterable[Words]) -> tuple[Option, ...]:
    """Texts as options, lettered by their place.

    Raises:
        FlawError: there are more than letters.
    """
    listed = list(texts)
    if len(listed) > len(LETTERS):
        raise FlawError(
            "options", say("there may be {most} at most, not {count}", most=len(LETTERS), count=len(listed))
        )
    return tuple(Option(letter, text) for letter, text in zip(LETTERS, listed, strict=False))


def _check_id(field: str, id: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,79}", id):
        raise FlawError(
            field,
            say(
                "{field} must be of lower-case letters, digits, '_' and '-', a letter first, not {id!r}",
                field=field,
                id=id,
            ),
        )


def _check_options(field: str, options: tuple[Option, ...], least: int = 2) -> None:
    if not least <= len(options) <= len(LETTERS):
        raise FlawError(
            field,
            say(
                "{field} must be from {least} to {most}, not {count}",
                field=field,
                least=least,
                most=len(LETTERS),
                count=len(options),
            ),
        )
    if [one.id for one in options] != list(LETTERS[: len(options)]):
        raise FlawError(field, say("{field} are lettered a, b, c … in their order", field=field))
    for texts in ([one.text.zh for one in options], [one.text.en for one in options if one.text.en]):
        if len(set(texts)) != len(texts):
            raise FlawError(field, say("two of the {field} say the same", field=field))


class Bank(msgspec.Struct, frozen=True):
    """All questions, by id in the order of the ids."""

    questions: Mapping[str, AnyQuestion]
    titles: Mapping[str, Words] = {}
    """Of topics, as far as files say them."""

    @classmethod
    def of(cls, questions: Iterable[AnyQuestion], titles: Mapping[str, Words] | None = None) -> Bank:
        """A bank of some questions.

        Raises:
            FlawError: an id stands twice.
        """
        found: dict[str, AnyQuestion] = {}
        for question in questions:
            if question.id in found:
                raise FlawError("id", say("there are two questions {id!r}", id=question.id))
            found[question.id] = question
        return cls(dict(sorted(found.items())), dict(titles or {}))

    def topics(self) -> tuple[str, ...]:
        """The topics there are, sorted."""
        return tuple(sorted({one.topic for one in self.questions.values()}))

    def __len__(self) -> int:
        return len(self.questions)
