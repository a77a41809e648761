"""The demo that everybody opens first: six weeks of reviews, a new-hire month, and something to show on every page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qaplatform.cli.filling import fill_demo
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.check_contexts import words_and_contexts
from qaplatform.services.checks import Asked, checks_page, one_check
from qaplatform.services.coverage import coverage
from qaplatform.services.demo_days import Days, days_of_demo
from qaplatform.services.demo_samples import create_demo_samples
from qaplatform.services.demo_story import Story, shipped_story
from qaplatform.services.demo_training import play_coached, play_hire
from qaplatform.services.preparing import prepare
from qaplatform.services.results import results_of
from qaplatform.services.training.board import BoardAsked, BoardRow, board
from qaplatform.services.training.criterion_training import criterion_training
from qaplatform.services.training.curves import METRICS, curves_of
from qaplatform.services.training.weekly_focus import focus_of
from qaplatform.services.workplaces import Workplace
from qaplatform.store import figure_days
from qaplatform.store.demo import agent_id_of
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    AddedFinding,
    Certificate,
    ConversationRow,
    DailyLog,
    DrillAnswer,
    DrillCard,
    ExamDialogue,
    ExamRuling,
    LogAnswer,
    LogChat,
    Note,
    PaperAttempt,
    ProblemPoint,
    Review,
    Ruling,
    User,
    WorkItem,
)

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
LEAD = Viewer(1, "主管", grants=(Grant("qa_lead"),))


def test_the_demo_has_reviews_and_all_that_follows_from_them(tmp_path: Path) -> None:
    store = prepare(Workplace.at("demo", tmp_path), NOW, fill_demo)
    with store.writing() as session:
        before = session.scalar(select(func.count()).select_from(Review))
        create_demo_samples(session, now=NOW)  # After a crash it is called again.
        reviews = session.scalars(select(Review)).all()
        assert before == len(reviews)
        assert {one.draw for one in reviews} == {"random", "priority"}
        assert len({one.user_id for one in reviews}) == 2
        assert 30 <= (max(one.created_at for one in reviews) - min(one.created_at for one in reviews)).days <= 49
        assert max(one.created_at for one in reviews) < NOW
        kinds = set(session.scalars(select(Ruling.kind)))
        assert {"confirm", "overrule", "not_the_agent"} <= kinds
        assert all(session.scalars(select(Ruling.reason).where(Ruling.kind == "overrule")))
        assert set(session.scalars(select(Note.kind))) == {"comment", "praise", "reply"}
        assert session.scalars(select(AddedFinding)).all()

        # A machine's critical that somebody confirmed, one that somebody overruled, and one that waits.
        said = select(ConversationRow.review_id.is_(None)).where(ConversationRow.verdict == "critical")
        assert set(session.scalars(said)) == {True, False}
        assert [one for one in reviews if one.machine_verdict == "critical" and one.verdict == "pass"]

        page = checks_page(session, LEAD, Asked(), now=NOW)
        assert [one.id for one in page.checks if one.is_proposed]
        contexts = []
        for id in ("insult", "banned_phrase"):
            one, criterion, wanted = one_check(session, LEAD, id, Asked(), now=NOW)
            contexts += words_and_contexts(session, one.rubric, criterion.id, wanted)[1]
        assert contexts, "words of the samples that the machine takes amiss; see services/demo_reviews.py"
        covered = coverage(session, LEAD, now=NOW, zone=ZoneInfo("Asia/Shanghai"))
        assert {one.state for one in covered} <= {"reached", "short"}
        agent = session.scalars(select(User).where(User.login == "demo-agent")).one()
        results = results_of(session, Viewer(agent.id, "", agent_id=agent.agent_id, grants=(Grant("agent"),)))
        assert results.unseen == 2
        assert len(results.rows) > 2
        open_items = select(func.count()).select_from(WorkItem).where(WorkItem.state == "open")
        assert (session.scalar(open_items.where(WorkItem.due_at < NOW)) or 0) > 0
        assert figure_days.freshness(session).days_due == 0
    _has_a_new_hire_month(store)
    store.close()


def _has_a_new_hire_month(store: Store) -> None:
    """Two new hires with mentors: everything they do has happened, in the weeks that have just ended."""
    story = shipped_story()
    with store.writing() as session:
        days = days_of_demo(session, story.last_day, now=NOW + timedelta(days=30))  # Later it is still the same days.
        assert days.day(story.last_day) == date(2026, 11, 20)
        assert [play_hire(session, story, one, days, now=NOW) for one in story.hires] == [False, False]
        rows = board(session, LEAD, BoardAsked(), now=NOW).rows
        assert {one.learner.name for one in rows} == {"冯一诺", "何嘉伟"}
        assert len({one.learner.mentor_id for one in rows}) == 2
        assert all({it.code for it in one.helps} >= {"late"} and 20 <= done_steps(one) < 35 for one in rows)

        for row in rows:
            _is_compared_from_hiring_on(session, row)
        _has_coached_colleagues(session, story, days)

        logs = session.scalars(select(DailyLog)).all()
        points = session.scalars(select(ProblemPoint)).all()
        assert {one.day.weekday() for one in logs} == set(range(5))
        everybody = (*story.hires, *story.coached)
        assert len(logs) == sum(len(one.logs) for one in everybody)
        assert len(points) == sum(len(log.points) for one in everybody for log in one.logs)
        assert sum(one.finding_key is not None for one in points) >= 8, "points lie on findings of the day's chats"
        chats = session.execute(select(DailyLog.day, ConversationRow.started_at).join_from(
            LogChat, DailyLog, DailyLog.id == LogChat.log_id
        ).join(ConversationRow, ConversationRow.id == LogChat.conversation_id)).all()  # fmt: skip
        assert len(chats) > 80
        assert all(day == began.astimezone(ZoneInfo("Asia/Shanghai")).date() for day, began in chats)
        answers = session.scalars(select(LogAnswer)).all()
        assert len({one.user_id for one in answers}) == 6

        attempts = [one.standing for one in session.scalars(select(PaperAttempt).order_by(PaperAttempt.id))]
        assert sorted(attempts) == ["failed", "failed", "passed", "passed", "passed", "passed"]
        told = [one for hire in story.hires for one in hire.exams]
        exams = session.scalars(select(ExamDialogue).order_by(ExamDialogue.id)).all()
        assert [one.scenario for one in exams] == [one.scenario for one in told]
        for one, it in zip(exams, told, strict=True):
            expected = "passed" if not it.instead else None if one is exams[-1] else "failed"
            assert one.verdict == expected, one.scenario
        assert exams[-1].needs_mentor, "a reply that waits for the mentor"
        assert {one.kind for one in session.scalars(select(ExamRuling))} == {"comment", "verdict"}
        assert focus_of(session, NOW.date(), "zh") is not None
        [certificate] = session.scalars(select(Certificate)).all()
        assert certificate.kind == "mock_exam"
        passed = set(session.scalars(select(DrillAnswer.passed)))
        assert passed == {True, False}


def _is_compared_from_hiring_on(session: Session, row: BoardRow) -> None:
    """All chats lie after the hiring, weeks that are over have figures of both sides, and reviews are there to be read."""
    curves = curves_of(session, row.learner, now=NOW)
    assert curves is not None
    first = session.scalar(
        select(func.min(ConversationRow.started_at)).where(ConversationRow.agent_id == row.learner.agent_id)
    )
    assert first is not None
    assert first.astimezone(ZoneInfo("Asia/Shanghai")).date() >= curves.hired_on, "nobody writes before hiring"
    handling = next(one for one in curves.curves if one.metric == "handling")
    over = [pair for pair, (_, last) in zip(handling.weeks, curves.weeks, strict=True) if last < NOW.date()]
    assert len(over) >= 3
    assert all(figure.value is not None for pair in over for figure in pair), row.learner.name
    known = {one.metric: (*one.first, *one.last) for one in curves.curves}
    for metric in METRICS:
        assert all(figure.value is not None for figure in known[metric]), (row.learner.name, metric)
    then, _, now, _ = (figure.value or 0.0 for figure in known["score"])
    assert now > then + 3, "the gap closes"
    then, theirs_then, now, theirs_now = (figure.value or 0.0 for figure in known["handling"])
    assert now / theirs_now < then / theirs_then - 0.1, "so does that of the time a chat takes"
    missed = [1 - (one.first[0].value or 0.0) + 1 - (one.last[0].value or 0.0) for one in curves.criteria]
    assert missed[0] > 0.1, "what was missed most stands first"
    assert missed[0] >= missed[-1]
    own = Viewer(row.learner.user_id or 0, "", agent_id=row.learner.agent_id, grants=(Grant("new_hire"),))
    assert len(results_of(session, own).rows) >= 3


def _has_coached_colleagues(session: Session, story: Story, days: Days) -> None:
    """Two who were coached in one thing, did what they were given, and miss it less since."""
    effect = criterion_training(session, LEAD, "empathy_first", now=NOW).effect
    assert (effect.people, effect.is_enough) == (4, True), "two who were coached, and the two new hires"
    assert (effect.trained_before.ratio or 0) - (effect.trained_after.ratio or 1) > 0.25
    assert (effect.others_before.ratio or 0) - (effect.others_after.ratio or 1) < 0.15
    assert [play_coached(session, one, days, now=NOW) for one in story.coached] == [False, False]
    for one in story.coached:
        agent_id = agent_id_of(session, one.agent)
        own_logs = select(DailyLog.id).where(DailyLog.agent_id == agent_id)
        notes = session.scalars(select(ProblemPoint).where(ProblemPoint.log_id.in_(own_logs))).all()
        assert [it.criterion for it in notes] == ["empathy_first"]
        assert all(it.finding_key for it in notes), "on the words of a chat"
        cards = select(DrillCard).where(DrillCard.point_id.in_([it.id for it in notes]))
        given = session.scalars(select(DrillAnswer.passed).where(DrillAnswer.card_id.in_(
            [it.id for it in session.scalars(cards)]
        ))).all()  # fmt: skip
        assert given == [True], "what the mentor gave was answered"


def done_steps(row: BoardRow) -> int:
    """How many steps somebody has done."""
    progress = row.person.progress
    return 0 if progress is None else sum(one.state == "done" for one in progress.steps)
