"""Plans: what they draw, for whom, and that they draw once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from qaplatform.audit.sampling import Method, Part
from qaplatform.services import coverage as coverage_service
from qaplatform.services import sampling, sampling_items
from qaplatform.services.access import AccessError
from qaplatform.services.cycles import due_at, next_after
from qaplatform.services.filter_queries import BadFilterError
from qaplatform.services.plan_forms import (
    PlanCountError,
    PlanDraft,
    PlanInspectorsError,
    PlanNameError,
    PlanPercentError,
    PlanPlaceError,
    PlanSharesError,
    PlanTimeError,
)
from qaplatform.store.engine import Store
from qaplatform.store.sampling import DrawnAlreadyError
from qaplatform.store.tables import Activity, AgentRow, Review, Sample, SamplePlan, User, WorkItem
from tests.sampled import AGENT_3, BOUND_LEAD, FREE, LEAD, NOW, SHOP_1, drafted, open_sampled, viewer

ZONE = ZoneInfo("Asia/Shanghai")


def made(store: Store, draft: PlanDraft, by: int = LEAD) -> int:
    with store.writing() as session:
        return sampling.create_plan(session, draft, by=viewer(by), now=NOW)


def drawn(store: Store, plan_id: int, now: datetime = NOW) -> list[WorkItem]:
    with store.writing() as session:
        sample_id = sampling.draw_now(session, plan_id, by=viewer(LEAD), now=now)
    return items(store, sample_id)


def items(store: Store, sample_id: int) -> list[WorkItem]:
    with store.reading() as session:
        return list(session.scalars(select(WorkItem).where(WorkItem.sample_id == sample_id).order_by(WorkItem.id)))


def actions(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Activity.action).order_by(Activity.id)))


MIX = Method("mixed", count=20, parts=(Part(60, "random"), Part(40, "priority")))


# --- drawing


@pytest.mark.parametrize(
    "method",
    [
        Method("random", count=15), Method("per_agent", quota=3, count=30), Method("percentage", percent=10),
        Method("stratified", count=12, by="topic"), Method("priority", count=9), Method("outliers", count=9), MIX,
    ],
    ids=lambda one: one.kind,
)  # fmt: skip
def test_what_a_preview_shows_is_drawn_right_after(store: Store, method: Method) -> None:
    known = {one.id: one for one in open_sampled(store)}
    draft = drafted(method, [FREE, SHOP_1, AGENT_3], query="days=30")
    plan_id = made(store, draft)
    with store.reading() as session:
        shown = sampling.preview(session, draft, by=viewer(LEAD), now=NOW, plan_id=plan_id)
    got = drawn(store, plan_id, NOW + timedelta(seconds=30))
    assert {(one.drawn.candidate.id, one.user_id) for one in shown.placed} == {
        (o.conversation_id, o.user_id) for o in got
    }
    assert sum(count for _id, count in shown.by_inspector) == len(got)
    for one in got:
        chat = known[one.conversation_id]
        assert chat.verdict is not None
        assert not chat.open_work
        assert one.user_id != AGENT_3 or 3 not in chat.agent_ids
        assert one.user_id != SHOP_1 or chat.shop_id == 1
        assert (one.draw == "priority") == (one.why["kind"] in {"priority", "outliers"})
        assert one.audit_id == chat.id
    if method.kind != "outliers":
        loads = Counter(one.user_id for one in got)
        assert max(loads.values()) - min(loads[id] for id in (FREE, AGENT_3)) <= 1
        assert got[0].why["rank"] == 1


@pytest.mark.both_databases
def test_a_preview_writes_nothing(store: Store) -> None:
    open_sampled(store)
    with store.writing() as session:
        sampling.preview(session, drafted(), by=viewer(LEAD), now=NOW)
    with store.reading() as session:
        assert session.scalars(select(Sample.id)).all() == session.scalars(select(SamplePlan.id)).all() == []


def test_quotas_are_kept_and_what_nobody_has_room_for_is_left(store: Store) -> None:
    open_sampled(store)
    draft = drafted(Method("random", count=20), [(FREE, 3), (AGENT_3, 5)])
    with store.reading() as session:
        shown = sampling.preview(session, draft, by=viewer(LEAD), now=NOW)
    assert dict(shown.by_inspector) == {FREE: 3, AGENT_3: 5}
    assert shown.unplaced_count == 12


def test_without_inspectors_it_is_work_of_whoever_asks(store: Store) -> None:
    open_sampled(store)
    got = drawn(store, made(store, drafted(Method("random", count=7), due_days=2, is_blind=True)))
    assert {one.user_id for one in got} == {None}
    assert len(got) == 7
    assert {one.due_at for one in got} == {due_at(NOW, ZONE, 2)}
    assert all(one.is_blind for one in got)


@pytest.mark.both_databases
def test_a_plan_that_draws_once_ends_by_it_and_a_daily_one_draws_once_a_day(store: Store) -> None:
    open_sampled(store)
    once, daily = made(store, drafted()), made(store, drafted(cycle="daily"))
    for plan_id in (once, daily):
        drawn(store, plan_id)
        with pytest.raises(DrawnAlreadyError), store.writing() as session:
            sampling.draw_now(session, plan_id, by=viewer(LEAD), now=NOW)
    assert drawn(store, daily, NOW + timedelta(days=1))
    with store.reading() as session:
        states = dict(iter(session.execute(select(SamplePlan.id, SamplePlan.state))))
        keys = list(session.scalars(select(Sample.cycle_key).order_by(Sample.id)))
    assert states == {once: "ended", daily: "active"}
    assert keys == ["once", "2026-11-06", "2026-11-07"]


@pytest.mark.both_databases
def test_nothing_is_drawn_that_waits_or_was_reviewed_in_the_same_plan(store: Store) -> None:
    open_sampled(store)
    plan_id = made(store, drafted(Method("random", count=40), cycle="daily"))
    first = drawn(store, plan_id)
    with store.writing() as session:
        half = [one.id for one in first[:20]]
        session.execute(update(WorkItem).where(WorkItem.id.in_(half)).values(state="done"))
        session.execute(update(WorkItem).where(WorkItem.id == first[20].id).values(state="taken_back"))
    second = drawn(store, plan_id, NOW + timedelta(days=1))
    other = drawn(store, made(store, drafted(Method("random", count=500))))
    seen = {one.conversation_id for one in first}
    assert {one.conversation_id for one in second} & seen <= {first[20].conversation_id}
    waiting = {one.conversation_id for one in [*first[21:], *second]}
    assert not {one.conversation_id for one in other} & waiting
    assert {one.conversation_id for one in first[:20]} <= {one.conversation_id for one in other}


def test_after_a_standstill_a_plan_draws_once_and_goes_on(store: Store) -> None:
    open_sampled(store)
    plan_id = made(store, drafted(cycle="daily", hour=9))
    later = NOW + timedelta(days=4)
    with store.writing() as session:
        assert sampling.draw_due_plan(session, plan_id, NOW) is None
        assert sampling.draw_due_plan(session, plan_id, later) is not None
        assert sampling.draw_due_plan(session, plan_id, later) is None
    with store.reading() as session:
        row = session.get_one(SamplePlan, plan_id)
        assert row.next_at == next_after("daily", later, ZONE, hour=9, weekday=0)


def test_a_plan_whose_lead_may_not_draw_there_any_more_is_paused(store: Store) -> None:
    open_sampled(store)
    plan_id = made(store, drafted(cycle="daily"))
    with store.writing() as session:
        session.execute(update(User).where(User.id == LEAD).values(active=False))
    with store.writing() as session:
        assert sampling.draw_due_plan(session, plan_id, NOW + timedelta(days=1)) is None
    with store.reading() as session:
        assert session.get_one(SamplePlan, plan_id).state == "paused"
    assert actions(store)[-1] == "plan.paused"


# --- who may


def test_a_bound_lead_plans_in_their_own_shop_only(store: Store) -> None:
    open_sampled(store)
    for query in ("", "shop=2", "shop=1&shop=2"):
        with pytest.raises(PlanPlaceError):
            made(store, drafted(query=query), BOUND_LEAD)
    own, others = made(store, drafted(query="shop=1"), BOUND_LEAD), made(store, drafted(query="shop=2"))
    with store.writing() as session:
        sampling.draw_now(session, own, by=viewer(BOUND_LEAD), now=NOW)
        with pytest.raises(sampling.UnknownPlanError):
            sampling.draw_now(session, others, by=viewer(BOUND_LEAD), now=NOW)
        with pytest.raises(AccessError):
            sampling.draw_now(session, own, by=viewer(FREE), now=NOW)
        with pytest.raises(AccessError):
            sampling.create_plan(session, drafted(), by=viewer(FREE), now=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"name": " "}, PlanNameError),
        ({"method": Method("random", count=0)}, PlanCountError),
        ({"method": Method("random", count=1001)}, PlanCountError),
        ({"method": Method("percentage", percent=0)}, PlanPercentError),
        ({"method": Method("mixed", parts=(Part(60, "random"), Part(30, "priority")))}, PlanSharesError),
        ({"method": Method("mixed")}, PlanSharesError),
        ({"method": Method("mixed", parts=(Part(100, "mixed"),))}, PlanSharesError),
        ({"timezone": "Mars/Olympus"}, PlanTimeError),
        ({"timezone": "../etc/passwd"}, PlanTimeError),
        ({"hour": 24}, PlanTimeError),
        ({"due_days": 99}, PlanTimeError),
        ({"query": "q=退款"}, BadFilterError),
        ({"query": "days=0"}, BadFilterError),
        ({"query": "value_from=9&value_to=1"}, BadFilterError),
        ({"inspectors": (sampling.Inspector(1),)}, PlanInspectorsError),
        ({"inspectors": (sampling.Inspector(FREE), sampling.Inspector(FREE, 2))}, PlanInspectorsError),
        ({"inspectors": (sampling.Inspector(FREE, 0),)}, PlanCountError),
    ],
)
def test_a_plan_that_cannot_be_says_why(store: Store, change: dict[str, object], refusal: type[Exception]) -> None:
    if store.is_sqlite:
        open_sampled(store, 1)
        draft = PlanDraft(**{"name": "抽检", "method": Method("random"), **change})  # type: ignore[arg-type]
        with pytest.raises(refusal):
            made(store, draft)


@pytest.mark.both_databases
def test_a_changed_plan_belongs_to_whoever_changed_it_and_an_ended_one_stays(store: Store) -> None:
    open_sampled(store)
    plan_id = made(store, drafted(query="shop=1", cycle="daily"))
    with store.writing() as session:
        sampling.change_plan(session, plan_id, drafted(query="shop=1", cycle="weekly"), by=viewer(BOUND_LEAD), now=NOW)
        assert session.get_one(SamplePlan, plan_id).user_id == BOUND_LEAD
        for state in ("paused", "active", "ended"):
            sampling.set_state(session, plan_id, state, by=viewer(LEAD), now=NOW)
        with pytest.raises(sampling.PlanEndedError):
            sampling.set_state(session, plan_id, "active", by=viewer(LEAD), now=NOW)
    assert actions(store)[-5:] == ["plan.created", "plan.changed", "plan.paused", "plan.resumed", "plan.ended"]


# --- items


@pytest.mark.both_databases
def test_a_replacement_is_the_next_of_the_same_stratum_for_the_same_person(store: Store) -> None:
    known = {one.id: one for one in open_sampled(store)}
    got = drawn(store, made(store, drafted(Method("stratified", count=12, by="shop"), [FREE, AGENT_3])))
    old = got[0]
    with store.writing() as session:
        new_id = sampling_items.replace(session, old.id, "no_value", version=1, by=viewer(LEAD), now=NOW)
    assert new_id is not None
    with store.reading() as session:
        new, before = session.get_one(WorkItem, new_id), session.get_one(WorkItem, old.id)
    assert (before.state, before.replaced_why, before.replaced_by_id) == ("replaced", "no_value", new_id)
    assert new.conversation_id not in {one.conversation_id for one in got}
    assert known[new.conversation_id].shop_id == known[old.conversation_id].shop_id
    assert (new.user_id, new.draw, new.why["replaces"]) == (old.user_id, "random", old.id)
    assert actions(store)[-1] == "item.replaced"


def test_where_nothing_is_left_an_item_is_replaced_by_nothing(store: Store) -> None:
    open_sampled(store, 20)
    got = drawn(store, made(store, drafted(Method("random", count=100))))
    with store.writing() as session:
        assert sampling_items.replace(session, got[0].id, "other", version=1, by=viewer(LEAD), now=NOW) is None


def test_whoever_saw_an_older_version_changes_nothing(store: Store) -> None:
    open_sampled(store)
    old = drawn(store, made(store, drafted(inspectors=[FREE])))[0]
    with store.writing() as session:
        sampling_items.reassign(session, old.id, None, version=1, by=viewer(LEAD), now=NOW)
        for act in (
            lambda: sampling_items.take_back(session, old.id, version=1, by=viewer(LEAD), now=NOW),
            lambda: sampling_items.reassign(session, old.id, FREE, version=1, by=viewer(LEAD), now=NOW),
            lambda: sampling_items.replace(session, old.id, "other", version=1, by=viewer(LEAD), now=NOW),
        ):
            with pytest.raises(sampling_items.ItemMovedOnError):
                act()
        sampling_items.take_back(session, old.id, version=2, by=viewer(LEAD), now=NOW)
        with pytest.raises(sampling_items.ItemMovedOnError):
            sampling_items.take_back(session, old.id, version=3, by=viewer(LEAD), now=NOW)
    with store.reading() as session:
        assert session.get_one(WorkItem, old.id).state == "taken_back"


def test_nobody_is_given_their_own_chats_nor_what_they_may_not_see(store: Store) -> None:
    known = {one.id: one for one in open_sampled(store)}
    got = drawn(store, made(store, drafted(Method("random", count=60))))
    for one in got[:25]:
        chat = known[one.conversation_id]
        may = {
            LEAD,
            FREE,
            *([BOUND_LEAD, SHOP_1] if chat.shop_id == 1 else []),
            *([] if 3 in chat.agent_ids else [AGENT_3]),
        }
        with store.writing() as session:
            line = sampling_items.item_line(session, viewer(LEAD), one.id)
            assert {who.user_id for who in sampling_items.takers(session, line)} == may
            for user_id in {AGENT_3, SHOP_1, 1} - may:
                with pytest.raises(sampling_items.NotTheirsError):
                    sampling_items.reassign(session, one.id, user_id, version=1, by=viewer(LEAD), now=NOW)
            with pytest.raises(AccessError):
                sampling_items.take_back(session, one.id, version=1, by=viewer(FREE), now=NOW)
            if chat.shop_id != 1:
                with pytest.raises(sampling_items.UnknownItemError):
                    sampling_items.take_back(session, one.id, version=1, by=viewer(BOUND_LEAD), now=NOW)
                with pytest.raises(sampling_items.UnknownItemError):
                    sampling_items.item_line(session, viewer(SHOP_1), one.id)


def test_what_a_person_chose_is_not_replaced_and_reasons_are_of_a_list(store: Store) -> None:
    known = open_sampled(store)
    with store.writing() as session:
        chosen = WorkItem(conversation_id=known[0].id, revision=1, why={}, draft={}, created_at=NOW, draw="chosen")
        session.add(chosen)
        session.flush()
        with pytest.raises(sampling_items.NotDrawnError):
            sampling_items.replace(session, chosen.id, "other", version=1, by=viewer(LEAD), now=NOW)
        with pytest.raises(sampling_items.ReasonError):
            sampling_items.replace(session, chosen.id, "boredom", version=1, by=viewer(LEAD), now=NOW)
        with pytest.raises(sampling_items.UnknownItemError):
            sampling_items.take_back(session, 10**9, version=1, by=viewer(LEAD), now=NOW)


# --- coverage


@pytest.mark.both_databases
def test_who_was_never_looked_at_comes_first_and_new_hires_have_more_to_reach(store: Store) -> None:
    known = [one for one in open_sampled(store) if one.agent_ids]
    with store.writing() as session:
        session.execute(update(AgentRow).where(AgentRow.id == 2).values(hired_on=(NOW - timedelta(days=20)).date()))
        for one in known:
            agent = min(one.agent_ids)
            if one.verdict is not None and agent in (1, 2):
                session.add(
                    Review(
                        conversation_id=one.id, revision=1, audit_id=one.id, user_id=1, agent_id=agent, draw="random",
                        scored_share=1.0, failed_count=0, verdict="pass", machine_verdict="pass", created_at=NOW,
                    )
                )  # fmt: skip
    with store.reading() as session:
        found = coverage_service.coverage(session, viewer(LEAD), now=NOW, zone=ZONE)
        bound = coverage_service.coverage(session, viewer(SHOP_1), now=NOW, zone=ZONE)
    by_agent = {one.agent_id: one for one in found}
    assert [one.state for one in found] == sorted((one.state for one in found), key=["never", "short", "reached"].index)
    assert (by_agent[1].state, by_agent[2].state, by_agent[3].state) == ("reached", "reached", "never")
    assert by_agent[2].is_new
    assert all(one.conversations < by_agent[one.agent_id].conversations for one in bound)
