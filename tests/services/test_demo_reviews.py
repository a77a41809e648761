"""The demo that everybody opens first: its inspectors have worked for six weeks, and every page has something to show."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from qaplatform.cli.filling import fill_demo
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.check_contexts import words_and_contexts
from qaplatform.services.checks import Asked, checks_page, one_check
from qaplatform.services.coverage import coverage
from qaplatform.services.demo_samples import create_demo_samples
from qaplatform.services.preparing import prepare
from qaplatform.services.results import results_of
from qaplatform.services.workplaces import Workplace
from qaplatform.store import figure_days
from qaplatform.store.tables import AddedFinding, ConversationRow, Note, Review, Ruling, User, WorkItem

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
        assert 30 <= (max(one.created_at for one in reviews) - min(one.created_at for one in reviews)).days <= 42
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
    store.close()
