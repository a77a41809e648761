"""What stands on home pages is counted right, and within what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.home import DAYS, Home, Week, home_of
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Import, Job
from tests.people import open_company

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)  # 10:00 on the 11th in Shanghai
LEAD = Viewer(1, "lead", grants=(Grant("qa_lead"),))
INSPECTOR = Viewer(2, "inspector", grants=(Grant("inspector", shop_id=1),))
TEAM_LEAD = Viewer(3, "team lead", grants=(Grant("team_lead", team_id=2),))
AGENT = Viewer(4, "agent", agent_id=1, grants=(Grant("agent"),))
ADMIN = Viewer(5, "admin", grants=(Grant("admin"),))

# (shop, team, agent, started at in Shanghai, verdict, score, priority)
CHATS = (
    (1, 1, 1, "2026-11-11T09:59:00", "pass", 90.0, 0.1),
    (1, 1, 1, "2026-11-11T00:00:00", "fail", 60.0, 0.5),
    (1, 1, 2, "2026-11-10T23:59:59", "critical", 0.0, 0.9),
    (2, 2, 3, "2026-11-05T00:00:00", "pass", 100.0, 0.2),
    (2, 2, 3, "2026-11-04T23:59:59", "unscored", None, 0.3),
    (2, 2, 3, "2026-10-29T00:00:00", None, None, None),
    (1, 1, 1, "2026-10-28T23:59:59", "pass", 80.0, 0.8),
)


@pytest.fixture
def company(store: Store) -> Store:
    """Two shops with a few chats, imports and jobs."""
    open_company(store)
    with store.writing() as session:
        for number, (shop, team, agent, at, verdict, score, priority) in enumerate(CHATS, start=1):
            started = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
            session.add(
                ConversationRow(
                    id=number, shop_id=shop, team_id=team, agent_id=agent, source_id=str(number), content_hash="",
                    message_count=1, started_at=started, ended_at=started, created_at=NOW, updated_at=NOW,
                    verdict=verdict, score=score, priority=priority,
                )
            )  # fmt: skip
        for shop, state, days in (
            (1, "failed", 1),
            (1, "failed", 30),
            (2, "waiting", 0),
            (2, "running", 0),
            (1, "done", 0),
        ):
            at = NOW - timedelta(days=days)
            session.add(
                Import(
                    shop_id=shop, origin="upload", file_name="x", file_bytes=1, file_hash="", options={}, state=state,
                    created_at=at,
                )
            )  # fmt: skip
            session.add(Job(kind="import", payload={}, state=state, run_after=at, created_at=at))
    return store


def home(store: Store, viewer: Viewer) -> Home:
    with store.reading() as session:
        return home_of(session, viewer, now=NOW, zone=SHANGHAI)


def counted(home: Home) -> Mapping[date, Mapping[str, int]]:
    assert home.days is not None
    assert len(home.days) == DAYS
    return {day.day: day.verdicts for day in home.days if day.total}


def test_days_are_local_and_half_open_and_the_last_is_today(company: Store) -> None:
    assert counted(home(company, LEAD)) == {
        date(2026, 10, 29): {"unscored": 1},
        date(2026, 11, 4): {"unscored": 1},
        date(2026, 11, 5): {"pass": 1},
        date(2026, 11, 10): {"pending": 1},
        date(2026, 11, 11): {"pass": 1, "fail": 1},
    }


def test_weeks_leave_out_what_is_not_known(company: Store) -> None:
    page = home(company, LEAD)
    assert page.this_week == Week(
        count=4, score=pytest.approx(250 / 3), pass_ratio=pytest.approx(2 / 3), pending_count=1
    )
    assert page.week_before == Week(count=2, score=None, pass_ratio=None, critical_count=0)


@pytest.mark.parametrize(
    ("viewer", "ids", "own"),
    [
        (LEAD, [3, 2, 4, 1], False),
        (INSPECTOR, [3, 2, 1], False),
        (TEAM_LEAD, [4], False),
        (AGENT, [1, 2, 7], True),
        (ADMIN, [], False),
    ],
)
def test_reviewers_see_what_is_pressing_and_agents_their_newest(
    company: Store, viewer: Viewer, ids: list[int], own: bool
) -> None:
    page = home(company, viewer)
    assert ([line.id for line in page.lines], page.lines_are_own) == (ids, own)


@pytest.mark.parametrize(
    ("viewer", "imports", "jobs", "house"),
    [
        (LEAD, {"failed": 1, "waiting": 1, "running": 1}, {"failed": 1, "waiting": 1, "running": 1}, None),
        (INSPECTOR, {"failed": 1, "waiting": 0, "running": 0}, None, None),
        (TEAM_LEAD, None, None, None),
        (AGENT, None, None, None),
        (
            ADMIN,
            {"failed": 1, "waiting": 1, "running": 1},
            {"failed": 1, "waiting": 1, "running": 1},
            {"users": 0, "shops": 2, "agents": 3},
        ),
    ],
)
def test_what_waits_or_failed_lately_is_told_to_those_it_concerns(
    company: Store, viewer: Viewer, imports: object, jobs: object, house: object
) -> None:
    page = home(company, viewer)
    assert (page.imports, page.jobs, page.house) == (imports, jobs, house)


def test_whoever_reads_no_conversation_has_no_figures_of_any(company: Store) -> None:
    assert home(company, ADMIN).days is None


@pytest.mark.both_databases
def test_an_empty_workplace_knows_that_it_is(store: Store, company: Store) -> None:
    assert not home(company, AGENT).is_empty
    with store.writing() as session:
        session.execute(delete(ConversationRow))
    assert home(company, LEAD).is_empty
    assert home(company, LEAD).this_week == Week()


@pytest.mark.both_databases
def test_after_a_week_of_silence_the_days_end_with_the_newest_conversation(company: Store) -> None:
    later = datetime(2026, 12, 24, tzinfo=UTC)
    with company.reading() as session:
        page, agents = (home_of(session, viewer, now=later, zone=SHANGHAI) for viewer in (LEAD, TEAM_LEAD))
    assert (page.until, page.is_current) == (date(2026, 11, 11), False)
    assert counted(page) == counted(home(company, LEAD))
    assert page.this_week == home(company, LEAD).this_week
    assert [line.id for line in page.lines] == [3, 2, 4, 1]
    assert agents.until == date(2026, 11, 5)  # the newest they may see


def test_work_that_comes_again_by_itself_is_nobodys_news(company: Store) -> None:
    with company.writing() as session:
        session.add(Job(kind="tidy", payload={}, state="waiting", run_after=NOW, created_at=NOW))
    assert home(company, LEAD).jobs == {"failed": 1, "waiting": 1, "running": 1}
