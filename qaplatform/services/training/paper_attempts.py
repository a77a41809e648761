"""Taking a theory test: what there is, beginning, answering. Only the server's clock counts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import papers_now, questions_now
from qaplatform.services.training.paper_answers import Given, kept_answer, read_answer, shown_answer
from qaplatform.services.training.step_locks import LockedStepError, StepLock, locks_of
from qaplatform.store.training import papers as stored
from qaplatform.store.training.papers import NewAttempt, StoredAnswer, StoredAttempt, StoredRuling
from qaplatform.store.training.versions import keep_version, kept_versions
from qaplatform.training.drawing import (
    AskedQuestion,
    Paper,
    PaperItem,
    QuestionChangedError,
    TooFewQuestionsError,
    draw,
    question_of,
    sheet_of,
)
from qaplatform.training.papers import Attempt, PaperRules, Refusal, deadline, refusal, takes_answer
from qaplatform.training.questions import AnyQuestion, Bank
from qaplatform.training.scoring import Result

LEARN = "training.learn"


class PassedAlreadyError(QAPlatformError):
    """You have passed this test already."""

    code: ClassVar[str] = "papers.passed_already"


class NoAttemptLeftError(QAPlatformError):
    """You have no attempt left at this test; talk to your mentor."""

    code: ClassVar[str] = "papers.no_attempt_left"


class TooEarlyError(QAPlatformError):
    """It is too early for another attempt; use the time to look up what was wrong."""

    code: ClassVar[str] = "papers.too_early"


class AttemptEndedError(QAPlatformError):
    """This attempt has ended; what you sent now is not counted."""

    code: ClassVar[str] = "papers.ended"


class AnswerJudgedError(QAPlatformError):
    """This answer was judged already and cannot be changed any more."""

    code: ClassVar[str] = "papers.judged"


_REFUSALS: Mapping[Refusal, type[QAPlatformError]] = {
    "passed_already": PassedAlreadyError,
    "no_attempt_left": NoAttemptLeftError,
    "too_early": TooEarlyError,
}


class PaperLine(msgspec.Struct, frozen=True):
    """A test, and how far somebody is with it."""

    rules: PaperRules
    question_count: int
    attempts: tuple[StoredAttempt, ...]
    """The newest first."""
    running: StoredAttempt | None
    refusal: Refusal | Literal["locked"] | None
    """Why no new attempt may begin."""
    opens_at: datetime | None
    """When one may, where it is only too early."""
    attempts_left: int | None
    """``None``: no limit."""
    has_passed: bool
    best_ratio: float | None
    lock: StepLock | None = None
    """What comes first, where it is locked."""


class Reviewed(msgspec.Struct, frozen=True):
    """A question that was answered and judged.

    ``question`` and the parts of ``result`` that say what is right are there only where its reader may know.
    """

    asked: AskedQuestion
    item: PaperItem
    given: Given
    is_answered: bool
    points: float | None
    """What stands: the machine's or the newest ruling's; ``None`` = a person must decide."""
    result: Result | None
    question: AnyQuestion | None
    rulings: tuple[StoredRuling, ...]

    @property
    def is_open(self) -> bool:
        """Whether a person must decide."""
        return self.points is None


class Asked(msgspec.Struct, frozen=True):
    """A question of a running attempt, as its candidate may see it, with what was answered."""

    asked: AskedQuestion
    given: Given
    is_answered: bool
    saved_at: datetime | None
    judged: Reviewed | None = None
    """Only in practice, once it is judged."""


class Saved(msgspec.Struct, frozen=True):
    """That an answer is kept."""

    is_answered: bool
    mark: str
    """Of the answer as it is now, for the form to bring along with its next change."""


class RunningPaper(msgspec.Struct, frozen=True):
    """An attempt that runs; nothing in it tells what is right, but for what practice has judged."""

    attempt: StoredAttempt
    rules: PaperRules
    items: tuple[Asked, ...]
    left_seconds: int | None
    is_over: bool
    """Its time is up, or it was handed in."""

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Numbers of the questions without an answer."""
        return tuple(one.asked.number for one in self.items if not one.is_answered)


def rules_of(attempt: StoredAttempt) -> PaperRules:
    """The rules an attempt began under."""
    return msgspec.convert(attempt.rules, PaperRules)


def paper_of(attempt: StoredAttempt) -> Paper:
    """What was drawn for an attempt."""
    return msgspec.convert(attempt.drawn, Paper)


def kept_bank(session: Session, answers: Sequence[StoredAnswer]) -> Bank:
    """The questions of an attempt as they were when they were drawn."""
    kept = kept_versions(session, [one.version_id for one in answers])
    return Bank.of(msgspec.convert(one.content, AnyQuestion) for one in kept.values())


def paper_lines(session: Session, viewer: Viewer, *, now: datetime) -> list[PaperLine]:
    """The tests for somebody: all but those of paths they are not on, by title; what they took before is there as well."""
    viewer.demand(LEARN)
    attempts = stored.attempts_of(session, viewer.user_id)
    taken = {one.paper for one in attempts}
    locks = locks_of(session, viewer, now=now)
    path = locks.path.id if locks.path else None
    papers = [
        one
        for one in papers_now(session).values()
        if "/" not in one.id or one.id.partition("/")[0] == path or one.id in taken
    ]
    lines = [
        _line(one, [attempt for attempt in attempts if attempt.paper == one.id], now, locks.papers.get(one.id))
        for one in papers
    ]
    return sorted(lines, key=lambda one: ("/" not in one.rules.id, one.rules.is_practice))


def paper_line(session: Session, viewer: Viewer, paper: str, *, now: datetime) -> PaperLine:
    """One test; also one that is no longer there, where they took it.

    Raises:
        NotThereError: there is none.
    """
    viewer.demand(LEARN)
    attempts = stored.attempts_of(session, viewer.user_id, paper)
    rules = papers_now(session).get(paper) or (rules_of(attempts[0]) if attempts else None)
    if rules is None:
        raise NotThereError
    return _line(rules, attempts, now, _lock(session, viewer, paper, now))


def _lock(session: Session, viewer: Viewer, paper: str, now: datetime) -> StepLock | None:
    """Only tests of paths can be locked; nothing else is looked up for the others."""
    return locks_of(session, viewer, now=now).papers.get(paper) if "/" in paper else None


def _line(rules: PaperRules, attempts: Sequence[StoredAttempt], now: datetime, lock: StepLock | None) -> PaperLine:
    why = refusal(rules, [_plain(one) for one in attempts], now)
    ends = [one.ended_at or one.started_at for one in attempts]
    left = None if rules.most_attempts is None else max(0, rules.most_attempts - len(attempts))
    return PaperLine(
        rules,
        sum(one.count for one in rules.sections),
        tuple(attempts),
        next((one for one in attempts if one.ended_at is None), None),
        why if lock is None or why == "passed_already" else "locked",
        max(ends) + timedelta(hours=rules.wait_hours) if why == "too_early" else None,
        left,
        any(one.standing == "passed" for one in attempts),
        max((one.least_ratio for one in attempts if one.least_ratio is not None), default=None),
        lock,
    )


def _plain(attempt: StoredAttempt) -> Attempt:
    return Attempt(attempt.started_at, attempt.ended_at, attempt.standing)  # type: ignore[arg-type]  # the table checks it


def begin(session: Session, viewer: Viewer, paper: str, *, now: datetime) -> int:
    """Begin an attempt, or go on with the one that runs; its id.

    Raises:
        NotThereError: there is no such test.
        PassedAlreadyError, NoAttemptLeftError, TooEarlyError, LockedStepError: none may begin.
        TooFewQuestionsError: the bank cannot fill it.
    """
    viewer.demand(LEARN)
    rules = papers_now(session).get(paper)
    if rules is None:
        raise NotThereError
    attempts = stored.attempts_of(session, viewer.user_id, paper)
    running = next((one for one in attempts if one.ended_at is None), None)
    if running is not None:
        return running.id
    why = refusal(rules, [_plain(one) for one in attempts], now)
    if why is not None:
        raise _REFUSALS[why]
    lock = _lock(session, viewer, paper, now)
    if lock is not None:
        raise LockedStepError(lock)
    bank = questions_now(session)
    avoid = [item.question for one in attempts for item in paper_of(one).items]
    seed = f"{paper}-{viewer.user_id}-{secrets.token_hex(8)}"
    drawn, language = _drawn(bank, rules, seed, viewer.language, avoid)
    versions = [_keep(session, question_of(bank, item), now) for item in drawn.items]
    new = NewAttempt(
        user_id=viewer.user_id,
        paper=paper,
        language=language,
        rules=msgspec.to_builtins(rules),
        drawn=msgspec.to_builtins(drawn),
        started_at=now,
        deadline_at=deadline(rules, now),
    )
    begun = stored.begin_attempt(session, new, versions)
    if begun is not None:
        return begun
    # Somebody pressed the button twice at the same moment: the other one has begun it.
    running = stored.running_attempt(session, viewer.user_id, paper)
    if running is None:
        raise NotThereError
    return running.id


def _drawn(bank: Bank, rules: PaperRules, seed: str, language: str, avoid: Sequence[str]) -> tuple[Paper, str]:
    """In English where the bank holds enough of it, else in Chinese."""
    if language == "en":
        try:
            return draw(bank, rules.sections, seed, language="en", avoid=avoid), "en"
        except TooFewQuestionsError:
            pass
    return draw(bank, rules.sections, seed, avoid=avoid), "zh"


def _keep(session: Session, question: AnyQuestion, now: datetime) -> int:
    content: dict[str, Any] = msgspec.to_builtins(question)
    return keep_version(session, "question", question.id, question.fingerprint, content, now=now)


def own_attempt(session: Session, viewer: Viewer, attempt_id: int, *, locked: bool = False) -> StoredAttempt:
    """An attempt of somebody's own.

    Raises:
        NotThereError: there is none, or it is another's.
    """
    viewer.demand(LEARN)
    found = stored.attempt_of(session, attempt_id, locked=locked)
    if found is None or found.user_id != viewer.user_id:
        raise NotThereError
    return found


def running_paper(session: Session, viewer: Viewer, attempt_id: int, *, now: datetime) -> RunningPaper:
    """An attempt as its candidate may see it now; writes nothing.

    Raises:
        NotThereError: there is none, or it is another's.
    """
    attempt = own_attempt(session, viewer, attempt_id)
    rules, paper = rules_of(attempt), paper_of(attempt)
    answers = stored.answers_of(session, attempt_id)
    bank = kept_bank(session, answers)
    sheet = sheet_of(bank, paper, language=attempt.language)
    items = tuple(
        _asked(asked, item, answer, bank if rules.is_practice else None)
        for asked, item, answer in zip(sheet.questions, paper.items, answers, strict=True)
    )
    ends = attempt.deadline_at
    left = None if ends is None else max(0, int((ends - now).total_seconds()))
    return RunningPaper(attempt, rules, items, left, not takes_answer(rules, _plain(attempt), now))


def _asked(asked: AskedQuestion, item: PaperItem, answer: StoredAnswer, judged_from: Bank | None) -> Asked:
    given, is_answered = shown_answer(item, read_answer(answer.answer)), answer.answer is not None
    judged = None
    if judged_from is not None and answer.result is not None:
        question, result = judged_from.questions[item.question], msgspec.convert(answer.result, Result)
        judged = Reviewed(asked, item, given, is_answered, answer.points, result, question, ())
    return Asked(asked, given, is_answered, answer.saved_at, judged)


def save(
    session: Session, viewer: Viewer, attempt_id: int, number: int, given: Given, *, seen: str, now: datetime
) -> Saved:
    """Keep the answer to a question.

    ``seen`` is the mark of the answer that the form began with: a form in which nothing was changed writes nothing, so that
    a page left open elsewhere does not undo what was answered since.

    Raises:
        NotThereError: no such attempt or question, or it is another's.
        AttemptEndedError: it has ended, or its time is up.
        AnswerJudgedError: practice has judged it.
        AnswerTooLongError: a text is.
    """
    attempt = own_attempt(session, viewer, attempt_id, locked=True)
    if not takes_answer(rules_of(attempt), _plain(attempt), now):
        raise AttemptEndedError
    answers = stored.answers_of(session, attempt_id)
    kept = next((one for one in answers if one.number == number), None)
    if kept is None:
        raise NotThereError
    if kept.result is not None:
        raise AnswerJudgedError
    item = paper_of(attempt).items[number - 1]
    question = kept_bank(session, [kept]).questions.get(item.question)
    if question is None:
        raise QuestionChangedError
    answer = kept_answer(question, item, given)
    mark = shown_answer(item, answer).mark
    if mark == seen:
        return Saved(kept.answer is not None, mark)
    stored.save_answer(session, attempt_id, number, None if answer is None else msgspec.to_builtins(answer), now=now)
    return Saved(answer is not None, mark)
