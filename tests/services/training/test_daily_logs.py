"""The mentors' daily log: chats picked, findings accepted or put aside, points changed until answered, gaps and weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import accompanying, daily_logs, log_weeks, mentor_days, problem_points, suggestions
from qaplatform.services.training.problem_points import CoachedFinding, PointContent, PointPlace
from qaplatform.services.training.settings import TrainingSettings
from qaplatform.store.engine import Store
from qaplatform.store.tables import DailyLog, ProblemPoint, WorkItem
from qaplatform.store.training.daily_logs import Accompanied, LogLine
from tests.copies import fill_once
from tests.filled import fill_people
from tests.mentoring import AGENT, MENTOR, STRANGER, chat_id, fill_mentored, user_id, viewer
from tests.stores import ONLY_SQLITE
from tests.web.chats import PHONE

NOW = datetime(2026, 11, 17, 6, tzinfo=UTC)
DAY = date(2026, 11, 17)
"""A Tuesday."""
COACH, AGENT_SELF, OTHER = viewer(MENTOR), viewer("agent"), viewer(STRANGER)
OWN = PointContent("不知道退货入口在哪", "system", "minor", next_step="画一张入口图", next_due_on=DAY)


@pytest.fixture
def mentored(store: Store) -> Store:
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    fill_mentored(store, NOW)


def page(store: Store, who: Viewer = COACH) -> daily_logs.DayPage:
    with store.reading() as session:
        return daily_logs.day_page(session, who, AGENT, DAY, now=NOW)


def written(store: Store) -> int:
    with store.writing() as session:
        return problem_points.write_point(session, COACH, AGENT, DAY, OWN, now=NOW)


def test_chats_are_picked_and_findings_become_points_or_are_put_aside(mentored: Store) -> None:
    first = page(mentored)
    assert (len(first.others), first.log, first.wanted_chats) == (3, None, 5)
    found = first.suggestions.some
    assert found
    assert {one.conversation_id for one in found} == {first.others[0].row.id}  # The quarrel; the others are good.
    assert PHONE not in str(found)
    with mentored.writing() as session:
        quarrel = chat_id(session, "quarrel")
        for _ in range(2):  # A second tap on a slow line changes nothing.
            daily_logs.pick_chat(session, COACH, AGENT, DAY, quarrel, is_in=True, now=NOW)
        daily_logs.pick_chat(session, COACH, AGENT, DAY, chat_id(session, "good-0"), is_in=True, now=NOW)
        daily_logs.pick_chat(session, COACH, AGENT, DAY, chat_id(session, "good-0"), is_in=False, now=NOW)
        made = problem_points.accept(session, COACH, AGENT, DAY, quarrel, found[0].key, now=NOW)
        assert problem_points.accept(session, COACH, AGENT, DAY, quarrel, found[0].key, now=NOW) == made
        suggestions.dismiss(session, COACH, AGENT, quarrel, found[1].key, now=NOW)
    after = page(mentored)
    assert [one.row.id for one in after.picked] == [quarrel]
    assert {one.key for one in after.suggestions.some}.isdisjoint({found[0].key, found[1].key})
    (point,) = after.points
    assert (point.point.what, point.point.criterion, point.point.severity) == (
        found[0].what, found[0].criterion, found[0].severity,
    )  # fmt: skip
    assert point.quote == found[0].quote
    with mentored.writing() as session:
        problem_points.withdraw_point(session, COACH, made, now=NOW)
    assert found[0].key in {one.key for one in page(mentored).suggestions.some}  # It may be noted again.


def test_coach_this_opens_todays_log_of_whoever_wrote_the_words(mentored: Store) -> None:
    with mentored.reading() as session:
        quarrel = chat_id(session, "quarrel")
        every = suggestions.stored.findings_of(session, [quarrel])
    mine, others = ([one for one in every if (one.agent_id == AGENT) is is_mine] for is_mine in (True, False))
    assert mine
    later = NOW + timedelta(days=3)
    with mentored.writing() as session:
        ids = {
            one.agent_id: problem_points.coach_this(
                session, COACH, quarrel, CoachedFinding(one.criterion, one.message, one.start, one.end), now=later
            )
            for one in (*mine[:1], *others[:1])
        }
        logs = {one.agent_id: one.day for one in session.scalars(select(DailyLog))}
        assert logs == dict.fromkeys(ids, DAY + timedelta(days=3))
        with pytest.raises(suggestions.FindingGoneError):
            problem_points.coach_this(session, COACH, quarrel, CoachedFinding("greeting", 0, 0, 1), now=later)
        with pytest.raises(NotThereError):
            problem_points.coach_this(session, OTHER, quarrel, CoachedFinding("greeting", 0, 0, 1), now=later)
        shown = problem_points.point_page(session, COACH, ids[AGENT], now=later)
        assert shown.may_change
        assert shown.criteria[0][0] in shown.failed
        assert PHONE not in str([one.masked.text for one in shown.chat.messages])


def test_who_has_to_review_a_chat_blind_is_told_nothing_of_it(mentored: Store) -> None:
    lead = viewer("lead")
    with mentored.writing() as session:
        quarrel = chat_id(session, "quarrel")
        item = WorkItem(
            conversation_id=quarrel, revision=1, user_id=lead.user_id, draw="random", is_blind=True, created_at=NOW
        )
        session.add(item)
    seen = page(mentored, lead)
    assert seen.suggestions.some == ()
    assert [one.is_blind for one in seen.others if one.row.id == quarrel] == [True]
    assert page(mentored).suggestions.some


@pytest.mark.both_databases
def test_a_point_is_its_authors_until_it_is_answered_and_then_only_withdrawn(mentored: Store) -> None:
    point, lead = written(mentored), viewer("lead")
    better = msgspec.structs.replace(OWN, what="不知道换货入口在哪")
    with mentored.writing() as session:
        good = PointPlace(chat_id(session, "good-0"), 1, criterion="greeting")
        with pytest.raises(problem_points.PointAnsweredError):
            problem_points.change_point(session, lead, point, better, good, now=NOW)
        problem_points.change_point(session, COACH, point, better, good, now=NOW)
        log_id = daily_logs.stored.log_of(session, AGENT, DAY).id  # type: ignore[union-attr]
        daily_logs.note_own_seen(session, AGENT_SELF, DAY, now=NOW)
        daily_logs.answer(session, AGENT_SELF, log_id, " 我会去看 ", point_id=point, now=NOW)
        with pytest.raises(NotThereError):
            daily_logs.answer(session, OTHER, log_id, "好", now=NOW)
    with mentored.reading() as session:
        own = daily_logs.own_day(session, AGENT_SELF, DAY, now=NOW)
        waiting = mentor_days.overview(session, COACH, only_mine=True, offset=0, limit=9, now=NOW)
    assert own.log
    assert (own.log.seen_at, own.may_write, own.others, own.suggestions.some) == (NOW, False, (), ())
    assert [(one.what, it.text, it.is_learner) for p in own.points for one in [p.point] for it in p.answers] == [
        ("不知道换货入口在哪", "我会去看", True)
    ]
    assert [(one.text, one.point_id) for one in waiting.waiting] == [("我会去看", point)]
    assert waiting.rows[0].today is not None
    assert waiting.rows[0].today.waits
    with mentored.writing() as session:
        with pytest.raises(problem_points.PointAnsweredError):
            problem_points.change_point(session, COACH, point, OWN, PointPlace(), now=NOW)
        with pytest.raises(problem_points.PointAnsweredError):
            problem_points.withdraw_point(session, lead, point, now=NOW)
        daily_logs.answer(session, COACH, log_id, "好的", point_id=point, now=NOW)
        problem_points.withdraw_point(session, COACH, point, now=NOW)
        assert daily_logs.stored.open_answers(session, [AGENT], limit=9) == []
    (left,) = page(mentored).points
    assert (left.point.stands, left.point.what, len(left.answers)) == (False, "不知道换货入口在哪", 2)


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("content", "place", "day", "wrong"),
    [
        ({"what": " \0 "}, None, DAY, problem_points.PointTextError),
        ({"coaching": "长" * 2001}, None, DAY, problem_points.PointTextError),
        ({"cause": "weather"}, None, DAY, problem_points.PointTextError),
        ({}, None, DAY + timedelta(days=1), problem_points.LogDayError),
        ({}, ("good-0", 5), DAY, problem_points.OtherChatError),
        ({}, ("elsewhere", None), DAY, NotThereError),
    ],
)
def test_what_is_no_point_is_refused(
    mentored: Store,
    content: dict[str, Any],
    place: tuple[str, int | None] | None,
    day: date,
    wrong: type[QAPlatformError],
) -> None:
    lies = PointPlace()
    if place:
        with mentored.reading() as session:
            lies = PointPlace(10**6 if place[0] == "elsewhere" else chat_id(session, place[0]), place[1])
    point = msgspec.structs.replace(OWN, **content)
    with mentored.writing() as session, pytest.raises(wrong):
        problem_points.write_point(session, COACH, AGENT, day, point, lies, now=NOW)
    with mentored.reading() as session:
        assert session.scalars(select(ProblemPoint)).all() == []
        assert session.scalars(select(DailyLog)).all() == []


@ONLY_SQLITE
def test_a_log_is_written_by_those_in_reach_and_of_its_own_days_chats(mentored: Store) -> None:
    with mentored.writing() as session:
        good = chat_id(session, "good-0")
        for who in (OTHER, AGENT_SELF, viewer("newhire")):
            with pytest.raises(NotThereError):
                daily_logs.pick_chat(session, who, AGENT, DAY, good, is_in=True, now=NOW)
        with pytest.raises(problem_points.OtherChatError):
            daily_logs.pick_chat(session, COACH, AGENT, DAY - timedelta(days=1), good, is_in=True, now=NOW)
        with pytest.raises(problem_points.OtherChatError):
            daily_logs.pick_chat(session, COACH, 3, DAY, good, is_in=True, now=NOW)
        with pytest.raises(daily_logs.SummaryTextError):
            daily_logs.write_summary(session, COACH, AGENT, DAY, "长" * 2001, now=NOW)
        daily_logs.write_summary(session, COACH, AGENT, DAY, "  ", now=NOW)
        assert session.scalars(select(DailyLog)).all() == []
        daily_logs.write_summary(session, COACH, AGENT, DAY, "稳了很多", now=NOW)
        session.execute(update(DailyLog).values(user_id=user_id("lead")))
    with pytest.raises(NotThereError):
        page(mentored, OTHER)
    seen = page(mentored, viewer("boss"))
    assert (seen.log.author if seen.log else "", seen.may_write) == ("梁书瑶", True)
    with mentored.reading() as session, pytest.raises(NotThereError):
        daily_logs.own_day(session, viewer("newhire"), DAY, now=NOW)


def test_days_without_a_log_stand_out() -> None:
    settings = TrainingSettings(holidays=(date(2026, 11, 12),), extra_working_days=(date(2026, 11, 14),))
    log = LogLine(1, AGENT, date(2026, 11, 11), "", "", None, NOW, 5, 1, waits=False)
    times = [
        Accompanied(AGENT, date(2026, 11, 1), date(2026, 11, 10)),
        Accompanied(AGENT, date(2026, 11, 11), None),
    ]
    days = mentor_days.past_days({log.day: log}, times, settings, date(2026, 11, 9), date(2026, 11, 17))
    # Monday with the first mentor; none on Tuesday; a log; a holiday; Friday; a Saturday worked in exchange; Sunday; Monday.
    assert [one.is_missing for one in days] == [True, False, False, False, True, True, False, True]
    assert days[2].log == log
    # A path asks for them from Friday on only, and the Saturday was the last day of the step.
    asked = (accompanying.Asked(4, date(2026, 11, 13), date(2026, 11, 14)),)
    days = mentor_days.past_days({log.day: log}, times, settings, date(2026, 11, 9), date(2026, 11, 17), asked)
    assert [one.day.day for one in days if one.is_missing] == [13, 14]
    on = [accompanying.chats_wanted(asked, date(2026, 11, day), settings) for day in (11, 13, 14, 15, 16)]
    assert on == [0, 4, 4, 0, 0]
    asked = (accompanying.Asked(4, date(2026, 11, 13)),)
    assert (
        accompanying.chats_wanted(asked, date(2026, 11, 15), settings),
        accompanying.full_day(asked, date(2026, 11, 15)),
    ) == (0, 4)


@pytest.mark.both_databases
def test_a_week_is_held_against_the_one_before(mentored: Store) -> None:
    before, monday = DAY - timedelta(days=5), DAY - timedelta(days=1)
    with mentored.reading() as session:
        quarrel = chat_id(session, "quarrel")
    lies = PointPlace(quarrel, 2, criterion="curt_reply")
    with mentored.writing() as session:
        for day, content in (
            (before, OWN),
            (monday, OWN),
            (DAY, msgspec.structs.replace(OWN, cause="attitude", severity="critical", next_step="")),
        ):
            problem_points.write_point(session, COACH, AGENT, day, content, lies, now=NOW)
        gone = problem_points.write_point(session, COACH, AGENT, DAY, OWN, now=NOW)
        problem_points.withdraw_point(session, COACH, gone, now=NOW)
        first = daily_logs.stored.log_of(session, AGENT, monday)
        assert first
        (point,) = problem_points.stored.points_of(session, first.id)
        problem_points.set_next_done(session, COACH, point.id, is_done=True, now=NOW)
        daily_logs.pick_chat(session, COACH, AGENT, DAY, quarrel, is_in=True, now=NOW)
        daily_logs.write_summary(session, COACH, AGENT, DAY, "稳了很多", now=NOW)
        week = log_weeks.week_of(session, COACH, AGENT, monday, now=NOW)
        due, counts = problem_points.stored.next_steps(session, [AGENT], due_until=DAY, limit=9)
    assert [(one.day.day, one.log is not None, one.is_missing) for one in week.days] == [
        (16, True, False),
        (17, True, False),
    ]
    assert (week.chat_count, week.chats_before, week.point_count, week.points_before) == (1, 0, 2, 1)
    assert {one.code: (one.this, one.before) for one in week.by_cause if one.this or one.before} == {
        "system": (1, 1), "attitude": (1, 0),
    }  # fmt: skip
    assert [(one.code, one.this, one.before, one.repeats) for one in week.by_criterion] == [("curt_reply", 2, 1, True)]
    assert [(one.quote, bool(one.title)) for one in week.points] == [("哦", True)] * 2
    assert (len(week.steps), week.steps_done, [one.summary for one in week.words]) == (1, 1, ["稳了很多"])
    assert (len(due), counts) == (1, {AGENT: 1})
    assert week.next_monday is None
    with mentored.reading() as session:
        for who, day in ((COACH, DAY), (COACH, monday + timedelta(days=7)), (OTHER, monday)):
            with pytest.raises(NotThereError):
                log_weeks.week_of(session, who, AGENT, day, now=NOW)


def test_a_cause_is_suggested_as_it_was_mostly_given_here(mentored: Store) -> None:
    with mentored.writing() as session:
        criteria = suggestions.Criteria(session, "zh")
        said = [criteria.cause(session, one) for one in ("curt_reply", "concrete_promise", None)]
        assert said == ["attitude", "process", "process"]
        lies = PointPlace(chat_id(session, "quarrel"), criterion="curt_reply")
        for cause in ("knowledge", "knowledge", "system"):
            content = msgspec.structs.replace(OWN, cause=cause)  # type: ignore[arg-type]
            problem_points.write_point(session, COACH, AGENT, DAY, content, lies, now=NOW)
        assert criteria.cause(session, "curt_reply") == "knowledge"
