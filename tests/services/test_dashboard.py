"""The dashboard's figures: whose chats they are, what is compared, and what is left unsaid."""

from __future__ import annotations

import random
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import func, select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.coaching import advice
from qaplatform.services.dashboard import Asked, Dashboard, dashboard_of
from qaplatform.services.dashboard_people import people
from qaplatform.services.figure_days import count_all
from qaplatform.services.figure_rules import counted_as, score_counts, speaks_for_people
from qaplatform.services.figure_sums import Sums
from qaplatform.store import figure_days
from qaplatform.store.dashboard import Reviewed
from qaplatform.store.engine import Store
from qaplatform.store.marks import refresh
from qaplatform.store.scopes import Role
from qaplatform.store.tables import (
    AgentRow,
    AuditRow,
    ContextVersion,
    ConversationRow,
    CriterionResult,
    MessageRow,
    RubricVersion,
    Shop,
    Team,
)
from tests.copies import fill_once
from tests.runs import NOW

ZONE = ZoneInfo("Asia/Shanghai")
ALL = Asked(first=date(2026, 11, 1), last=date(2026, 11, 16))


@pytest.fixture
def filled(store: Store) -> Store:
    """Two shops, two teams, four agents; the first misses the greeting far more often than the second, who is of their team."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    chance = random.Random(4)
    with store.writing() as session:
        session.add_all(Shop(id=n, code=f"s{n}", name=f"店{n}", created_at=NOW) for n in (1, 2))
        session.add_all(Team(id=n, name=f"组{n}", created_at=NOW) for n in (1, 2))
        session.add(RubricVersion(id=1, code="x", content_hash="x", files={}, created_at=NOW))
        session.add(ContextVersion(id=1, content_hash="x", body={}, created_at=NOW))
        session.flush()
        session.add_all(
            AgentRow(id=n, code=f"a{n}", name=f"人{n}", team_id=1 + (n > 2), created_at=NOW) for n in range(1, 5)
        )
        session.flush()
        for n in range(1, 321):
            agent = 1 + n % 4
            failed = chance.random() < (0.6 if agent == 1 else 0.1)
            verdict = "critical" if n % 40 == 0 else "fail" if failed else "pass"
            score = {"critical": 0.0, "fail": 60.0, "pass": 95.0}[verdict] + (n % 3 if verdict != "critical" else 0)
            moment = NOW - timedelta(hours=n)
            session.add(
                ConversationRow(
                    id=n, shop_id=1 + n % 2, source_id=f"c{n}", content_hash="", agent_id=agent, team_id=1 + (agent > 2),
                    topic=("order", "refund")[n // 4 % 2], queue="pre_sale", message_count=2, started_at=moment,
                    ended_at=moment, created_at=moment, updated_at=moment, audit_id=n, verdict=verdict, score=score,
                    csat=float(1 + n % 5),
                )
            )  # fmt: skip
            session.add(
                MessageRow(
                    conversation_id=n, number=0, role="agent", agent_id=agent, text="您好", sent_at=moment.isoformat()
                )
            )
            session.add(
                AuditRow(
                    id=n, conversation_id=n, revision=1, rubric_version_id=1, context_version_id=1, engine_version="1",
                    score=score, scored_share=1, verdict=verdict, risk=0, priority=0, reasons=[], observations={},
                    created_at=NOW,
                )
            )  # fmt: skip
            if n % 100 == 0:
                session.flush()
        session.flush()
        for n in range(1, 321):
            row = session.get_one(ConversationRow, n)
            failed = row.verdict == "fail"
            session.add(
                CriterionResult(
                    audit_id=n, criterion="greeting", conversation_id=n, outcome="fail" if failed else "pass", points=0,
                    max_points=5, agent_id=row.agent_id,
                )
            )  # fmt: skip
        session.flush()
        refresh(session, list(range(1, 321)))
        figure_days.note_conversations(session, list(range(1, 321)))
    count_all(store, now=NOW)


def viewer(*grants: Grant) -> Viewer:
    return Viewer(1, "看板", grants=grants)


def shown(store: Store, *grants: Grant, asked: Asked = ALL) -> Dashboard:
    with store.reading() as session:
        return dashboard_of(session, viewer(*(grants or (Grant("qa_lead"),))), asked, now=NOW, zone=ZONE)


@pytest.mark.parametrize(
    ("grants", "where"),
    [
        ((Grant("qa_lead"),), ()),
        ((Grant("team_lead", team_id=1),), (ConversationRow.team_id == 1,)),
        ((Grant("store_manager", shop_id=2),), (ConversationRow.shop_id == 2,)),
        (
            (Grant("team_lead", team_id=1), Grant("store_manager", shop_id=2)),
            ((ConversationRow.team_id == 1) | (ConversationRow.shop_id == 2),),
        ),
    ],
)
def test_everybody_sees_figures_of_the_conversations_they_see(
    filled: Store, grants: tuple[Grant, ...], where: tuple[object, ...]
) -> None:
    found = shown(filled, *grants)
    with filled.reading() as session:
        rows = session.scalars(select(ConversationRow).where(*where)).all()  # type: ignore[arg-type]
    assert found.whole.conversations == len(rows)
    assert set(found.names.teams) == {row.team_id for row in rows}
    assert {one.agent_id for one in found.people} == {row.agent_id for row in rows}
    assert found.whole.pending == sum(row.verdict == "critical" for row in rows)
    assert found.whole.passed.of == sum(row.verdict in ("pass", "fail") for row in rows)
    assert sum(count for _, count in found.inflow) == len(rows)
    assert {s.conversation_id for f in found.findings for s in f.samples} <= {row.id for row in rows}


@pytest.mark.parametrize("role", ["agent", "new_hire", "admin"])
def test_whoever_leads_nobody_sees_no_dashboard(filled: Store, role: Role) -> None:
    with pytest.raises(AccessError):
        shown(filled, Grant(role))


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"shop_id": 1}, ConversationRow.shop_id == 1),
        ({"team_id": 2}, ConversationRow.team_id == 2),
        ({"agent_id": 3}, ConversationRow.agent_id == 3),
        ({"topic": "refund"}, ConversationRow.topic == "refund"),
        ({"queue": "pre_sale"}, ConversationRow.queue == "pre_sale"),
        ({"queue": "nowhere"}, ConversationRow.queue == "nowhere"),
        ({"by": "topic"}, ConversationRow.id > 0),
    ],
)
def test_filters_narrow_figures_as_they_narrow_the_list(filled: Store, asked: dict[str, object], where: object) -> None:
    found = shown(filled, asked=Asked(first=ALL.first, last=ALL.last, **asked))  # type: ignore[arg-type]
    with filled.reading() as session:
        count, scores = session.execute(
            select(func.count(), func.avg(ConversationRow.score).filter(ConversationRow.verdict != "critical")).where(
                where
            )  # type: ignore[arg-type]
        ).one()
    assert found.whole.conversations == count
    assert found.whole.score.mean == pytest.approx(scores)


@pytest.mark.parametrize("by", ["all", "shop", "team", "agent", "topic"])
def test_lines_of_the_chart_add_up(filled: Store, by: str) -> None:
    found = shown(filled, asked=Asked(first=ALL.first, last=ALL.last, by=by))  # type: ignore[arg-type]
    assert sum(one.whole.conversations for one in found.series) == 320
    for one in found.series:
        assert sum(point.conversations for point in one.points) == one.whole.conversations


def test_criteria_are_shares_of_those_that_applied(filled: Store) -> None:
    (line,) = shown(filled, asked=Asked(first=ALL.first, last=ALL.last, by="criterion")).series
    assert line.code == "greeting"
    assert line.missed is not None
    assert (line.missed.of, sum(point.of for point in line.missed_points)) == (320, 320)


def test_whom_to_coach_is_said_with_evidence_and_chats(filled: Store) -> None:
    (one,) = shown(filled).coached
    assert (one.advice.agent_id, one.advice.team_id, one.advice.criterion) == (1, 1, "greeting")
    assert one.advice.own.ratio is not None
    assert one.advice.own.ratio > one.advice.comparison.others_ratio + 0.2
    assert len(one.samples) == 2
    with filled.reading() as session:
        for sample in one.samples:
            row = session.get_one(ConversationRow, sample.conversation_id)
            assert (row.agent_id, row.verdict) == (1, "fail")


def test_few_chats_name_nobody(filled: Store) -> None:
    few = shown(filled, asked=Asked(first=date(2026, 11, 15), last=date(2026, 11, 16)))
    assert few.whole.conversations > 0
    assert few.coached == []
    assert not few.people[0].own.score.is_enough or few.people[0].own.score.count >= 10


def test_where_nothing_is_new_the_newest_days_are_shown(filled: Store) -> None:
    with filled.reading() as session:
        later = NOW + timedelta(days=200)
        found = dashboard_of(session, viewer(Grant("qa_lead")), Asked(), now=later, zone=ZONE)
    assert (found.last, found.is_current) == (date(2026, 11, 16), False)
    assert found.whole.conversations == 320


def test_machine_criticals_and_priority_draws_count_for_nobody() -> None:
    assert counted_as("critical", is_upheld=False) == "pending"
    assert counted_as("critical", is_upheld=True) == "critical"
    assert not score_counts("pending")
    assert [draw for draw in ("random", "priority", "none", "") if speaks_for_people(draw)] == ["random"]


def sums(rows: list[tuple[int, int, int, int, int]]) -> Sums:
    """Rows of team, agent, topic, judged and missed."""
    table = np.array(rows, np.int64)
    names = ("conversations", "scored", "score_sum", "score_squares", "passed", "failed", "critical", "pending", "unscored",
             "csat_count", "csat_low", "csat_sum", "csat_squares", "replies", "within", "wait_sum")  # fmt: skip
    values = {
        name: table[:, 3].astype(float)
        if name in ("conversations", "scored", "score_sum", "score_squares")
        else np.zeros(len(rows))
        for name in names
    }
    return Sums([table[:, 0], table[:, 1], table[:, 2]], values, table[:, 3:4], table[:, 4:5])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([(1, 1, 0, 60, 30), (1, 2, 0, 200, 20)], [1]),
        ([(1, 1, 0, 29, 29), (1, 2, 0, 200, 20)], []),
        ([(1, 1, 0, 60, 30), (2, 2, 0, 200, 20)], []),
        ([(1, 1, 0, 60, 30), (1, 2, 1, 200, 20)], []),
        ([(1, 1, 0, 90, 45), (1, 1, 1, 10, 0), (1, 2, 0, 100, 50), (1, 2, 1, 900, 0)], []),
        ([(1, 1, 0, 20_000, 1_100), (1, 2, 0, 20_000, 800)], []),
        ([(0, 1, 0, 60, 30), (0, 2, 0, 200, 20)], []),
    ],
    ids=["clear", "too few", "another team", "another topic", "a harder mix", "too small to matter", "no team"],
)
def test_nobody_is_named_without_ground(rows: list[tuple[int, int, int, int, int]], named: list[int]) -> None:
    assert [one.agent_id for one in advice(sums(rows), ["greeting"])] == named


def test_coverage_counts_reviews_and_those_that_speak_for_all() -> None:
    given = [Reviewed(1, "random", 4), Reviewed(1, "priority", 3)]
    found = people(sums([(1, 1, 0, 60, 30), (1, 2, 0, 20, 2)]), ["order"], reviewed=given)
    assert [(one.coverage.reviewed, one.coverage.random, one.coverage.of) for one in found if one.coverage] == [
        (7, 4, 60),
        (0, 0, 20),
    ]
    assert all(one.coverage is None for one in people(sums([(1, 1, 0, 60, 30)]), ["order"]))
