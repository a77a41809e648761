"""Audits made anew where something has changed; those that were made before stay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.intake import work_off
from qaplatform.services.jobs import JobCancelledError
from qaplatform.services.reauditing import ask_for_list, ask_for_shop, ask_reaudit, run_reaudit, run_settling
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.reaudits import Wanted, kept_conversations
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    Activity,
    AgentRow,
    AuditRow,
    CalendarDay,
    ConversationRow,
    CriterionResult,
    Job,
    MessageRow,
    Team,
    User,
)
from tests.copies import fill_once
from tests.runs import NOW, Run, chat, dump, figures, make_shops, register, write_jsonl
from tests.searching import ids_holding

SLOW = ("customer 21:00:00 什么时候发货?", "agent:店:01 21:00:45 没办法,这是规定")


@pytest.fixture
def taken(store: Store) -> Store:
    """Three days of two shops, taken in."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    make_shops(store, "s1", "s2")
    given = [
        chat(f"{shop}-{day}", *SLOW, shop=shop, day=f"2026-11-{day}", order_id="1001", meta={"a": [1]}, tags=("x",))
        for shop in ("s1", "s2")
        for day in (10, 11, 12)
    ]
    with TemporaryDirectory() as folder:
        work_off(Run(store), register(store, write_jsonl(Path(folder) / "a.jsonl", given)))


def reaudit(store: Store, wanted: Wanted = Wanted(), *, now: datetime = NOW) -> Run:  # noqa: B008  frozen
    run = Run(store, msgspec.to_builtins(wanted), now=now)
    run_reaudit(run)
    return run


def audits(store: Store) -> list[tuple[str, int]]:
    """Conversations with how many audits they have, those with more than one."""
    with store.reading() as session:
        ids = session.scalars(
            select(ConversationRow.source_id).join(AuditRow, AuditRow.conversation_id == ConversationRow.id)
        ).all()
    return sorted((name, ids.count(name)) for name in set(ids) if ids.count(name) > 1)


def test_where_nothing_has_changed_nothing_is_written(taken: Store) -> None:
    before = dump(taken)
    run = reaudit(taken)
    assert dump(taken) == before
    assert run.said[-1] == (6, 6, "0")


@pytest.mark.both_databases
def test_a_promotion_day_said_later_counts_for_its_month_and_shop(taken: Store) -> None:
    scores = {name: row["score"] for name, row in figures(taken).items()}
    with taken.writing() as session:
        session.add(CalendarDay(shop_id=1, day=date(2026, 11, 11), kind="promotion"))
    run = reaudit(taken)
    assert run.said[-1] == (6, 6, "3")
    assert audits(taken) == [("s1-10", 2), ("s1-11", 2), ("s1-12", 2)]
    after = {name: row["score"] for name, row in figures(taken).items()}
    assert after["s1-11"] < scores["s1-11"]
    assert {name: score for name, score in after.items() if name != "s1-11"} == {
        name: score for name, score in scores.items() if name != "s1-11"
    }
    with taken.reading() as session:
        newest = session.scalars(
            select(AuditRow.score)
            .join(ConversationRow, ConversationRow.audit_id == AuditRow.id)
            .order_by(ConversationRow.id)
        ).all()
    assert list(newest) == [after[name] for name in ("s1-10", "s1-11", "s1-12", "s2-10", "s2-11", "s2-12")]


@pytest.mark.both_databases
def test_what_is_as_it_was_before_gets_its_old_audit_back(taken: Store) -> None:
    before = figures(taken)
    with taken.writing() as session:
        session.add(CalendarDay(id=1, shop_id=1, day=date(2026, 11, 11), kind="promotion"))
    reaudit(taken)
    with taken.writing() as session:
        session.delete(session.get_one(CalendarDay, 1))
    reaudit(taken)
    assert figures(taken) == before
    assert audits(taken) == [("s1-10", 2), ("s1-11", 2), ("s1-12", 2)]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(shop_ids=(2,)), ["s2-10", "s2-11", "s2-12"]),
        (Wanted(conversation_ids=(1, 5)), ["s1-10", "s2-11"]),
        (
            Wanted(
                started_since=datetime.fromisoformat("2026-11-11T00:00+08:00"),
                started_until=datetime.fromisoformat("2026-11-12T00:00+08:00"),
            ),
            ["s1-11", "s2-11"],
        ),
        (Wanted(shop_ids=()), []),
    ],
)
def test_only_what_is_wanted_is_audited_anew(taken: Store, wanted: Wanted, names: list[str]) -> None:
    with taken.writing() as session:
        session.add(CalendarDay(day=date(2026, 11, 11), kind="promotion"))
    reaudit(taken, wanted)
    assert audits(taken) == [(name, 2) for name in names]


@pytest.mark.both_databases
def test_whoever_turns_out_to_have_written_is_put_down(taken: Store) -> None:
    with taken.writing() as session:
        session.add(Team(id=1, name="一组", created_at=NOW))
        session.flush()
        session.add(AgentRow(id=1, code="a1", name="苏晓棠", team_id=1, created_at=NOW))
        account = session.scalars(select(Account).where(Account.shop_id == 1)).one()
        session.flush()
        session.add(AccountHolder(account_id=account.id, agent_id=1, from_day=date(2026, 11, 11)))
    reaudit(taken)
    people = {name: (row["agent_id"], row["team_id"]) for name, row in figures(taken).items() if row["shop_id"] == 1}
    assert people == {"s1-10": (None, None), "s1-11": (1, 1), "s1-12": (1, 1)}
    with taken.reading() as session:
        wrote = session.execute(
            select(ConversationRow.source_id, MessageRow.number)
            .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
            .where(MessageRow.agent_id == 1)
            .order_by(MessageRow.id)
        ).all()
        blamed = session.scalars(
            select(ConversationRow.source_id)
            .join(CriterionResult, CriterionResult.audit_id == ConversationRow.audit_id)
            .where(CriterionResult.criterion == "banned_phrase", CriterionResult.agent_id == 1)
            .order_by(ConversationRow.id)
        ).all()
        ids = ids_holding(session, "苏晓棠")
        found = session.scalars(select(ConversationRow.source_id).where(ConversationRow.id.in_(ids))).all()
    assert [tuple(one) for one in wrote] == [("s1-11", 1), ("s1-12", 1)]
    assert list(blamed) == sorted(found) == ["s1-11", "s1-12"]


@pytest.mark.both_databases
def test_the_team_on_arrival_stays_though_the_person_moves_on(taken: Store, tmp_path: Path) -> None:
    with taken.writing() as session:
        session.add_all([Team(id=1, name="一组", created_at=NOW), Team(id=2, name="二组", created_at=NOW)])
        session.flush()
        session.add(AgentRow(id=1, code="a1", name="苏晓棠", team_id=1, created_at=NOW))
    given = chat("mine", "customer 10:00:00 在吗", "agent:a1 10:00:10 您好在的")
    work_off(Run(taken), register(taken, write_jsonl(tmp_path / "b.jsonl", [given])))
    with taken.writing() as session:
        session.get_one(AgentRow, 1).team_id = 2
    reaudit(taken)
    row = figures(taken)["mine"]
    assert (row["agent_id"], row["team_id"]) == (1, 1)
    assert ("mine", 2) in audits(taken), "the team is known to the audit"


@pytest.mark.both_databases
def test_a_text_that_was_purged_is_left_alone(taken: Store) -> None:
    with taken.writing() as session:
        session.add(CalendarDay(day=date(2026, 11, 11), kind="promotion"))
        session.get_one(ConversationRow, 1).text_purged_at = NOW
    run = reaudit(taken)
    assert run.said[-1] == (5, 5, "5")


def test_a_reaudit_is_announced_once_while_it_waits(taken: Store) -> None:
    with taken.writing() as session:
        first = ask_reaudit(session, Wanted(shop_ids=(1,)), now=NOW, user_id=None)
        again = ask_reaudit(session, Wanted(shop_ids=(1,)), now=NOW, user_id=None)
        other = ask_reaudit(session, Wanted(shop_ids=(2,)), now=NOW, user_id=None)
    assert first == again != other
    with taken.reading() as session:
        job = session.get_one(Job, first)
    assert (job.kind, job.total_count) == ("reaudit", 3)
    run_reaudit(Run(taken, job.payload))


def test_a_reaudit_that_runs_has_looked_already_and_another_follows(taken: Store) -> None:
    wanted = Wanted(shop_ids=(1,))
    with taken.writing() as session:
        first = ask_reaudit(session, wanted, now=NOW, user_id=None)
        session.get_one(Job, first).state = "running"
    with taken.writing() as session:
        second = ask_reaudit(session, wanted, now=NOW, user_id=None)
        assert second == ask_reaudit(session, wanted, now=NOW, user_id=None) != first


def viewer_of(session: Session, *grants: Grant) -> Viewer:
    someone = User(login="someone", name="某人", password_hash="", created_at=NOW)
    session.add(someone)
    session.flush()
    return Viewer(someone.id, someone.name, grants=grants)


def names_of(store: Store, job_id: int) -> list[str]:
    """The conversations that a job looks at."""
    with store.reading() as session:
        job = session.get_one(Job, job_id)
        wanted = msgspec.convert(job.payload, Wanted)
        found = kept_conversations(session, wanted, after_id=0, limit=100)
        assert job.total_count == len(found)
        return sorted(one.conversation.id for one in found)


@pytest.mark.parametrize(
    ("listed", "grant", "names"),
    [
        (ConversationFilter(), Grant("qa_lead"), ["s1-10", "s1-11", "s1-12", "s2-10", "s2-11", "s2-12"]),
        (ConversationFilter(), Grant("inspector", shop_id=2), ["s2-10", "s2-11", "s2-12"]),
        (ConversationFilter(shop_ids=frozenset({1})), Grant("qa_lead"), ["s1-10", "s1-11", "s1-12"]),
        (ConversationFilter(shop_ids=frozenset({1})), Grant("inspector", shop_id=2), []),
        (ConversationFilter(since=datetime(2026, 11, 12, tzinfo=NOW.tzinfo)), Grant("qa_lead"), ["s1-12", "s2-12"]),
        (ConversationFilter(text="规定", shop_ids=frozenset({2})), Grant("qa_lead"), ["s2-10", "s2-11", "s2-12"]),
        (ConversationFilter(text="没有的话"), Grant("qa_lead"), []),
        # An admin may have everything audited anew, but sees no list, whose filters would tell what stands in it.
        (ConversationFilter(), Grant("admin"), []),
    ],
)
def test_a_list_is_audited_anew_as_far_as_it_is_seen(
    taken: Store, listed: ConversationFilter, grant: Grant, names: list[str]
) -> None:
    with taken.writing() as session:
        asked = ask_for_list(session, viewer_of(session, grant), listed, now=NOW)
    assert (names_of(taken, asked.job_id) if asked else []) == names
    with taken.reading() as session:
        noted = session.scalars(select(Activity).where(Activity.action == "reaudit.asked")).all()
        assert [line.details for line in noted] == ([{"count": asked.count, "job": asked.job_id}] if asked else [])


@pytest.mark.parametrize("role", ["team_lead", "store_manager", "mentor", "agent"])
def test_whoever_may_not_ask_has_no_list_audited_anew(taken: Store, role: Any) -> None:
    with taken.writing() as session, pytest.raises(AccessError):
        ask_for_list(session, viewer_of(session, Grant(role)), ConversationFilter(), now=NOW)


@pytest.mark.both_databases
@pytest.mark.parametrize(("shop_id", "count"), [(1, 3), (None, 6)])
def test_a_shop_whose_settings_have_changed_is_audited_anew(taken: Store, shop_id: int | None, count: int) -> None:
    with taken.writing() as session:
        session.add(CalendarDay(shop_id=1, day=date(2026, 11, 11), kind="promotion"))
        asked = ask_for_shop(session, viewer_of(session, Grant("admin")), shop_id, now=NOW)
    assert asked is not None
    assert asked.count == count
    with taken.reading() as session:
        wanted = msgspec.convert(session.get_one(Job, asked.job_id).payload, Wanted)
    reaudit(taken, wanted)
    assert audits(taken) == [("s1-10", 2), ("s1-11", 2), ("s1-12", 2)]


def test_a_shop_of_somebody_else_is_not_audited_anew(taken: Store) -> None:
    with taken.writing() as session, pytest.raises(AccessError):
        ask_for_shop(session, viewer_of(session, Grant("inspector", shop_id=2)), 1, now=NOW)


def test_a_reaudit_can_be_cancelled_between_two_pages(taken: Store) -> None:
    run = Run(taken)
    run.is_to_stop = True
    with pytest.raises(JobCancelledError):
        run_reaudit(run)


@pytest.mark.both_databases
def test_what_came_in_while_it_went_on_is_judged_again_when_it_is_over(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    asked = NOW - timedelta(minutes=1)
    lines: dict[str, Any] = {"day": "2026-11-16"}
    given = [
        chat(
            "open", "customer 08:00:00 在吗", "agent:小王 08:00:10 您好在的", "customer 08:58:00 什么时候发货?", **lines
        ),
        chat(
            "over", "customer 05:00:00 在吗", "agent:小王 05:00:10 您好在的", "customer 05:05:00 什么时候发货?", **lines
        ),
    ]
    assert asked.hour == 0, "it is nine in the morning there"
    with store.writing() as session:
        session.add(CalendarDay(day=date(2026, 11, 16), kind="promotion"))
    work_off(Run(store), register(store, write_jsonl(tmp_path / "a.jsonl", given)))
    before = figures(store)
    run = Run(store, now=NOW + timedelta(minutes=30))
    run_settling(run)
    assert figures(store) == before, "it may still be going on"
    run_settling(Run(store, now=NOW + timedelta(hours=3)))
    assert audits(store) == [("open", 2)]
    run_settling(Run(store, now=NOW + timedelta(hours=4)))
    assert audits(store) == [("open", 2)]
