"""How far somebody has come is summed up from what they read, were tested on, practised, and what was noted down."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from qaplatform.audit.phrases import Words
from qaplatform.services.training import accompanying
from qaplatform.services.training.board import BoardAsked, Help, board
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.learners import learners
from qaplatform.services.training.learning import learning_page
from qaplatform.services.training.progress import PersonProgress, people_progress, person_progress, progress_of
from qaplatform.services.training.settings import TrainingSettings
from qaplatform.services.training.step_records import NewRecord, add_record
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    ConversationRow,
    DailyLog,
    DrillAnswer,
    DrillCard,
    ExamSitting,
    LessonReading,
    LogAnswer,
    LogChat,
    PaperAttempt,
)
from qaplatform.training.paths import Done, Path, Stage, Step, progress
from tests.queries import counted_statements
from tests.services.training.schooled import LEAD, MENTOR, NEW, NOW, add_chat, at, newcomer, open_school, take_exam


@pytest.fixture
def school(store: Store) -> Store:
    open_school(store)
    return store


def found(school: Store) -> PersonProgress:
    with school.reading() as session:
        person = person_progress(session, newcomer(session), now=NOW)
    assert person is not None
    return person


def times(person: PersonProgress, *steps: str) -> list[int]:
    return [person.done[one].times for one in steps]


def test_lessons_tests_drills_and_logs_count_from_the_first_day_on(school: Store) -> None:
    before, since = at(1), at(3)
    with school.writing() as session:
        current = lessons_now(session).lesson("empathy-first").content_hash
        read = [
            ("our-values", "old", since),
            ("greeting-and-clocks", "old", before),
            ("empathy-first", current, before),
        ]
        session.add_all(
            LessonReading(user_id=3, lesson=code, content_hash=text, read_at=when) for code, text, when in read
        )
        papers = [
            ("new-hire/theory_values", "failed", 0.9, before), ("new-hire/theory_values", "failed", 0.5, since),
            ("new-hire/theory_procedures", "passed", 0.7, since), ("refresher/theory_values", "passed", 1.0, since),
            ("new-hire/theory_values", "for_a_person", 0.9, since),
        ]  # fmt: skip
        for paper, standing, ratio, when in papers:
            session.add(
                PaperAttempt(
                    user_id=3, paper=paper, language="zh", rules={}, drawn={}, started_at=when, ended_at=when,
                    standing=standing, least_ratio=ratio, most_ratio=1.0,
                )
            )  # fmt: skip
        for id, criterion in enumerate(("empathy_first", "closing_check"), 1):
            session.add(
                DrillCard(
                    id=id, user_id=3, code=criterion, criterion=criterion, origin="shipped", situation={}, scheduled={},
                    due_at=NOW, created_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        for card, when, passed in ((1, since, True), (1, since, False), (1, before, True), (2, since, True)):
            session.add(
                DrillAnswer(
                    card_id=card, user_id=3, shown_at=when, deadline_at=when, answered_at=when, passed=passed, text="好"
                )
            )
        for day, chats in ((2, 2), (3, 1)):
            log = DailyLog(agent_id=1, day=date(2026, 11, day), user_id=2, created_at=NOW, changed_at=NOW)
            session.add(log)
            session.flush()
            for n in range(chats):
                add_chat(session, 10 * day + n, 1)
                session.flush()
                session.add(LogChat(log_id=log.id, conversation_id=10 * day + n, user_id=2, created_at=NOW))
    person = found(school)
    assert times(person, "values", "clocks", "empathy", "banned") == [1, 0, 1, 0]
    assert [person.done[one].best_ratio for one in ("theory_values", "theory_procedures")] == [0.5, 0.8]
    assert times(person, "drill_wording", "drill_complaints") == [1, 1]
    assert person.done["accompanied"].by_day == {date(2026, 11, 2): 2, date(2026, 11, 3): 1}
    assert person.facts.papers_waiting == 1
    states = {one.step.id: one.state for one in person.progress.steps} if person.progress else {}
    assert (states["values"], states["clocks"], states["theory_procedures"]) == ("done", "open", "done")
    with school.reading() as session:
        assert progress_of(session, newcomer(session), now=NOW) == person.progress


def test_chats_are_asked_for_from_the_day_after_the_step_opens_to_the_day_it_is_done(school: Store) -> None:
    kept = found(school)
    step = Step("beside", "accompanied_chats", Words("陪", ""), 9, after=("talk",), times=2, chats_a_day=3)
    talk = Step("talk", "mentor_talk", Words("谈", ""), 1)
    path = Path("p", Words("", ""), Words("", ""), "1", (Stage("s", Words("", ""), (talk, step)),))
    met, by_day = Done(times=1, last_on=date(2026, 11, 3)), {date(2026, 11, day): 3 for day in (4, 6, 9)}

    def asked(done: dict[str, Done]) -> tuple[accompanying.Asked, ...]:
        first, today = date(2026, 11, 2), date(2026, 11, 10)
        reached = progress(path, done, hired_on=first, today=today, calendar=TrainingSettings().calendar)
        changed = {"path": path, "done": done, "progress": reached}
        return accompanying.asked_of(msgspec.structs.replace(kept, **changed))

    begin = date(2026, 11, 4)
    assert asked({}) == ()
    assert asked({"talk": met}) == (accompanying.Asked(3, begin, None),)
    assert asked({"talk": met, "beside": Done(by_day=by_day)}) == (accompanying.Asked(3, begin, date(2026, 11, 6)),)
    gone = msgspec.structs.replace(kept, path=None, progress=None)
    assert accompanying.asked_of(gone) == accompanying.OFF_PATH


@pytest.mark.both_databases
def test_exams_count_for_the_step_they_were_for_and_others_for_the_first_that_wants_one(school: Store) -> None:
    exams = [
        ("passed", [("a", "k1"), ("b", "k1")], "new-hire/complex_exam"),  # two customers at once
        ("passed", [("a", "k1")], "new-hire/complex_exam"),  # the same scenario once more
        ("passed", [("a", "k1")], None),
        (
            "passed",
            [("a", "k1"), ("c", "k2"), ("bad-review", "k2")],
            None,
        ),  # the last goes to the next step, the first is full
        ("failed", [("e", "k3")], None),
        ("passed", [("f", "k3")], "refresher/exam"),
    ]
    with school.writing() as session:
        for day, (verdict, dialogues, step) in enumerate(exams, 3):
            take_exam(session, verdict, *dialogues, ended_at=at(day), step=step)
        take_exam(session, "passed", ("g", "k4"), ended_at=at(9), purpose="practice")
        take_exam(session, "passed", ("h", "k4"), ended_at=at(1))
        take_exam(session, "passed", ("i", "k4"), ended_at=at(9), user_id=4)
    person = found(school)
    assert times(person, "mock_exam", "complex_exam", "surge_exam") == [3, 2, 0]
    assert [person.done[one].kinds for one in ("mock_exam", "complex_exam")] == [{"k1", "k2"}, {"k1"}]
    assert [one.have for one in person.progress.missing if one.code == "exams"] == [5] if person.progress else False


def test_a_critical_stays_open_until_it_was_gone_through_or_made_good(school: Store) -> None:
    with school.writing() as session:
        add_chat(session, 20, 1, at(4), verdict="critical", review_id=1)
        add_chat(session, 21, 1, at(4), verdict="critical")  # a machine's alone
        add_chat(session, 22, 1, at(1), verdict="critical", review_id=1)  # before the path
        add_chat(session, 23, 2, at(4), verdict="critical", review_id=1)  # somebody else's
        take_exam(session, "failed", ("a", "k1"), ended_at=at(4), has_critical=True)
        take_exam(session, "failed", ("b", "k2"), ended_at=at(5), has_critical=True)
        take_exam(session, "void", ("c", "k3"), ended_at=at(5), has_critical=True)
        take_exam(session, "passed", ("a2", "k1"), ended_at=at(6))
        take_exam(session, None, ("d", "k4"), ended_at=at(7), needs_mentor=True)
    person = found(school)
    assert [one.conversation_id for one in person.facts.open_chats] == [20]
    assert [one.scenario for one in person.facts.open_exams] == ["b"]
    assert (person.facts.exams_failed, person.facts.exams_waiting) == (0, 1)
    with school.writing() as session:
        case = NewRecord("case_review", date(2026, 11, 10), "先安抚", conversation_id=20)
        add_record(session, MENTOR, 1, case, now=NOW)
        take_exam(session, "passed", ("b2", "k2"), ended_at=at(8))
        session.get_one(ConversationRow, 21).review_id = 2
    facts = found(school).facts
    assert ([one.conversation_id for one in facts.open_chats], facts.open_exams) == ([21], ())


@pytest.mark.both_databases
def test_whoever_learns_sees_what_waits(school: Store) -> None:
    with school.writing() as session:
        logs = [
            DailyLog(agent_id=1, day=date(2026, 11, day), user_id=2, created_at=at(4), changed_at=at(4), seen_at=seen)
            for day, seen in ((2, None), (3, at(3)), (4, at(5)), (5, at(5)), (6, at(5)))
        ]
        session.add_all(logs)
        session.flush()
        for log, user_id, when in ((logs[3], 2, at(6)), (logs[4], 3, at(6)), (logs[2], 2, at(4))):
            session.add(LogAnswer(log_id=log.id, user_id=user_id, text="好", created_at=when))
        session.add(
            PaperAttempt(user_id=3, paper="new-hire/theory_values", language="zh", rules={}, drawn={}, started_at=NOW)
        )
        session.add(ExamSitting(id=77, user_id=3, purpose="practice", rubric_version_id=1, started_at=NOW))
        for n, (due, retired) in enumerate(((at(1), None), (at(1), NOW), (at(20), None))):
            session.add(
                DrillCard(
                    user_id=3, code=str(n), criterion="c", origin="shipped", situation={}, scheduled={}, due_at=due,
                    retired_at=retired, created_at=NOW,
                )
            )  # fmt: skip
    with school.reading() as session:
        page = learning_page(session, NEW, now=NOW)
    assert (page.news.logs, page.news.drills, page.news.sitting_id, len(page.news.papers)) == (3, 1, 77, 1)
    assert page.today == date(2026, 11, 11)
    assert page.person is not None


def test_the_board_asks_the_same_however_many_are_on_it_and_says_who_needs_help(school: Store) -> None:
    with school.writing() as session:
        for day in (9, 10):
            take_exam(session, "failed", ("a", "k1"), ended_at=at(day), user_id=4)
    with counted_statements(school) as seen, school.reading() as session:
        whole = board(session, LEAD, BoardAsked(), now=NOW)
    assert [row.learner.agent_id for row in whole.rows] == [2, 1], "who needs more help comes first"
    assert [one.agent_id for one in whole.without] == [3]
    assert Help("exam_failed", 2) in whole.rows[0].helps
    assert whole.rows[0].stage is not None
    assert whole.rows[0].stage.id == "month_0_1"
    late = next(one.count for one in whole.rows[1].helps if one.code == "late")
    assert late == len(whole.rows[1].late) > 0
    with counted_statements(school) as alone, school.reading() as session:
        someone = learners(session, LEAD)[:1]
        assert people_progress(session, someone, now=NOW).keys() == {1}
    assert len(seen) <= len(alone) + 1
    with school.reading() as session:
        mine = board(session, MENTOR, BoardAsked(only_mine=True), now=NOW)
        other = board(session, MENTOR, BoardAsked(path="refresher"), now=NOW)
    assert (mine.rows, mine.on_path, other.rows) == ((), 2, ())
