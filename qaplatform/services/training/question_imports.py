"""Questions from a file, XLSX or GIFT: first what would happen, then all of it in one transaction."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.saying import Saying, say
from qaplatform.errors import QAPlatformError
from qaplatform.formats.drafts import RefusedError
from qaplatform.services.access import Viewer
from qaplatform.services.training.catalogue import questions_now
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.training.gift import from_gift
from qaplatform.training.question_english import with_english_of
from qaplatform.training.question_sheets import read_questions_xlsx
from qaplatform.training.question_yaml import question_yaml
from qaplatform.training.questions import AnyQuestion, FlawError

MOST_QUESTIONS = 1000
MOST_BYTES = 16 << 20
_MOST_PLAIN_BYTES = 8 << 20
FileForm = Literal["xlsx", "gift"]


class QuestionFileError(QAPlatformError):
    """This file cannot be read: it must be a spreadsheet (XLSX) with the columns of an export, or GIFT in UTF-8."""

    code: ClassVar[str] = "questions.file"


class TooManyQuestionsError(QAPlatformError):
    """A file may hold 1,000 questions; make several of it."""

    code: ClassVar[str] = "questions.too_many"


class NothingToImportError(QAPlatformError):
    """There is nothing new in it."""

    code: ClassVar[str] = "questions.nothing_new"


class Refused(msgspec.Struct, frozen=True):
    """What cannot be taken: where it stands, and why."""

    line: int
    """Of the file; 0 where it has none."""
    field: str
    reason: Saying


class Planned(msgspec.Struct, frozen=True):
    """A question that would be taken."""

    question: AnyQuestion
    before: AnyQuestion | None
    """What stands under its id now."""

    @property
    def loses_english(self) -> bool:
        """Whether it could be asked in English, and could no more."""
        return self.before is not None and self.before.has_english and not self.question.has_english


class ImportPlan(msgspec.Struct, frozen=True):
    """What importing a file would do."""

    file_name: str
    new: tuple[Planned, ...]
    changed: tuple[Planned, ...]
    same_count: int
    refused: tuple[Refused, ...]

    @property
    def parcel(self) -> str:
        """The questions that would be taken, for a form to bring back."""
        found = [one.question for one in (*self.new, *self.changed)]
        return base64.b64encode(zlib.compress(msgspec.json.encode(found), 9)).decode()


def plan_import(session: Session, viewer: Viewer, file_name: str, data: bytes, *, now: datetime) -> ImportPlan:
    """What a file would do; nothing is written.

    Raises:
        AccessError: they don't write questions.
        QuestionFileError: it cannot be read at all.
        TooManyQuestionsError: it holds too much.
    """
    viewer.demand("training.edit")
    questions, refused = _read(file_name, data)
    if len(questions) > MOST_QUESTIONS:
        raise TooManyQuestionsError
    bank, criteria = questions_now(session).questions, criterion_titles(session, now=now)
    new, changed, same = [], [], 0
    for question in questions:
        before = bank.get(question.id)
        if before is not None:
            question = with_english_of(question, before)  # noqa: PLW2901 - what the file could not say
        if question.criterion is not None and question.criterion not in criteria:
            lacking = say("the rubric has no criterion {criterion!r}{near}", criterion=question.criterion, near="")
            reason = say("{id}: {wrong}", id=question.id, wrong=lacking)
            refused.append(Refused(0, "质检项 / criterion", reason))
        elif before is None:
            new.append(Planned(question, None))
        elif before.fingerprint == question.fingerprint:
            same += 1
        else:
            changed.append(Planned(question, before))
    return ImportPlan(file_name, tuple(new), tuple(changed), same, tuple(refused))


def _read(file_name: str, data: bytes) -> tuple[Sequence[AnyQuestion], list[Refused]]:
    if not data or len(data) > MOST_BYTES:
        raise QuestionFileError
    if data[:2] == b"PK" or file_name.lower().endswith((".xlsx", ".xls")):
        try:
            sheet = read_questions_xlsx(data)
        except RefusedError as error:
            raise QuestionFileError from error
        return sheet.questions, [Refused(one.row, one.column, one.message) for one in sheet.problems]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionFileError from error
    found = from_gift(text)
    if not found.questions and not found.problems:
        raise QuestionFileError
    return found.questions, [Refused(one.line, "", one.message) for one in found.problems]


def unpacked(parcel: str) -> list[AnyQuestion]:
    """What a form brought back.

    Raises:
        QuestionFileError: it is not what the plan gave out.
    """
    try:
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(base64.b64decode(parcel, validate=True), _MOST_PLAIN_BYTES)
        if unpacking.unconsumed_tail:
            raise QuestionFileError
        return msgspec.json.decode(plain, type=list[AnyQuestion])
    except (binascii.Error, zlib.error, ValueError, FlawError) as error:
        raise QuestionFileError from error


def import_questions(
    session: Session, viewer: Viewer, questions: Sequence[AnyQuestion], *, publish: bool, now: datetime
) -> int:
    """Take questions in, as drafts or published, all or none; how many were new or other than what stands.

    Raises:
        AccessError: they may not.
        TooManyQuestionsError, NothingToImportError: there are too many, or none.
    """
    viewer.demand("training.publish" if publish else "training.edit")
    if len(questions) > MOST_QUESTIONS:
        raise TooManyQuestionsError
    bank = questions_now(session)
    count = 0
    for question in questions:
        before = bank.questions.get(question.id)
        if before is not None and before.fingerprint == question.fingerprint:
            continue
        text = question_yaml(question, bank.titles.get(question.topic))
        writing = Writing(kind="question", code=question.id, text=text)
        write_text(session, viewer, writing, state="published" if publish else "draft", now=now)
        count += 1
    if not count:
        raise NothingToImportError
    return count
