"""What an attempt at a theory test is worth: judged when it ends, ruled on by a person where a free answer needs one.

An attempt ends when it is handed in, or at its deadline, whichever comes first; whoever comes by later, the worker or a
page, writes down the deadline as its end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.noting import note
from qaplatform.services.training.certificates import issue_for_rubric
from qaplatform.services.training.learners import learner_of_user
from qaplatform.services.training.paper_answers import empty_answer, read_answer, shown_answer
from qaplatform.services.training.paper_attempts import (
    AnswerJudgedError,
    AttemptEndedError,
    Reviewed,
    kept_bank,
    own_attempt,
    paper_of,
    rules_of,
)
from qaplatform.services.training.rubric_keys import key_now, prepare
from qaplatform.store.training import papers as stored
from qaplatform.store.training.papers import StoredAnswer, StoredAttempt, StoredRuling, WaitingAttempt
from qaplatform.training.drawing import sheet_of
from qaplatform.training.papers import Attempt, PaperRules, ended_at, paper_score, takes_answer
from qaplatform.training.questions import AnyQuestion, ShortAnswer
from qaplatform.training.scoring import Result, score

PAPERS_KIND = "papers"
COACH = "training.coach"
MOST_COMMENT_CHARS = 2000
_A_TRANSACTION = 20


class RulingPointsError(QAPlatformError):
    """Points for an answer are from 0 to 1, a comment has 2,000 characters at most."""

    code: ClassVar[str] = "papers.ruling"


class NotYetEndedError(QAPlatformError):
    """This attempt is still running; there is nothing to decide yet."""

    code: ClassVar[str] = "papers.still_running"


class NothingAnsweredError(QAPlatformError):
    """Answer the question first; then you see how the rubric judges it."""

    code: ClassVar[str] = "papers.nothing_answered"


class ReviewedPaper(msgspec.Struct, frozen=True):
    """An attempt that has ended."""

    attempt: StoredAttempt
    rules: PaperRules
    items: tuple[Reviewed, ...]
    user_name: str
    is_own: bool
    shows_answers: bool
    may_rule: bool

    @property
    def open_count(self) -> int:
        """How many answers wait for a person."""
        return sum(one.points is None for one in self.items)


def prepare_judging(session: Session, attempt_id: int, *, now: datetime) -> None:
    """To be called in a reading transaction before one that judges: see :func:`rubric_keys.prepare`."""
    prepare(session, kept_bank(session, stored.answers_of(session, attempt_id)).questions.values(), now=now)


def hand_in(session: Session, viewer: Viewer, attempt_id: int, *, now: datetime) -> None:
    """End an attempt of one's own; one that has ended stays as it is.

    Raises:
        NotThereError: there is none, or it is another's.
    """
    attempt = own_attempt(session, viewer, attempt_id, locked=True)
    if attempt.ended_at is None:
        _end(session, attempt, now)


def end_if_over(session: Session, attempt_id: int, *, now: datetime) -> bool:
    """End an attempt whose time is up, at its deadline; whether that was so."""
    attempt = stored.attempt_of(session, attempt_id, locked=True)
    if attempt is None or attempt.ended_at is not None or attempt.deadline_at is None or now <= attempt.deadline_at:
        return False
    _end(session, attempt, now)
    return True


def end_papers(run: JobRun) -> None:
    """Handler of the periodic job ``papers``: attempts past their deadline end."""
    while True:
        stop_if_cancelled(run)
        with run.store.reading() as session:
            over = stored.expired_attempts(session, run.now(), limit=_A_TRANSACTION)
            for attempt_id in over:
                prepare_judging(session, attempt_id, now=run.now())
        for attempt_id in over:
            with run.writing() as session:
                end_if_over(session, attempt_id, now=run.now())
        if len(over) < _A_TRANSACTION:
            return


def check_answer(session: Session, viewer: Viewer, attempt_id: int, number: int, *, now: datetime) -> None:
    """In practice, judge an answer as soon as it is given; it cannot be changed any more then.

    Raises:
        NotThereError: no such attempt or question, another's, or no practice.
        AttemptEndedError, AnswerJudgedError, NothingAnsweredError: it cannot be judged.
    """
    attempt = own_attempt(session, viewer, attempt_id, locked=True)
    rules = rules_of(attempt)
    if not takes_answer(rules, Attempt(attempt.started_at, attempt.ended_at), now):
        raise AttemptEndedError
    answers = stored.answers_of(session, attempt_id)
    answer = next((one for one in answers if one.number == number), None)
    if answer is None or not rules.is_practice:
        raise NotThereError
    if answer.result is not None:
        raise AnswerJudgedError
    if answer.answer is None:
        raise NothingAnsweredError
    questions = kept_bank(session, [answer]).questions
    _judge(session, attempt, answer, questions[paper_of(attempt).items[number - 1].question], now)


def _end(session: Session, attempt: StoredAttempt, now: datetime) -> None:
    end = ended_at(rules_of(attempt), Attempt(attempt.started_at), now)
    questions = kept_bank(session, answers := stored.answers_of(session, attempt.id)).questions
    for answer, item in zip(answers, paper_of(attempt).items, strict=True):
        if answer.result is None:
            _judge(session, attempt, answer, questions[item.question], end)
    _settle(session, attempt, end, now)


def _judge(
    session: Session, attempt: StoredAttempt, answer: StoredAnswer, question: AnyQuestion, moment: datetime
) -> None:
    given = read_answer(answer.answer)
    result = score(question, given or empty_answer(question), key_now(session, question, now=moment))
    if given is None:
        # What was not reached is worth nothing, also where nothing would have been right.
        result = msgspec.structs.replace(result, points=0.0, for_a_person=None)
    stored.save_result(session, attempt.id, answer.number, points=result.points, result=msgspec.to_builtins(result))


def _settle(session: Session, attempt: StoredAttempt, end: datetime, now: datetime) -> None:
    """Put down how an attempt stands by the points of its answers."""
    results = [Result(one.points) for one in stored.answers_of(session, attempt.id)]
    found = paper_score(rules_of(attempt), results)
    stored.end_attempt(
        session,
        attempt.id,
        ended_at=end,
        standing=found.standing,
        least_ratio=found.least_ratio,
        most_ratio=found.most_ratio,
    )
    if found.standing == "passed" and attempt.standing != "passed":
        _passed(session, attempt, now)


def _passed(session: Session, attempt: StoredAttempt, now: datetime) -> None:
    """What follows from a pass: whoever has learned to score by the rubric has a certificate of it."""
    rules = rules_of(attempt)
    if rules.is_practice:
        issue_for_rubric(session, attempt.user_id, attempt.paper, title=rules.title, now=now)


def reviewed_paper(session: Session, viewer: Viewer, attempt_id: int) -> ReviewedPaper:
    """An attempt that has ended: one's own, or of somebody within reach.

    Raises:
        NotThereError: there is none, or not for them.
        NotYetEndedError: it runs.
    """
    attempt = stored.attempt_of(session, attempt_id)
    if attempt is None:
        raise NotThereError
    is_own = attempt.user_id == viewer.user_id
    learner = learner_of_user(session, viewer, attempt.user_id)
    if attempt.ended_at is None:
        raise NotYetEndedError
    rules, paper = rules_of(attempt), paper_of(attempt)
    shows = not is_own or attempt.standing == "passed" or rules.shows_answers or rules.is_practice
    answers = stored.answers_of(session, attempt_id)
    bank = kept_bank(session, answers)
    rulings: dict[int, list[StoredRuling]] = {}
    for ruling in stored.rulings_of(session, attempt_id):
        rulings.setdefault(ruling.number, []).append(ruling)
    items = tuple(
        Reviewed(
            asked,
            item,
            shown_answer(item, read_answer(answer.answer)),
            answer.answer is not None,
            answer.points,
            msgspec.convert(answer.result, Result) if shows and answer.result is not None else None,
            bank.questions[item.question] if shows else None,
            tuple(rulings.get(answer.number, ())),
        )
        for asked, item, answer in zip(
            sheet_of(bank, paper, language=attempt.language).questions, paper.items, answers, strict=True
        )
    )
    may_rule = not is_own and _may_rule(session, viewer, attempt)
    return ReviewedPaper(attempt, rules, items, learner.name, is_own, shows, may_rule)


def _may_rule(session: Session, viewer: Viewer, attempt: StoredAttempt) -> bool:
    if attempt.user_id == viewer.user_id or not viewer.may(COACH):
        return False
    try:
        learner_of_user(session, viewer, attempt.user_id, COACH)
    except NotThereError:
        return False
    return True


def waiting(session: Session, viewer: Viewer, *, page: int, page_size: int) -> tuple[list[WaitingAttempt], int]:
    """A page of the attempts that wait for a person, the longest waiting first, and how many there are; never one's own.

    Raises:
        AccessError: they rule on nothing.
    """
    viewer.demand(COACH)
    scope = viewer.scope(COACH)
    offset = (page - 1) * page_size
    return stored.waiting_attempts(session, scope, but_of=viewer.user_id, offset=offset, limit=page_size)


def rule(
    session: Session, viewer: Viewer, attempt_id: int, points: Mapping[int, tuple[float, str]], *, now: datetime
) -> None:
    """Give points (0–1) and a comment to free answers, by number; what stands follows from the newest of each.

    Raises:
        NotThereError: there is no such attempt or free answer, or not for them.
        NotYetEndedError: it runs.
        RulingPointsError: points or a comment cannot be so.
    """
    viewer.demand(COACH)
    attempt = stored.attempt_of(session, attempt_id, locked=True)
    if attempt is None or not _may_rule(session, viewer, attempt):
        raise NotThereError
    if attempt.ended_at is None:
        raise NotYetEndedError
    answers = {one.number: one for one in stored.answers_of(session, attempt_id)}
    questions = kept_bank(session, list(answers.values())).questions
    items = paper_of(attempt).items
    for number, (given, comment) in points.items():
        if number not in answers or not isinstance(questions[items[number - 1].question], ShortAnswer):
            raise NotThereError
        if not math.isfinite(given) or not 0 <= given <= 1 or len(comment) > MOST_COMMENT_CHARS:
            raise RulingPointsError
        stored.add_ruling(session, attempt_id, number, points=given, comment=comment, user_id=viewer.user_id, now=now)
        stored.save_points(session, attempt_id, number, given)
        note(session, viewer, now, "training.answer_ruled", ("paper_attempt", attempt_id), number=number)
    if points:
        _settle(session, attempt, attempt.ended_at, now)
