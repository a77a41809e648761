"""The daily figures are those that anybody counts from the conversations, whatever has happened to them."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.checks import propose_hint
from qaplatform.services.conversation_pages import conversation_page
from qaplatform.services.dashboard import Asked, dashboard_of
from qaplatform.services.figure_cells import COUNTS, SUMS, Cells
from qaplatform.services.figure_days import count_all, run_figures
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.intake import work_off
from qaplatform.services.jobs import JobCancelledError
from qaplatform.services.reauditing import run_reaudit
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_drafts import draft_seen, publish_draft
from qaplatform.services.rubric_releases import Publication
from qaplatform.store import figure_days
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.erasing import purge
from qaplatform.store.listing import listed_ids
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    CalendarDay,
    ConversationRow,
    CriterionResult,
    FigureDay,
    FigureDayDue,
    FindingRow,
    Ruling,
    Shop,
    Team,
    User,
)
from qaplatform.store.week_hours import WeekHours
from tests.conftest import FULL
from tests.runs import NOW, Run, chat, make_shops, register, write_jsonl

SAID = (
    ("customer {h}:00:00 什么时候发货?", "agent:店:01 {h}:00:45 没办法,这是规定"),
    ("customer {h}:10:00 我要退款", "agent:店:02 {h}:14:00 非常理解您着急的心情,预计2小时内回复您"),
    ("customer {h}:20:00 发票怎么开", "agent:店:01 {h}:20:10 您好,24小时内开好", "customer {h}:30:00 在吗,还没好吗?"),
    ("customer {h}:59:50 物流怎么不动了", "agent:店:02 {h}:59:59 傻子才问"),
)
EVERYTHING = Scope(everything=True)
READER = Viewer(1, "读者", grants=(Grant("qa_lead"),))


def people(store: Store) -> None:
    make_shops(store, "s1", "s2")
    with store.writing() as session:
        session.add(Team(id=1, name="甲组", created_at=NOW))
        session.flush()
        session.add_all(AgentRow(id=n, code=f"a{n}", name=f"人{n}", team_id=1, created_at=NOW) for n in (1, 2))
        session.add_all(Account(id=n, shop_id=1, name=f"店:0{n}") for n in (1, 2))
        session.flush()
        session.add_all(AccountHolder(account_id=n, agent_id=n) for n in (1, 2))
        session.execute(update(Shop).where(Shop.code == "s2").values(timezone="America/New_York"))


def count(store: Store) -> None:
    run_figures(Run(store))


def cells(session: Session) -> Cells:
    return cells_of_days(session, date(2000, 1, 1), date(2100, 1, 1), None)


def kept(store: Store) -> dict[str, Counter[object]]:
    """All that is kept, by day and shop and whatever else it is told apart by."""
    out: dict[str, Counter[object]] = {
        name: Counter() for name in (*COUNTS, *SUMS, "judged", "missed", "begun", "hours")
    }
    with store.reading() as session:
        got = cells(session)
    for n in range(len(got)):
        day = date.fromordinal(int(got.day[n]))
        topic = got.topics[got.topic[n]] if got.topic[n] >= 0 else None
        queue = got.queues[got.queue[n]] if got.queue[n] >= 0 else None
        key = (day, int(got.shop[n]), int(got.team[n]), int(got.agent[n]), topic, queue)
        for name in (*COUNTS, *SUMS):
            out[name][key] += round(float(got.of(name)[n]), 6)
        for c, criterion in enumerate(got.criteria):
            out["judged"][*key, criterion] += int(got.judged[n, c])
            out["missed"][*key, criterion] += int(got.missed[n, c])
    for hour, cell in zip(got.hours, got.hour_cell, strict=True):
        out["begun"][date.fromordinal(int(got.day[cell])), int(hour["hour"])] += int(hour["begun"])
        out["hours"]["replies"] += int(hour["replies"])
        out["hours"]["within"] += int(hour["within"])
    return {name: +counter for name, counter in out.items()}


def told(store: Store) -> dict[str, Counter[object]]:
    """The same, counted one by one from the conversations."""
    out: dict[str, Counter[object]] = {
        name: Counter() for name in (*COUNTS, *SUMS, "judged", "missed", "begun", "hours")
    }
    with store.reading() as session:
        zones = {one.id: ZoneInfo(one.timezone) for one in session.scalars(select(Shop))}
        for one in session.scalars(select(ConversationRow)).all():
            local = one.started_at.astimezone(zones[one.shop_id])
            place = (local.date(), one.shop_id, one.team_id or 0)
            key = (*place, one.agent_id or 0, one.topic, one.queue)
            out["begun"][local.date(), local.hour] += 1
            out["conversations"][key] += 1
            rulings = session.scalars(select(Ruling).where(Ruling.audit_id == one.audit_id).order_by(Ruling.id)).all()
            verdict = {"pass": "passed", "fail": "failed", None: "unscored"}.get(one.verdict, one.verdict or "")
            if verdict == "critical" and not (rulings and rulings[-1].to_outcome == "fail"):
                verdict = "pending"
            out[verdict][key] += 1
            if one.score is not None and verdict in ("passed", "failed", "critical"):
                out["scored"][key] += 1
                out["score_sum"][key] += round(one.score, 6)
                out["score_squares"][key] += round(one.score**2, 6)
            if one.csat is not None:
                out["csat_count"][key] += 1
                out["csat_low"][key] += one.csat <= 2
                out["csat_sum"][key] += one.csat
                out["csat_squares"][key] += one.csat**2
            results = session.scalars(select(CriterionResult).where(CriterionResult.audit_id == one.audit_id)).all()
            for it in results:
                if it.outcome in ("pass", "fail"):
                    whose = (*place, it.agent_id or one.agent_id or 0, one.topic, one.queue, it.criterion)
                    out["judged"][whose] += 1
                    out["missed"][whose] += it.outcome == "fail"
            waits = conversation_page(session, READER, one.id).waits.values() if one.text_purged_at is None else ()
            unanswered = session.scalars(
                select(FindingRow).where(FindingRow.audit_id == one.audit_id, FindingRow.code == "unanswered")
            ).all()
            good = sum(wait.state == "within" for wait in waits)
            late = sum(wait.state == "late" for wait in waits)
            out["replies"][key] += good + late + len(unanswered)
            out["within"][key] += good
            out["wait_sum"][key] += sum(round(wait.seconds, 6) for wait in waits if wait.state in ("within", "late"))
            out["hours"]["replies"] += good + late + len(unanswered)
            out["hours"]["within"] += good
    return {name: +counter for name, counter in out.items()}


def close(one: dict[str, Counter[object]], other: dict[str, Counter[object]]) -> None:
    assert one.keys() == other.keys()
    for name, counter in one.items():
        assert dict(counter) == pytest.approx(dict(other[name])), name


def take_in(store: Store, folder: Path, chance: random.Random, ids: list[str]) -> None:
    given = []
    for id in ids:
        lines = SAID[chance.randrange(len(SAID))][: chance.choice((2, 3))]
        hour, day = chance.choice(("09", "13", "20", "23", "03")), chance.choice(("10", "11", "12"))
        about = {"csat": chance.choice((None, 1, 5)), "queue": chance.choice((None, "pre_sale", "after_sale"))}
        given.append(
            chat(
                id,
                *(line.format(h=hour) for line in lines),
                shop=chance.choice(("s1", "s2")),
                day=f"2026-11-{day}",
                **about,
            )
        )
    work_off(Run(store), register(store, write_jsonl(folder / f"{chance.random()}.jsonl", given)))


def test_figures_are_those_that_conversations_show_after_any_series_of_changes(store: Store, tmp_path: Path) -> None:
    people(store)
    chance = random.Random(20261127)
    begun, more, steps = (40, 15, 4) if FULL else (24, 10, 2)
    take_in(store, tmp_path, chance, [f"c{n}" for n in range(begun)])
    count(store)
    close(kept(store), told(store))
    for step in range(steps):
        take_in(store, tmp_path, chance, [f"c{chance.randrange(begun * 3 // 2)}" for _ in range(more)])
        with store.writing() as session:
            session.add(
                CalendarDay(shop_id=1, day=date(2026, 11, 10 + step % 3), kind="holiday" if step else "promotion")
            )
            session.execute(update(AccountHolder).where(AccountHolder.id == 2).values(agent_id=1 + step % 2))
        run_reaudit(Run(store, {}, now=NOW + timedelta(hours=step)))
        count(store)
        close(kept(store), told(store))


LONG = (
    chat("long", "customer 09:50:00 有货吗", "customer 10:05:00 在吗", "agent:店:01 10:05:30 有的", "customer 12:10:00 怎么买",
         "agent:店:01 13:20:00 您好,点这里", "customer 13:59:59 好的,我要退款", day="2026-11-11"),
    chat("over midnight", "customer 23:58:00 有货吗", "agent:店:01 23:58:20 有的", day="2026-11-15"),
    chat("no times", "customer - 有货吗", "agent:店:01 - 有的"),
)  # fmt: skip


def test_each_hour_of_the_dashboard_is_explained_by_the_chats_it_opens(store: Store, tmp_path: Path) -> None:
    people(store)
    zone, chance = ZoneInfo("Asia/Shanghai"), random.Random(12)
    take_in(store, tmp_path, chance, [f"c{n}" for n in range(30)])
    work_off(Run(store), register(store, write_jsonl(tmp_path / "long.jsonl", list(LONG))))
    count(store)
    began: Counter[tuple[int, int]] = Counter()
    counted: Counter[tuple[int, int]] = Counter()
    waiting: dict[tuple[int, int], dict[int, int]] = {}

    def cell(moment: datetime) -> tuple[int, int]:
        local = moment.astimezone(zone)
        return local.isoweekday(), local.hour

    with store.reading() as session:
        asked = Asked(first=date(2026, 11, 1), last=date(2026, 11, 30), shop_id=1)
        shown = dashboard_of(session, READER, asked, now=NOW, zone=zone)
        for one in session.scalars(select(ConversationRow).where(ConversationRow.shop_id == 1)).all():
            began[cell(one.started_at)] += 1
            found = session.scalars(
                select(FindingRow.message_number).where(
                    FindingRow.audit_id == one.audit_id, FindingRow.code == "unanswered"
                )
            ).all()
            page, since = conversation_page(session, READER, one.id), one.started_at
            for message in page.read.messages:
                sent = datetime.fromisoformat(message.sent_at) if message.sent_at else one.started_at
                if message.role == "customer":
                    since = sent
                wait = page.waits.get(message.number)
                if wait or message.number in found:
                    place = cell(since if wait else sent)
                    is_counted = wait is None or wait.state in ("within", "late")
                    counted[place] += is_counted
                    here = waiting.setdefault(place, {})
                    here[one.id] = here.get(one.id, 0) + is_counted
        span = {
            "shop_ids": frozenset({1}),
            "since": datetime(2026, 11, 1, tzinfo=zone),
            "until": datetime(2026, 12, 1, tzinfo=zone),
        }
        for weekday, hour in product(range(1, 8), range(24)):
            figure = shown.week[weekday - 1][hour]
            assert figure.begun == began[weekday, hour]
            assert figure.replies.of == counted[weekday, hour]
            # Where nothing is, one day tells as much as seven.
            if not (FULL or weekday == 1 or figure.begun or (weekday, hour) in waiting):
                continue
            hours = WeekHours(weekday, hour, zone)
            begun = listed_ids(session, ConversationFilter(begun_in=hours, **span), EVERYTHING, limit=99)
            waited = listed_ids(session, ConversationFilter(waited_in=hours, **span), EVERYTHING, limit=99)
            assert len(begun) == figure.begun, (weekday, hour)
            assert sorted(waited) == sorted(waiting.get((weekday, hour), {})), (weekday, hour)
            assert figure.replies.of == sum(waiting[weekday, hour][id] for id in waited)
        for hours in (WeekHours(None, 12, zone), WeekHours(3, None, zone)):
            meant = {
                id for (day, hour), ids in waiting.items() for id in ids
                if hours.weekday in (None, day) and hours.hour in (None, hour)
            }  # fmt: skip
            assert set(listed_ids(session, ConversationFilter(waited_in=hours, **span), EVERYTHING, limit=99)) == meant
    assert {(3, 10), (3, 12), (3, 13), (7, 23)} <= waiting.keys()


def test_the_day_of_a_conversation_that_begins_elsewhere_now_is_counted_anew(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    short = chat("c", "customer 00:10:00 在吗")
    longer = chat("c", "customer 23:50:00 你好", "customer 23:55:00 在吗", day="2026-11-09")
    for given in (short, longer):
        work_off(Run(store), register(store, write_jsonl(tmp_path / "a.jsonl", [given])))
        count(store)
    with store.reading() as session:
        assert [(one.day, one.shop_id) for one in figure_days.stamps_of_days(session, date.min, date.max, None)] == [
            (date(2026, 11, 9), 1)
        ]


def test_what_is_purged_counts_as_before(store: Store, tmp_path: Path) -> None:
    people(store)
    take_in(store, tmp_path, random.Random(5), [f"c{n}" for n in range(20)])
    count(store)
    before = kept(store)
    with store.writing() as session:
        ids = session.scalars(select(ConversationRow.id)).all()
        purge(session, ids, now=NOW)
        figure_days.note_conversations(session, ids)
    count(store)
    assert kept(store) == before


def test_a_critical_counts_once_a_person_has_confirmed_it(store: Store, tmp_path: Path) -> None:
    people(store)
    take_in(store, tmp_path, random.Random(3), [f"c{n}" for n in range(30)])
    count(store)
    assert kept(store)["pending"].total() > 0
    assert not kept(store)["critical"]
    with store.writing() as session:
        session.add(User(id=1, login="x", name="x", password_hash="", created_at=NOW))
        session.flush()
        row = session.scalars(select(ConversationRow).where(ConversationRow.verdict == "critical")).first()
        assert row is not None
        failed = session.scalars(
            select(CriterionResult.criterion).where(
                CriterionResult.audit_id == row.audit_id, CriterionResult.outcome == "fail"
            )
        ).all()
        for criterion in failed:
            session.add(
                Ruling(
                    conversation_id=row.id, audit_id=row.audit_id, criterion=criterion, kind="confirm",
                    from_outcome="fail", to_outcome="fail", user_id=1, decided_at=NOW,
                )
            )  # fmt: skip
        figure_days.note_conversations(session, [row.id])
    count(store)
    assert kept(store)["critical"].total() == 1
    close(kept(store), told(store))


def test_replies_count_whether_response_times_are_scored_or_only_a_hint(store: Store, tmp_path: Path) -> None:
    people(store)
    take_in(store, tmp_path, random.Random(8), [f"c{n}" for n in range(30)])
    count(store)
    scored = kept(store)
    assert 0 < scored["within"].total() < scored["replies"].total()
    before = datetime(2026, 11, 1, 4, tzinfo=UTC)
    with store.writing() as session:
        session.add(User(id=1, login="x", name="x", password_hash="", created_at=NOW))
        session.flush()
        draft = draft_seen(session, READER, propose_hint(session, READER, "", "response_time", now=before)).draft
        newest = rubric_book(session).newest(draft.code)
        assert newest is not None
        said = Publication(before.date(), ZoneInfo("Asia/Shanghai"), newest.rubric.content_hash)
        publish_draft(session, READER, draft.id, said, seen_version=draft.version, now=before)
    run_reaudit(Run(store, {}, now=NOW))
    count(store)
    hinted = kept(store)
    close(hinted, told(store))
    for name in ("replies", "within", "wait_sum", "hours"):
        assert dict(hinted[name]) == pytest.approx(dict(scored[name])), name
    assert {key[-1] for key in scored["judged"]} - {key[-1] for key in hinted["judged"]} == {"response_time"}  # type: ignore[index]


def test_a_note_that_is_written_while_a_day_is_counted_is_not_lost(store: Store) -> None:
    make_shops(store, "s1")
    moment = datetime(2026, 11, 10, 4, tzinfo=NOW.tzinfo)
    with store.writing() as session:
        figure_days.note_changed(session, [(1, moment), (1, moment)])
    with store.reading() as session:
        (due,) = figure_days.due_days(session, limit=10)
    with store.writing() as session:
        figure_days.note_changed(session, [(1, moment)])
    with store.writing() as session:
        figure_days.keep(session, due, None, now=NOW)
    with store.reading() as session:
        assert figure_days.freshness(session).days_due == 1


@pytest.mark.both_databases
def test_a_shop_in_another_zone_has_other_days(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    work_off(Run(store), register(store, write_jsonl(tmp_path / "a.jsonl", [chat("c", "customer 03:10:00 在吗")])))
    assert count_all(store, now=NOW) == 1
    with store.writing() as session:
        session.execute(update(Shop).values(timezone="America/New_York"))
        figure_days.note_shop(session, 1)
    assert count_all(store, now=NOW) == 3
    with store.reading() as session:
        assert session.scalars(select(FigureDay.day)).all() == [date(2026, 11, 9)]
        assert session.scalars(select(FigureDayDue.id)).all() == []


def test_counting_can_be_cancelled_between_days(store: Store) -> None:
    make_shops(store, "s1")
    with store.writing() as session:
        figure_days.note_changed(session, [(1, NOW + timedelta(days=n)) for n in range(12)])
    run = Run(store)
    run.is_to_stop = True
    with pytest.raises(JobCancelledError):
        run_figures(run)
