"""A question as the YAML of a file of its own: what :mod:`qaplatform.training.question_loading` reads back as the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qaplatform.audit.phrases import Words
from qaplatform.training.questions import (
    AnyQuestion,
    FillIn,
    JudgeChat,
    MultipleChoice,
    Option,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from qaplatform.training.yaml_writing import list_yaml, text_yaml, words_yaml


def question_yaml(question: AnyQuestion, title: Words | None = None) -> str:
    """The text of a file with this question; ``title`` is that of its topic."""
    return "\n".join(
        [f"topic: {question.topic}", f"title: {_words(title or Words(question.topic, ''))}", "questions:"]
    ) + ("\n  - " + "\n    ".join(_lines(question)) + "\n")


def _lines(question: AnyQuestion) -> Iterator[str]:
    yield f"id: {question.id}"
    yield f"type: {question.kind}"
    yield f"difficulty: {question.difficulty}"
    if question.criterion is not None:
        yield f"criterion: {text_yaml(question.criterion)}"
    if question.domain is not None:
        yield f"domain: {question.domain}"
    if isinstance(question, JudgeChat):
        yield f"task: {question.task}"
    yield f"text: {_words(question.text)}"
    yield from _own(question)
    yield f"explanation: {_words(question.explanation)}"


def _own(question: AnyQuestion) -> Iterator[str]:
    if isinstance(question, SingleChoice | MultipleChoice):
        yield from _options("options", question.options)
        yield f"answer: {_letters(question.answer)}"
    elif isinstance(question, TrueFalse):
        yield f"answer: {str(question.answer).lower()}"
    elif isinstance(question, Ordering):
        yield from _options("steps", question.steps)
    elif isinstance(question, FillIn):
        yield "blanks:"
        yield from (f"  - {list_yaml(accepted)}" for accepted in question.blanks)
    elif isinstance(question, ShortAnswer):
        if question.points:
            yield "points:"
        for point in question.points:
            yield f"  - title: {_words(point.title)}"
            yield f"    phrases: {list_yaml(point.phrases)}"
        yield f"model_answer: {_words(question.model_answer)}"
    else:
        yield from _judge_chat(question)


def _judge_chat(question: JudgeChat) -> Iterator[str]:
    yield "chat: |"
    yield from (f"  {line}" for line in question.chat.strip().split("\n"))
    if question.faults:
        yield "faults:"
    for fault in question.faults:
        yield f"  - {{criterion: {text_yaml(fault.criterion)}, message: {fault.message}, quote: {text_yaml(fault.quote)}}}"
    if question.options:
        yield from _options("options", question.options)
        yield f"answer: {_letters(question.answer)}"
    if question.verdicts:
        yield "verdicts:"
        yield from (f"  {criterion}: {verdict}" for criterion, verdict in question.verdicts.items())
    if question.score is not None:
        yield f"score: {question.score:g}"


def _options(key: str, options: Iterable[Option]) -> Iterator[str]:
    yield f"{key}:"
    yield from (f"  - {_words(one.text)}" for one in options)


def _letters(answer: Iterable[str]) -> str:
    listed = list(answer)
    return listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"


def _words(words: Words) -> str:
    return words_yaml(words) if words.en else text_yaml(words.zh)
