"""The question bank for those who write it: looking through it, and writing a question as YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.problem import Mark, Problem
from qaplatform.audit.saying import say
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import questions_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.rubric_keys import criterion_titles, stale
from qaplatform.services.training.text_editing import EditedText, edited_text, keep_text, withdraw_text
from qaplatform.services.training.texts import Writing
from qaplatform.store.training.texts import newest_texts, standing_texts
from qaplatform.training.question_loading import check_questions, shipped_questions
from qaplatform.training.question_yaml import question_yaml
from qaplatform.training.questions import AnyQuestion, Bank, JudgeChat, Kind

EDIT, PUBLISH = "training.edit", "training.publish"
Origin = Literal["shipped", "changed", "own"]

_TEMPLATE = """topic: wording
title: {{zh: 服务用语与禁语}}
questions:
  - id: {code}
    type: single
    difficulty: 1
    criterion: banned_phrase
    text: 题目
    options:
      - 第一项
      - 第二项
      - 第三项
    answer: a
    explanation: 为什么
"""


class BankFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; what is empty is any."""

    text: str = ""
    topic: str = ""
    kind: str = ""
    difficulty: int | None = None
    criterion: str = ""
    language: str = ""
    """``en``: only what is there in English."""
    origin: str = ""
    """An origin, or ``draft``: with a draft that is not published."""


class BankLine(msgspec.Struct, frozen=True):
    """A question of the list."""

    question: AnyQuestion
    origin: Origin
    has_draft: bool


class BankPage(msgspec.Struct, frozen=True):
    """A page of the list, with what one may choose from."""

    lines: tuple[BankLine, ...]
    total: int
    topics: Mapping[str, str]
    """Ids and titles, in the viewer's language."""
    criteria: tuple[str, ...]
    new_drafts: tuple[str, ...]
    """Codes of drafts of questions that were never published."""


class QuestionSeen(msgspec.Struct, frozen=True):
    """A question as its author sees it."""

    code: str
    question: AnyQuestion | None
    """As it stands; ``None``: only a draft, or withdrawn."""
    origin: Origin
    text: EditedText
    problems: tuple[Problem, ...]
    """Of the newest version."""
    topic_title: str

    @property
    def is_unborn(self) -> bool:
        """Whether there are only drafts of it."""
        return self.question is None and all(one.state == "draft" for one in self.text.versions)


def bank_page(session: Session, viewer: Viewer, wanted: BankFilter, *, page: int, page_size: int) -> BankPage:
    """A page of the bank, by topic and id.

    Raises:
        AccessError: they don't write questions.
    """
    viewer.demand(EDIT)
    bank = questions_now(session)
    own = {one.code for one in standing_texts(session, "question") if one.state == "published"}
    drafts = {one.code for one in newest_texts(session, "question") if one.state == "draft"}
    found = [
        BankLine(one, _origin(one.id, own), one.id in drafts)
        for one in sorted(bank.questions.values(), key=lambda one: (one.topic, one.id))
    ]
    kept = [one for one in found if _fits(one, wanted)]
    first = (page - 1) * page_size
    return BankPage(
        tuple(kept[first : first + page_size]),
        len(kept),
        {topic: _title(bank, topic, viewer.language) for topic in bank.topics()},
        tuple(sorted({one.criterion for one in bank.questions.values() if one.criterion})),
        tuple(sorted(drafts - bank.questions.keys())),
    )


def filtered(session: Session, viewer: Viewer, wanted: BankFilter) -> list[AnyQuestion]:
    """All questions a filter finds, to take along as a file.

    Raises:
        AccessError: they don't write questions.
    """
    page = bank_page(session, viewer, wanted, page=1, page_size=100_000)
    return [one.question for one in page.lines]


def _origin(code: str, own: Iterable[str]) -> Origin:
    if code not in own:
        return "shipped"
    return "changed" if code in shipped_questions().questions else "own"


def _title(bank: Bank, topic: str, language: str) -> str:
    found = bank.titles.get(topic)
    return found.in_language(language) if found else topic


def _fits(line: BankLine, wanted: BankFilter) -> bool:
    question = line.question
    return (
        (not wanted.topic or question.topic == wanted.topic)
        and (not wanted.kind or question.kind == wanted.kind)
        and (wanted.difficulty is None or question.difficulty == wanted.difficulty)
        and (not wanted.criterion or question.criterion == wanted.criterion)
        and (wanted.language != "en" or question.has_english)
        and (not wanted.origin or (line.has_draft if wanted.origin == "draft" else line.origin == wanted.origin))
        and (not wanted.text or wanted.text.casefold() in _haystack(question))
    )


def _haystack(question: AnyQuestion) -> str:
    texts = [text for _, words in question.texts() for text in (words.zh, words.en)]
    chat = question.chat if isinstance(question, JudgeChat) else ""
    return "\n".join([question.id, *texts, chat]).casefold()


def question_seen(
    session: Session, viewer: Viewer, code: str, *, version_id: int | None = None, now: datetime
) -> QuestionSeen:
    """A question with its text, versions and what is wrong with the newest.

    Raises:
        AccessError: they don't write questions.
        NotThereError: there is neither a question nor a version of one.
    """
    viewer.demand(EDIT)
    bank = questions_now(session)
    question = bank.questions.get(code)
    known = question or shipped_questions().questions.get(code)
    otherwise = question_yaml(known, bank.titles.get(known.topic)) if known else _TEMPLATE.format(code=code)
    text = edited_text(session, "question", code, otherwise, version_id=version_id)
    if known is None and not text.versions:
        raise NotThereError
    own = [code] if question is not None and any(one.state == "published" for one in text.versions) else []
    problems = check_question_text(session, code, text.text, now=now)
    return QuestionSeen(
        code, question, _origin(code, own), text, problems, _title(bank, known.topic, viewer.language) if known else ""
    )


def new_question(session: Session, viewer: Viewer, kind: Kind = "single") -> EditedText:
    """What a new question begins with: a free id and an example to write over; ``kind``: like one of that kind."""
    viewer.demand(EDIT)
    bank = questions_now(session)
    taken = {*bank.questions, *(one.code for one in newest_texts(session, "question"))}
    code = next(f"own-{n:03d}" for n in range(1, 100_000) if f"own-{n:03d}" not in taken)
    like = next((one for one in shipped_questions().questions.values() if one.kind == kind), None)
    if kind == "single" or like is None:
        return EditedText(code, _TEMPLATE.format(code=code), 0, is_draft=False, versions=())
    text = question_yaml(like, bank.titles.get(like.topic)).replace(f"id: {like.id}", f"id: {code}", 1)
    return EditedText(code, text, 0, is_draft=False, versions=())


def check_question_text(session: Session, code: str, text: str, *, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with a text, and what should be better: at its lines."""
    path = f"{code}.yaml"
    bank, problems = check_questions({path: text}, list(criterion_titles(session, now=now)))
    if bank is None:
        return problems
    found = list(problems)
    if list(bank.questions) != [code]:
        line = next((n for n, one in enumerate(text.split("\n"), 1) if "id:" in one), 1)
        given = say("{names}", names=tuple(bank.questions)) if bank.questions else say("none")
        said = say("there must be one question, with the id {code!r}, not {given}", code=code, given=given)
        return (*found, Problem(path, line, 1, said))
    mark = Mark(path, 1, 1)
    warnings = stale(session, bank.questions[code], now=now)
    return (*found, *(Problem(mark.path, mark.line, mark.column, one, "warning") for one in warnings))


def topic_titles(session: Session, language: str) -> Mapping[str, str]:
    """What topics are called."""
    return {topic: words.in_language(language) for topic, words in questions_now(session).titles.items()}


def texts_by_id(session: Session) -> Mapping[str, AnyQuestion]:
    """The questions of the bank by id."""
    return questions_now(session).questions


def read_question(code: str, text: str) -> AnyQuestion | None:
    """The question of a text, if it is one."""
    bank, _ = check_questions({f"{code}.yaml": text})
    return None if bank is None else bank.questions.get(code)


def save_question(
    session: Session, viewer: Viewer, code: str, text: str, *, base_id: int, publish: bool, now: datetime
) -> int:
    """Keep a question as a draft, or publish it; the version's id.

    Raises:
        AccessError: they may not.
        TextMovedOnError, FaultyTextError, TextCodeError, TextTooLongError: it cannot be kept so.
    """
    problems: Sequence[Problem] = check_question_text(session, code, text, now=now) if publish else ()
    writing = Writing(kind="question", code=code, text=text)
    return keep_text(session, viewer, writing, problems, base_id=base_id, publish=publish, now=now)


def drop_draft(session: Session, viewer: Viewer, code: str, *, seen_id: int, now: datetime) -> bool:
    """Put the draft aside for good; whether anything of the question is left.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    is_shipped = code in shipped_questions().questions
    return drop_text_draft(session, viewer, "question", code, seen_id=seen_id, is_elsewhere=is_shipped, now=now)


def withdraw_question(session: Session, viewer: Viewer, code: str, *, now: datetime) -> None:
    """Take a question out of the bank; answers that were given to it stay.

    Raises:
        AccessError: they may not.
        NotThereError: it is not in the bank.
    """
    viewer.demand(PUBLISH)
    if code not in questions_now(session).questions:
        raise NotThereError
    withdraw_text(session, viewer, "question", code, now=now)
