"""Paths and mentors are given by those who lead, graduating asks for everything, and the history stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import enrolments, mentorships
from qaplatform.services.training.enrolments import (
    AlreadyEnrolledError,
    EnrolmentDayError,
    NotEnrolledError,
    NotMentorError,
    NotReadyError,
    UnknownPathError,
)
from qaplatform.services.training.mentorships import MentorUnfitError, mentorships_of
from qaplatform.services.training.progress import person_progress
from qaplatform.services.training.step_records import (
    NewRecord,
    RecordChatError,
    RecordDayError,
    RecordStepError,
    RecordTextError,
    add_record,
    chats_to_pick,
)
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import LessonReading
from qaplatform.store.training.enrolments import add_enrolment
from tests.services.training.schooled import ELSEWHERE, FIRST, LEAD, MENTOR, NEW, NOW, at, newcomer, open_school
from tests.stores import ONLY_SQLITE

SHORT = """\
id: short
title: {zh: 短, en: Short}
description: {zh: 很短, en: Very short}
version: "1"
stages:
  - id: one
    title: {zh: 一, en: One}
    steps:
      - {id: read, kind: lesson, lesson: red-lines, due_working_day: 1}
      - {id: talk, kind: mentor_talk, title: {zh: 谈, en: Talk}, due_working_day: 2}
      - {id: case, kind: case_review, title: {zh: 评, en: Review}, times: 1, optional: true, due_working_day: 2}
graduate: {not_before_working_day: 2}
"""
TODAY = date(2026, 11, 11)


@pytest.fixture
def school(store: Store) -> Store:
    open_school(store)
    with store.writing() as session:
        write_text(session, LEAD, Writing(kind="path", code="short", text=SHORT), state="published", now=NOW)
    return store


def test_one_path_runs_for_a_person_and_the_next_one_begins_anew(school: Store) -> None:
    with school.writing() as session:
        with pytest.raises(AlreadyEnrolledError):
            enrolments.enrol(session, LEAD, 1, path="short", hired_on=FIRST, now=NOW)
        with pytest.raises(AlreadyEnrolledError):  # As whoever comes second in a race finds it.
            add_enrolment(session, agent_id=1, path="short", hired_on=FIRST, user_id=1, now=NOW)
        old = enrolments.enrolments_of(session, 1)[0].id
        assert enrolments.change_path(session, LEAD, 1, path="new-hire", hired_on=TODAY, now=NOW) == old
        new = enrolments.change_path(session, LEAD, 1, path="short", hired_on=FIRST, now=NOW)
        enrolments.set_first_day(session, LEAD, 1, hired_on=TODAY, now=NOW)
        enrolments.stop(session, LEAD, 1, now=NOW)
        with pytest.raises(NotEnrolledError):
            enrolments.stop(session, LEAD, 1, now=NOW)
        enrolments.enrol(session, LEAD, 1, path="new-hire", hired_on=FIRST, now=NOW)
        ended = [(one.id, one.path, one.hired_on, one.ended_why) for one in enrolments.enrolments_of(session, 1)]
    assert ended[1:] == [(new, "short", TODAY, "stopped"), (old, "new-hire", TODAY, "stopped")]


REFUSED: list[tuple[type[QAPlatformError], Callable[[Session], object]]] = [
    (UnknownPathError, lambda s: enrolments.enrol(s, LEAD, 3, path="none", hired_on=FIRST, now=NOW)),
    (
        EnrolmentDayError,
        lambda s: enrolments.enrol(s, LEAD, 3, path="short", hired_on=TODAY + timedelta(91), now=NOW),
    ),
    (NotThereError, lambda s: enrolments.enrol(s, ELSEWHERE, 2, path="short", hired_on=FIRST, now=NOW)),
    (NotThereError, lambda s: enrolments.enrol(s, MENTOR, 3, path="short", hired_on=FIRST, now=NOW)),
    (NotThereError, lambda s: enrolments.stop(s, NEW, 1, now=NOW)),
    (NotThereError, lambda s: mentorships.assign_mentor(s, MENTOR, 1, 2, now=NOW)),
    (MentorUnfitError, lambda s: mentorships.assign_mentor(s, LEAD, 1, 5, now=NOW)),
    (MentorUnfitError, lambda s: mentorships.assign_mentor(s, LEAD, 1, 3, now=NOW)),
    (NotReadyError, lambda s: enrolments.graduate(s, LEAD, 1, now=NOW)),
    (NotEnrolledError, lambda s: enrolments.graduate(s, LEAD, 3, now=NOW)),
    (NotEnrolledError, lambda s: add_record(s, LEAD, 3, NewRecord("mentor_talk", TODAY, "谈"), now=NOW)),
    (RecordStepError, lambda s: add_record(s, LEAD, 1, NewRecord("mentor_talk", TODAY, "谈", "values"), now=NOW)),
    (
        RecordDayError,
        lambda s: add_record(s, LEAD, 1, NewRecord("mentor_talk", TODAY + timedelta(1), "谈"), now=NOW),
    ),
    (RecordTextError, lambda s: add_record(s, LEAD, 1, NewRecord("mentor_talk", TODAY, " "), now=NOW)),
    (RecordChatError, lambda s: add_record(s, LEAD, 1, NewRecord("case_review", TODAY, "评"), now=NOW)),
    (RecordChatError, lambda s: add_record(s, LEAD, 1, NewRecord("case_review", TODAY, "评", "", 2), now=NOW)),
    (NotThereError, lambda s: add_record(s, ELSEWHERE, 1, NewRecord("mentor_talk", TODAY, "谈"), now=NOW)),
]


@ONLY_SQLITE
def test_what_cannot_be_is_refused(school: Store) -> None:
    with school.writing() as session:
        for error, act in REFUSED:
            with pytest.raises(error):
                act(session)


@pytest.mark.both_databases
def test_a_person_has_one_mentor_at_a_time_and_who_decided_so_is_kept(school: Store) -> None:
    with school.writing() as session:
        assert [one.name for one in mentorships.mentor_choices(session, 1)] == ["主管", "带教"]
        assert [one.name for one in mentorships.mentor_choices(session, 3)] == ["主管", "组长"]
        mentorships.assign_mentor(session, LEAD, 1, 2, now=at(3))
        mentorships.assign_mentor(session, LEAD, 1, 2, now=at(4))
        mentorships.assign_mentor(session, LEAD, 1, 1, now=NOW)
        assert newcomer(session).mentor_id == 1
        mentorships.end_mentorship(session, LEAD, 1, now=at(12))
        mentorships.end_mentorship(session, LEAD, 1, now=at(12))
        assert newcomer(session).mentor_id is None
        kept = [(one.mentor_name, one.from_day.day, one.until_day, one.user_name) for one in mentorships_of(session, 1)]
    assert kept == [("主管", 11, date(2026, 11, 12), "主管"), ("带教", 3, TODAY, "主管")]


@pytest.mark.both_databases
def test_graduating_takes_all_steps_and_the_mentors_word_and_is_the_end(school: Store) -> None:
    with school.writing() as session:
        enrolments.change_path(session, LEAD, 1, path="short", hired_on=FIRST, now=NOW)
        mentorships.assign_mentor(session, LEAD, 1, 2, now=NOW)
        session.add(LessonReading(user_id=3, lesson="red-lines", content_hash="x", read_at=NOW))
        assert [one.id for one in chats_to_pick(session, MENTOR, 1)] == [1]
        add_record(session, MENTOR, 1, NewRecord("mentor_talk", TODAY, "定了目标", "talk"), now=NOW)
        add_record(session, MENTOR, 1, NewRecord("case_review", TODAY, "先安抚", "case", 1), now=NOW)
        with pytest.raises(NotMentorError):
            enrolments.agree(session, LEAD, 1, agrees=True, now=NOW)
        with pytest.raises(NotReadyError):
            enrolments.graduate(session, LEAD, 1, now=NOW)
        enrolments.agree(session, MENTOR, 1, agrees=True, now=NOW)
        enrolments.agree(session, MENTOR, 1, agrees=False, now=NOW)
        with pytest.raises(NotReadyError):
            enrolments.graduate(session, LEAD, 1, now=NOW)
        enrolments.agree(session, MENTOR, 1, agrees=True, now=NOW)
        assert enrolments.graduate(session, LEAD, 1, now=NOW).progress is not None
        assert person_progress(session, newcomer(session), now=NOW) is None
        assert enrolments.enrolments_of(session, 1)[0].ended_why == "graduated"
