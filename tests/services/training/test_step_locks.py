"""What a path has locked cannot be begun as a test or an exam; practice, other people and what a mentor opened can."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training import exam_room, paper_attempts
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.exam_choices import choices
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.progress import progress_of
from qaplatform.services.training.step_locks import LockedStepError, StepLocks, locks_of
from qaplatform.services.training.step_records import NewRecord, RecordStepError, add_record
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, LessonReading
from tests.services.training.schooled import MENTOR, NEW, NOW, at, newcomer, open_school, take_exam
from tests.stores import ONLY_SQLITE

pytestmark = ONLY_SQLITE
TEST, EXAM = "new-hire/theory_values", "new-hire/mock_exam"
TODAY = date(2026, 11, 11)
ON_NO_PATH = Viewer(5, "客服", agent_id=3, grants=(Grant("agent"),))


@pytest.fixture
def school(store: Store) -> Store:
    open_school(store)
    return store


def locks(store: Store, viewer: Viewer = NEW) -> StepLocks:
    with store.reading() as session:
        return locks_of(session, viewer, now=NOW)


def read(store: Store, *lessons: str) -> None:
    with store.writing() as session:
        known = lessons_now(session)
        session.add_all(
            LessonReading(user_id=3, lesson=id, content_hash=known.lesson(id).content_hash, read_at=NOW)
            for id in lessons
        )


def exam(store: Store, viewer: Viewer = NEW, **wanted: object) -> int:
    with store.writing() as session:
        return exam_room.begin(session, viewer, SittingWanted(**wanted), now=NOW, seed=1)  # type: ignore[arg-type]


def test_a_test_opens_with_its_lessons_and_says_what_comes_first(school: Store) -> None:
    lock = locks(school).papers[TEST]
    assert (lock.title.zh, len(lock.waits_for)) == ("理论测验一：态度、时效与红线", 6)
    read(school, "our-values", "greeting-and-clocks", "empathy-first", "banned-phrases", "concrete-promises")
    read(school, "red-lines", "privacy-and-data")
    assert [one.zh for one in locks(school).papers[TEST].waits_for] == ["引流站外"]
    with school.writing() as session:
        with pytest.raises(LockedStepError):
            paper_attempts.begin(session, NEW, TEST, now=NOW)
        line = paper_attempts.paper_line(session, NEW, TEST, now=NOW)
        assert (line.refusal, line.lock) == ("locked", locks(school).papers[TEST])
        listed = {one.rules.id: one.refusal for one in paper_attempts.paper_lines(session, NEW, now=NOW)}
        assert (listed[TEST], listed["rubric-practice"]) == ("locked", None)
        assert paper_attempts.paper_line(session, ON_NO_PATH, TEST, now=NOW).refusal is None
    read(school, "off-platform")
    with school.writing() as session:
        begun = paper_attempts.begin(session, NEW, TEST, now=NOW)
        # What runs is gone on with, whatever the path says meanwhile.
        session.query(LessonReading).delete()
        assert paper_attempts.begin(session, NEW, TEST, now=NOW) == begun


def test_exams_wait_for_the_step_they_would_count_for_and_practice_for_none(school: Store) -> None:
    found = locks(school)
    assert [one.zh for one in found.exams[EXAM].waits_for][:2] == [  # type: ignore[union-attr]
        "单句练习：安抚、禁语、承诺", "带教陪着接真实会话，每天 5 个",
    ]  # fmt: skip
    assert found.other_exams == found.of_exam("") == found.of_exam("refresher/exam") == found.exams[EXAM]
    for wanted in ({"kind": "wrong-goods"}, {"step": EXAM}, {"at_once": 2}, {"step": "refresher/exam"}):
        with pytest.raises(LockedStepError):
            exam(school, **wanted)
    with school.reading() as session:
        offered = choices(session, NEW, now=NOW)
    assert (offered.lock, offered.steps[0].lock) == (found.other_exams, found.exams[EXAM])
    assert exam(school, purpose="practice", kind="wrong-goods")
    assert exam(school, ON_NO_PATH, kind="wrong-goods")


def test_a_step_that_is_done_locks_nothing_and_the_next_one_that_wants_exams_does(school: Store) -> None:
    with school.writing() as session:
        for scenario, kind in (("s", "one"), ("t", "two"), ("u", "two")):
            take_exam(session, "passed", (scenario, kind), ended_at=at(4), step=EXAM)
    found = locks(school)
    assert found.of_exam(EXAM) is None
    assert found.other_exams is not None
    assert found.other_exams == found.exams["new-hire/complex_exam"]


def test_a_mentor_opens_a_step_early_by_a_talk_on_it(school: Store) -> None:
    with school.writing() as session:
        add_record(session, MENTOR, 1, NewRecord("mentor_talk", TODAY, "以前做过客服，先考", "mock_exam"), now=NOW)
        assert session.scalars(select(Activity.action)).all()[-1] == "training.step_opened"
        reached = progress_of(session, newcomer(session), now=NOW)
        assert reached is not None
        states = {one.step.id: (one.state, one.waits_for) for one in reached.steps}
        assert states["mock_exam"] == ("open", ())
        assert states["month_talk"][0] == "locked"
        with pytest.raises(RecordStepError):  # It is open now.
            add_record(session, MENTOR, 1, NewRecord("mentor_talk", TODAY, "谈", "mock_exam"), now=NOW)
        with pytest.raises(RecordStepError):  # A lesson is read whenever one likes.
            add_record(session, MENTOR, 1, NewRecord("mentor_talk", TODAY, "谈", "complaints"), now=NOW)
    found = locks(school)
    assert (found.of_exam(EXAM), found.of_exam("")) == (None, None)
    assert found.of_exam("new-hire/complex_exam") is not None
    assert exam(school, step=EXAM)
