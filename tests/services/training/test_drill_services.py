"""Drills from being shown to coming again; cards made of real chats; skills, curves and what training changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import drills
from qaplatform.services.training.criterion_training import criterion_training, overview
from qaplatform.services.training.curves import curves_of
from qaplatform.services.training.drill_cards import NoSituationError
from qaplatform.services.training.drills import EmptyAnswerError, LongAnswerError
from qaplatform.services.training.learners import learner_of_user
from qaplatform.services.training.skills import own_skills, skills_of
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, ConversationRow, DrillCard, MessageRow, TrainingMark, User
from qaplatform.store.training.erasing import purge_training
from tests.copies import fill_once
from tests.people import open_company
from tests.services.training.figures import fill_figures
from tests.stores import ONLY_SQLITE

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
HIRED = date(2026, 10, 5)
LEARNER = Viewer(user_id=1, name="新人", agent_id=1, grants=(Grant("new_hire"),))
OTHER = Viewer(user_id=2, name="别人", agent_id=3, grants=(Grant("agent"),))
MENTOR = Viewer(user_id=3, name="带教", grants=(Grant("mentor", team_id=1),))
LEAD = Viewer(user_id=4, name="主管", grants=(Grant("qa_lead"),))
GOOD = "礼物碎成这样换谁都难受，真的很抱歉，麻烦您拍张照片给我看看"
CHAT = (
    ("customer", "我电话13800138000,急死了还没到"), ("note", "内部备注"), ("agent", "尽快给您处理"), ("customer", "到底什么时候"),
    ("agent", "请耐心等待"),
)  # fmt: skip


def fill(store: Store) -> None:
    open_company(store)
    with store.writing() as session:
        for n, agent in ((1, 1), (2, 3), (3, None), (4, None)):
            session.add(User(id=n, login=f"u{n}", name=f"用户{n}", password_hash="", agent_id=agent, created_at=NOW))
        session.execute(update(AgentRow).where(AgentRow.id == 1).values(hired_on=HIRED))
        session.add(
            ConversationRow(
                id=1, shop_id=1, team_id=1, agent_id=1, source="t", source_id="1", content_hash="", message_count=5,
                language="zh", started_at=NOW, ended_at=NOW, created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        session.flush()
        for n, (role, text) in enumerate(CHAT):
            kind = "note" if role == "note" else "text"
            session.add(
                MessageRow(
                    conversation_id=1, number=n, role="agent" if kind == "note" else role, kind=kind, text=text,
                    sent_at=f"2026-11-20T10:00:{n:02d}+08:00", agent_id=1 if role == "agent" else None,
                )
            )  # fmt: skip


@pytest.fixture
def school(store: Store) -> Store:
    fill_once(store, fill)
    return store


def started(store: Store, viewer: Viewer, criterion: str | None, now: datetime) -> int | None:
    with store.writing() as session:
        card = drills.next_drill(session, viewer, [criterion] if criterion else (), now=now)
        return None if card is None else drills.show(session, viewer, card, now=now)


def answered(store: Store, answer_id: int, text: str, now: datetime) -> drills.Shown:
    with store.writing() as session:
        return drills.answer(session, LEARNER, answer_id, text, now=now)


def test_a_card_is_shown_answered_and_comes_again(school: Store) -> None:
    first = started(school, LEARNER, "empathy_first", NOW)
    assert first is not None
    assert started(school, LEARNER, None, NOW + timedelta(seconds=20)) == first, "the clock goes on"
    with school.reading() as session:
        shown = drills.shown(session, LEARNER, first, now=NOW + timedelta(seconds=20))
        assert (shown.state, shown.left_seconds) == ("open", 40)
        assert shown.situation is not None
        assert not shown.situation.good
        with pytest.raises(NotThereError):
            drills.shown(session, OTHER, first, now=NOW)
    for text, error in (("  ", EmptyAnswerError), ("急" * 1001, LongAnswerError)):
        with pytest.raises(error):
            answered(school, first, text, NOW)
    card = shown.criterion
    unread = answered(school, first, "蝴蝶飞过冬天的码头和那片海", NOW + timedelta(seconds=25))
    assert (unread.state, card) == ("unread", "empathy_first")
    assert unread.situation is not None
    assert not unread.situation.good
    with school.writing() as session:
        again = drills.show_again(session, LEARNER, first, now=NOW + timedelta(seconds=30))
    missed = answered(school, again, "今天18点前给您回复", NOW + timedelta(seconds=50))
    assert (missed.state, missed.due_at) == ("failed", NOW + timedelta(seconds=50, minutes=10))
    assert missed.situation is not None
    assert missed.situation.good
    same = answered(school, again, GOOD, NOW + timedelta(seconds=51))
    assert same.text == missed.text, "what was answered stands"
    soon = NOW + timedelta(minutes=12)
    third = started(school, LEARNER, None, soon)
    assert third is not None
    late = answered(school, third, GOOD, soon + timedelta(seconds=64))
    assert (late.state, late.is_late) == ("failed", True)
    assert late.judged is not None
    assert late.judged.verdict == "passed"
    fourth = started(school, LEARNER, None, soon + timedelta(minutes=20))
    assert fourth is not None
    passed = answered(school, fourth, GOOD, soon + timedelta(minutes=20, seconds=30))
    assert passed.state == "passed"
    assert passed.due_at > soon + timedelta(hours=20)
    with school.reading() as session:
        marks = session.execute(select(TrainingMark.criterion, TrainingMark.passed).order_by(TrainingMark.id)).all()
        assert [tuple(one) for one in marks] == [("empathy_first", one) for one in (False, False, True)]
        rows, _, total = drills.history(session, 1, page=1, page_size=10, now=soon)
        assert (total, [one.state for one in rows]) == (4, ["passed", "failed", "failed", "unread"])
        seen = drills.overview(session, LEARNER, now=soon)
        assert (seen.due, seen.in_a_row, seen.new_left) == (0, 1, drills.NEW_A_DAY - 1)


@ONLY_SQLITE
def test_what_was_let_go_by_has_failed_and_new_ones_are_few_a_day(school: Store) -> None:
    now = NOW
    for number in range(drills.NEW_A_DAY):
        assert started(school, LEARNER, None, now), number
        now += timedelta(seconds=90)
    assert started(school, LEARNER, None, now) is None, "the last was let go by, too, and comes back in ten minutes"
    with school.reading() as session:
        assert drills.overview(session, LEARNER, now=now).due == 0
        assert not session.scalars(select(TrainingMark.id)).all()
        assert drills.history(session, 1, page=1, page_size=9, now=now)[2] == drills.NEW_A_DAY
    assert started(school, LEARNER, "insult", now), "what is asked for by its criterion comes all the same"
    with pytest.raises(NotThereError):
        started(school, LEARNER, "nothing", now + timedelta(hours=1))


@pytest.mark.both_databases
def test_a_mentor_gives_a_card_of_a_real_chat_masked_and_it_goes_with_the_chat(school: Store) -> None:
    given = {"criterion": "concrete_promise", "conversation_id": 1, "now": NOW}
    with school.writing() as session:
        card = drills.give_drill(session, MENTOR, 1, message=4, **given)
        early = drills.give_drill(session, MENTOR, 1, message=0, **given)
        assert drills.give_drill(session, MENTOR, 1, message=4, **given) == card
        with pytest.raises(NotThereError):
            drills.give_drill(session, MENTOR, 2, message=4, **given)
        with pytest.raises(NotThereError):
            drills.give_drill(session, OTHER, 2, message=4, **given)
        with pytest.raises(NotThereError):
            drills.give_drill(session, MENTOR, 1, message=9, **given)
    with school.reading() as session:
        situation = session.get_one(DrillCard, card).situation
        assert [one["text"] for one in situation["messages"]][1:] == ["尽快给您处理", "到底什么时候"]
        assert "13800138000" not in str(situation)
        assert situation["good"]
        assert len(session.get_one(DrillCard, early).situation["messages"]) == 1
        assert drills.overview(session, LEARNER, now=NOW).given == 2
    shown = started(school, LEARNER, None, NOW)
    assert shown is not None
    passed = answered(school, shown, "让您久等了，今天18点前给您结果", NOW + timedelta(seconds=20))
    assert (passed.state, passed.is_given, passed.origin) == ("passed", True, "finding")
    with school.writing() as session:
        purge_training(session, [1], now=NOW)
    with school.reading() as session:
        assert drills.shown(session, LEARNER, shown, now=NOW).situation is None
        assert drills.overview(session, LEARNER, now=NOW).given == 0
        assert [one.situation for one in drills.history(session, 1, page=1, page_size=9, now=NOW)[0]] == [None]


@ONLY_SQLITE
def test_a_card_needs_a_customers_words(school: Store) -> None:
    with school.writing() as session:
        session.execute(update(MessageRow).where(MessageRow.number == 0).values(role="agent", agent_id=1))
        with pytest.raises(NoSituationError):
            drills.give_drill(session, MENTOR, 1, criterion="greeting", conversation_id=1, message=2, now=NOW)
        own = drills.give_drill(session, LEARNER, 1, criterion="greeting", now=NOW)
        assert session.get_one(DrillCard, own).origin == "shipped"


@ONLY_SQLITE
def test_skills_curves_and_what_training_changed_are_counted_out_of_daily_figures(school: Store) -> None:
    fill_figures(school, hired_on=HIRED, now=NOW)
    with school.reading() as session:
        found = own_skills(session, LEARNER, ["empathy_first", "greeting"], now=NOW)
        skill = found.skills[0]
        assert skill.chats.recent.of == 180
        assert (skill.chats.recent.count, skill.chats.earlier.count) == (162, 140)
        assert (skill.drills.recent.count, skill.drills.recent.of) == (1, 3)
        assert not found.skills[1].is_known
        assert [(one.criterion, one.why) for one in found.next_steps] == [("empathy_first", "drills")]
        assert skills_of(session, MENTOR, 1, ["empathy_first"], now=NOW).skills[0] == skill
        for viewer, user_id in ((OTHER, 1), (MENTOR, 2)):
            with pytest.raises(NotThereError):
                skills_of(session, viewer, user_id, ["empathy_first"], now=NOW)

        curves = curves_of(session, learner_of_user(session, LEAD, 1), now=NOW)
        assert curves is not None
        assert (curves.colleagues, len(curves.weeks), curves.together) == (3, 8, 4)
        by_name = {one.metric: one for one in curves.curves}
        own, others = by_name["score"].first
        assert (own.value, others.value) == (60.0, 90.0)
        assert by_name["handling"].weeks[0][0].value == pytest.approx(600)
        assert by_name["handling"].weeks[0][1].value == pytest.approx(200)
        held = curves.criteria[0]
        assert (held.metric, held.first[0].value, held.last[1].value) == ("empathy_first", 0.7, 0.95)

        page = criterion_training(session, LEAD, "empathy_first", now=NOW)
        effect = page.effect
        assert (effect.people, effect.is_enough, effect.others) == (1, False, 3)
        assert (effect.trained_before.ratio, effect.trained_after.ratio) == (0.3, 0.1)
        assert effect.others_before.ratio == pytest.approx(0.05)
        assert page.material.drills
        assert page.material.scenarios
        assert page.material.lessons
        line = overview(session, LEAD, ["empathy_first"], now=NOW)[0]
        assert (line.drilled.of, line.missed.of) == (3, 4 * 200)
        assert criterion_training(session, MENTOR, "empathy_first", now=NOW).weeks[-2][1].of
