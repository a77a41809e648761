"""Questions as templates show them: texts with their blanks, messages with their marks, options with what they were."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qaplatform.audit.phrases import Words
from qaplatform.services.training.paper_answers import Given, right_answer, shown_answer
from qaplatform.services.training.paper_attempts import Reviewed
from qaplatform.training.drawing import AskedMessage, AskedQuestion, Paper, PaperItem, Wanted, draw, sheet_of
from qaplatform.training.questions import BLANK, AnyQuestion, Bank, JudgeChat, MultipleChoice, SingleChoice
from qaplatform.web.i18n import language


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a message's text: plain, ``marked``, or in a review ``right``, ``missed`` or ``wrong``."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option in a review."""

    place: int
    text: str
    is_given: bool
    is_right: bool


def text_pieces(asked: AskedQuestion) -> list[str]:
    """The text of a fill-in around its blanks; of others the whole."""
    return re.split(BLANK, asked.text) if asked.kind == "fill_in" else [asked.text]


def marked_pieces(message: AskedMessage, given: Given) -> list[Piece]:
    """A message with what somebody has marked."""
    spans = [(one.start, one.end) for one in given.marks if one.message == message.number]
    return _pieces(message.text, spans, [], ("marked", "", "marked"))


def reviewed_pieces(message: AskedMessage, one: Reviewed) -> list[Piece]:
    """A message with what was marked and what should have been."""
    given = [(mark.start, mark.end) for mark in one.given.marks if mark.message == message.number]
    return _pieces(message.text, given, _wanted(message, one), ("wrong", "missed", "right"))


def _wanted(message: AskedMessage, one: Reviewed) -> list[tuple[int, int]]:
    if message.role != "agent" or one.result is None or one.asked.task != "mark":
        return []
    found = []
    for part in one.result.parts:
        first = next((each for each in one.asked.messages if each.role == "agent" and part.wanted in each.text), None)
        if part.what != "mark" and part.wanted and first is not None and first.number == message.number:
            start = message.text.index(part.wanted)
            found.append((start, start + len(part.wanted)))
    return found


def _pieces(
    text: str, given: Sequence[tuple[int, int]], wanted: Sequence[tuple[int, int]], kinds: tuple[str, str, str]
) -> list[Piece]:
    """``kinds``: of what was given only, wanted only, both."""
    edges = sorted({0, len(text), *(edge for span in (*given, *wanted) for edge in span if edge <= len(text))})
    found = []
    for start, end in itertools.pairwise(edges):
        is_given = any(first <= start and end <= last for first, last in given)
        is_wanted = any(first <= start and end <= last for first, last in wanted)
        kind = kinds[2] if is_given and is_wanted else kinds[0] if is_given else kinds[1] if is_wanted else ""
        found.append(Piece(text[start:end], kind))
    return found or [Piece(text)]


def shown_options(one: Reviewed) -> list[ShownOption]:
    """The options as they were shown; which are right only where that may be known."""
    question = one.question
    right: Sequence[str] = question.answer if isinstance(question, SingleChoice | MultipleChoice | JudgeChat) else ()
    return [
        ShownOption(option.place, option.text, option.place in one.given.places, id in right)
        for option, id in zip(one.asked.options, one.item.shown, strict=True)
    ]


def steps_given(one: Reviewed) -> list[str]:
    """The steps in the order somebody gave."""
    texts = {option.place: option.text for option in one.asked.options}
    return [texts[place] for place in one.given.places if place in texts]


def in_order(order: AskedQuestion, given: Given) -> list[tuple[int, str]]:
    """The steps of an order to show: those that have a place first, then the rest."""
    texts = {option.place: option.text for option in order.options}
    listed = [*given.places, *(place for place in texts if place not in given.places)]
    return [(place, texts[place]) for place in listed if place in texts]


def point_titles(question: AnyQuestion) -> Mapping[str, str]:
    """What a short answer must say, by number."""
    points = getattr(question, "points", ())
    return {str(number): one.title.in_language(language()) for number, one in enumerate(points, start=1)}


def as_asked(question: AnyQuestion) -> tuple[AskedQuestion, Reviewed]:
    """A question as a candidate sees it, and with what is right filled in, for its author."""
    spoken = "en" if language() == "en" and question.has_english else "zh"
    paper: Paper = draw(Bank.of([question]), [Wanted(1)], "author")
    item: PaperItem = paper.items[0]
    [asked] = sheet_of(Bank.of([question]), paper, language=spoken).questions
    given = shown_answer(item, right_answer(question))
    return asked, Reviewed(
        asked, item, given, is_answered=True, points=None, result=None, question=question, rulings=()
    )


def title_in(titles: Mapping[str, Words], criterion: str) -> str:
    """A criterion's title, or its id where the rubric in force has none."""
    found = titles.get(criterion)
    return found.in_language(language()) if found else criterion
