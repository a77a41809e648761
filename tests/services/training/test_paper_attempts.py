"""Taking a theory test, what it is worth, and what a person decides."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import paper_attempts as attempts
from qaplatform.services.training import paper_grading as grading
from qaplatform.services.training.paper_answers import AnswerTooLongError, Given
from qaplatform.services.training.paper_attempts import (
    AnswerJudgedError,
    AttemptEndedError,
    NoAttemptLeftError,
    PassedAlreadyError,
    TooEarlyError,
)
from qaplatform.store.engine import Store
from qaplatform.store.tables import PaperAttempt, PaperRuling
from qaplatform.store.training import papers as stored
from qaplatform.training.questions import AnyQuestion, ShortAnswer
from tests.copies import fill_once
from tests.services.training.taking import (
    IDS,
    LEAD,
    MENTOR,
    NEW,
    NOW,
    OTHER,
    answered,
    begun,
    fill,
    handed_in,
    later,
    publish,
    questions_of,
)
from tests.stores import ONLY_SQLITE, count


@pytest.fixture
def taken(store: Store) -> Store:
    fill_once(store, fill)
    return store


def vague(question: AnyQuestion, given: Given) -> Given:
    """A free answer that only a person can judge."""
    return Given(text="请您稍等，这边看看再说。") if isinstance(question, ShortAnswer) else given


def test_somebody_begins_once_answers_and_passes(taken: Store) -> None:
    attempt_id = begun(taken, NEW)
    assert begun(taken, NEW) == attempt_id  # the button was pressed twice
    assert count(taken, PaperAttempt) == 1
    with taken.reading() as session:
        running = attempts.running_paper(session, NEW, attempt_id, now=later(minutes=1))
    assert running.left_seconds == 540
    assert running.unanswered == tuple(range(1, len(IDS) + 1))
    answered(taken, NEW, attempt_id)
    with taken.reading() as session:
        assert attempts.running_paper(session, NEW, attempt_id, now=NOW).unanswered == ()
    ended = handed_in(taken, NEW, attempt_id, later(minutes=5))
    assert (ended.standing, ended.least_ratio, ended.ended_at) == ("passed", 1.0, later(minutes=5))
    assert handed_in(taken, NEW, attempt_id, later(minutes=9)).ended_at == later(minutes=5)
    with pytest.raises(PassedAlreadyError):
        begun(taken, NEW, now=later(days=1))


def test_a_moment_of_any_zone_is_the_same_moment(taken: Store) -> None:
    attempt_id = begun(taken, NEW)
    shanghai = later(minutes=9).astimezone(timezone(timedelta(hours=8)))
    assert handed_in(taken, NEW, attempt_id, shanghai).ended_at == later(minutes=9)


def test_another_attempt_waits_draws_other_questions_and_there_are_so_many(taken: Store) -> None:
    publish(taken, "few", sections=["{count: 2, questions: [empathy-01, empathy-02, empathy-03, empathy-04]}"])
    first = begun(taken, NEW, "few")
    assert handed_in(taken, NEW, first).standing == "failed"
    with pytest.raises(TooEarlyError):
        begun(taken, NEW, "few", later(minutes=59))
    second = begun(taken, NEW, "few", later(hours=1))
    ids = [{item.question for item, _ in questions_of(taken, one)} for one in (first, second)]
    assert not ids[0] & ids[1]
    handed_in(taken, NEW, second, later(hours=1))
    with pytest.raises(NoAttemptLeftError):
        begun(taken, NEW, "few", later(days=9))
    with taken.reading() as session:
        line = attempts.paper_line(session, NEW, "few", now=later(hours=1))
    assert (line.attempts_left, line.refusal, len(line.attempts)) == (0, "no_attempt_left", 2)


def test_only_the_servers_clock_counts_and_the_deadline_is_the_end(taken: Store) -> None:
    attempt_id = begun(taken, NEW)
    answered(taken, NEW, attempt_id, now=later(minutes=10))
    with taken.writing() as session, pytest.raises(AttemptEndedError):
        attempts.save(session, NEW, attempt_id, 1, Given(), seen="", now=later(minutes=10, seconds=1))
    other = begun(taken, OTHER)
    with taken.writing() as session:
        assert not grading.end_if_over(session, attempt_id, now=later(minutes=10))
        assert stored.expired_attempts(session, later(minutes=10), limit=9) == []
        assert stored.expired_attempts(session, later(minutes=11), limit=9) == [attempt_id, other]
        assert grading.end_if_over(session, attempt_id, now=later(hours=3))
        assert not grading.end_if_over(session, attempt_id, now=later(hours=3))
        ended = stored.attempt_of(session, attempt_id)
    assert ended is not None
    assert (ended.ended_at, ended.standing) == (later(minutes=10), "passed")
    # Whoever hands in too late has ended at the deadline, too, with what was saved.
    assert handed_in(taken, OTHER, other, later(hours=3)).ended_at == later(minutes=10)


@ONLY_SQLITE
def test_a_page_left_open_elsewhere_undoes_nothing(taken: Store) -> None:
    attempt_id = begun(taken, NEW)
    number = next(n for n, (_, one) in enumerate(questions_of(taken, attempt_id), 1) if one.id == "empathy-04")

    def save(given: Given, seen: str) -> attempts.Saved:
        with taken.writing() as session:
            return attempts.save(session, NEW, attempt_id, number, given, seen=seen, now=NOW)

    empty = Given().mark
    saved = save(Given(said=True), empty)
    assert saved.is_answered
    assert save(Given(), empty).is_answered  # nothing was changed there
    assert not save(Given(), saved.mark).is_answered  # here it was
    with taken.writing() as session, pytest.raises(AnswerTooLongError):
        attempts.save(session, NEW, attempt_id, 1, Given(text="长" * 4001), seen="", now=NOW)
    for viewer, wrong in ((OTHER, number), (NEW, 99)):
        with taken.writing() as session, pytest.raises(NotThereError):
            attempts.save(session, viewer, attempt_id, wrong, Given(said=True), seen="", now=NOW)


@pytest.mark.both_databases
def test_a_free_answer_waits_for_somebody_who_may_and_their_points_decide(taken: Store) -> None:
    attempt_id = begun(taken, NEW)
    answered(taken, NEW, attempt_id, vague)
    waiting = handed_in(taken, NEW, attempt_id)
    assert (waiting.standing, waiting.least_ratio, waiting.most_ratio) == ("for_a_person", 0.875, 1.0)
    number = next(n for n, (_, one) in enumerate(questions_of(taken, attempt_id), 1) if isinstance(one, ShortAnswer))
    with taken.reading() as session:
        assert [one.id for one in grading.waiting(session, MENTOR, page=1, page_size=9)[0]] == [attempt_id]
        away = LEAD.__class__(user_id=9, name="", grants=(MENTOR.grants[0].__class__("mentor", team_id=2),))
        assert grading.waiting(session, away, page=1, page_size=9) == ([], 0)
        with pytest.raises(NotThereError):
            grading.reviewed_paper(session, OTHER, attempt_id)
    refused: list[tuple[Any, int, float, type[QAPlatformError]]] = [
        (MENTOR, 99, 1.0, NotThereError),
        (MENTOR, 1 if number != 1 else 2, 1.0, NotThereError),
        (MENTOR, number, 1.1, grading.RulingPointsError),
        (away, number, 1.0, NotThereError),
    ]
    for viewer, wrong, points, error in refused:
        with taken.writing() as session, pytest.raises(error):
            grading.rule(session, viewer, attempt_id, {wrong: (points, "")}, now=NOW)
    standings = []
    for points in (0.0, 1.0):
        with taken.writing() as session:
            grading.rule(session, MENTOR, attempt_id, {number: (points, "要说时间")}, now=later(hours=2))
            standings.append(grading.reviewed_paper(session, MENTOR, attempt_id).attempt.standing)
    assert standings == ["failed", "passed"]
    assert count(taken, PaperRuling) == 2
    with taken.reading() as session:
        reviewed = grading.reviewed_paper(session, NEW, attempt_id)
    assert [one.comment for one in reviewed.items[number - 1].rulings] == ["要说时间"] * 2
    assert reviewed.attempt.ended_at == NOW


@ONLY_SQLITE
@pytest.mark.parametrize(("shows", "passes"), [(True, False), (False, False), (False, True)])
def test_what_is_right_is_shown_by_the_rules_and_to_mentors(taken: Store, shows: bool, passes: bool) -> None:
    publish(
        taken, "few", sections=["{count: 2, questions: [empathy-01, closing-11]}"], shows_answers=str(shows).lower()
    )
    attempt_id = begun(taken, NEW, "few")
    if passes:
        answered(taken, NEW, attempt_id)
    with taken.reading() as session, pytest.raises(grading.NotYetEndedError):
        grading.reviewed_paper(session, NEW, attempt_id)
    handed_in(taken, NEW, attempt_id)
    with taken.reading() as session:
        own, coached = (grading.reviewed_paper(session, one, attempt_id) for one in (NEW, MENTOR))
    assert own.shows_answers == (shows or passes)
    assert all((one.question is None) == (one.result is None) != own.shows_answers for one in own.items)
    assert all(one.question is not None for one in coached.items)
    assert coached.may_rule
    assert not own.may_rule


@ONLY_SQLITE
def test_practice_judges_each_answer_at_once_and_goes_on_after_a_pass(taken: Store) -> None:
    attempt_id = begun(taken, LEAD, "rubric-practice")
    with taken.writing() as session, pytest.raises(grading.NothingAnsweredError):
        grading.check_answer(session, LEAD, attempt_id, 1, now=NOW)
    answered(taken, LEAD, attempt_id)
    with taken.writing() as session:
        grading.check_answer(session, LEAD, attempt_id, 8, now=NOW)
        running = attempts.running_paper(session, LEAD, attempt_id, now=NOW)
        with pytest.raises(AnswerJudgedError):
            attempts.save(session, LEAD, attempt_id, 8, Given(), seen="", now=NOW)
    assert [one.judged is not None for one in running.items] == [False] * 7 + [True]
    judged = running.items[7].judged
    assert judged is not None
    assert judged.result is not None
    assert (judged.points, judged.result.score_difference) == (1.0, 0.0)
    assert handed_in(taken, LEAD, attempt_id).standing == "passed"
    assert begun(taken, LEAD, "rubric-practice") != attempt_id


@ONLY_SQLITE
def test_the_list_has_the_tests_of_ones_own_path_only(taken: Store) -> None:
    with taken.reading() as session:
        papers = [one.rules.id for one in attempts.paper_lines(session, NEW, now=NOW)]
        assert attempts.paper_line(session, NEW, "new-hire/theory_values", now=NOW).question_count == 20
        with pytest.raises(NotThereError):
            attempts.paper_line(session, NEW, "nothing", now=NOW)
    assert "all" in papers
    assert papers[-1] == "rubric-practice"
    assert not [one for one in papers if "/" in one]
