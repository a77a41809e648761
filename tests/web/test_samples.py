"""Sampling in the browser, without JavaScript: a plan is previewed, saved, drawn; items are changed; coverage is seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    AuditRow,
    ContextVersion,
    ConversationRow,
    RubricVersion,
    Sample,
    SamplePlan,
    User,
    WorkItem,
)
from tests.web.conftest import SignIn

PLAN: dict[str, Any] = {
    "name": "每日随机抽检", "period": "days", "days": "30", "kind": "random", "count": "12", "by": "topic", "split": "proportional",
    "cycle": "once", "hour": "9", "weekday": "0", "timezone": "Asia/Shanghai", "due_days": "3", "seed": "7",
}  # fmt: skip


@pytest.fixture
def audited(store: Store, conversations: None) -> None:  # noqa: ARG001 - they are there then
    """The conversations, each with an audit."""
    with store.writing() as session:
        now = clock.now()
        session.add(RubricVersion(id=1, code="r", content_hash="r1", files={}, created_at=now))
        session.add(ContextVersion(id=1, content_hash="c1", body={}, created_at=now))
        session.flush()
        for one in session.scalars(select(ConversationRow)):
            audit = AuditRow(
                conversation_id=one.id, revision=1, rubric_version_id=1, context_version_id=1, engine_version="1",
                scored_share=1.0, verdict="pass", risk=0.1, priority=0.1, reasons=[], observations={}, created_at=now,
            )  # fmt: skip
            session.add(audit)
            session.flush()
            one.audit_id = audit.id


def id_of(store: Store, login: str) -> int:
    with store.reading() as session:
        return session.scalars(select(User.id).where(User.login == login)).one()


def all_of(store: Store, model: type[Any]) -> list[Any]:
    with store.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


@pytest.mark.usefixtures("audited")
def test_a_plan_is_previewed_saved_and_drawn_and_gives_what_the_preview_said(signed_in: SignIn, store: Store) -> None:
    client, lead = signed_in("lead"), id_of(store, "lead")
    values = {**PLAN, "inspector": str(lead)}
    assert "还没有抽检计划" in client.get("/samples").text
    shown = client.submit("/samples/preview", values, page="/samples/new")
    assert shown.status_code == 200
    assert "现在抽取会抽到" in shown.text
    assert 'value="每日随机抽检"' in shown.text
    assert all_of(store, SamplePlan) == []
    previewed = re.findall(r"· #(\d+)</div>", shown.text)
    made = client.submit("/samples/new", {**values, "draw": "1"})
    sample = all_of(store, Sample)[0]
    assert made.location == f"/samples/{sample.id}"
    items = all_of(store, WorkItem)
    assert [str(one.conversation_id) for one in items] == previewed
    assert {one.user_id for one in items} == {lead}
    page = client.get(made.location).text
    assert "通中随机抽中" in page
    assert page.count("<tr>") == 13
    assert "已结束" in client.get("/samples").text


@pytest.mark.usefixtures("audited")
def test_htmx_gets_the_preview_alone(signed_in: SignIn) -> None:
    client = signed_in("lead")
    token = client.token("/samples/new")
    answer = client.post("/samples/preview", data={**PLAN, "csrf_token": token}, headers={"HX-Request": "true"})
    assert "现在抽取会抽到" in answer.text
    assert "<html" not in answer.text
    bad = client.post(
        "/samples/preview", data={**PLAN, "name": "", "csrf_token": token}, headers={"HX-Request": "true"}
    )
    assert "还不能预览" in bad.text


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "per_agent", "quota": "2"}, {"kind": "percentage", "percent": "20"}, {"kind": "stratified", "by": "shop"},
        {"kind": "priority"}, {"kind": "outliers"}, {"kind": "mixed", "share_random": "60", "share_priority": "40"},
        {"period": "since_draw", "value_from": "10", "hired_within": "90"}, {"shop": "1", "score_to": "80", "verdict": "fail"},
    ],
)  # fmt: skip
def test_every_way_to_draw_is_shown_saved_and_comes_back(
    signed_in: SignIn, store: Store, change: dict[str, str]
) -> None:
    client = signed_in("lead")
    values = {**PLAN, "cycle": "weekly", "weekday": "2", **change}
    assert client.submit("/samples/preview", values, page="/samples/new").status_code == 200
    made = client.submit("/samples/new", values)
    assert made.status_code == 303
    page = client.get(made.location).text
    assert "每周三 09:00" in page
    before = all_of(store, SamplePlan)[0]
    edit = client.get(f"{made.location}/edit").text
    for name, value in change.items():
        if name in {"quota", "percent", "score_to", "value_from", "hired_within"}:
            assert re.search(rf'name="{name}"[^>]*value="{value}(?:\.0)?"', edit), name
    drawn = client.submit(f"{made.location}/draw", page=made.location)
    assert drawn.status_code == 303
    assert client.get(drawn.location).status_code == 200
    after = all_of(store, SamplePlan)[0]
    assert (before.method, before.query) == (after.method, after.query)


def test_a_plan_that_cannot_be_is_shown_again_and_says_why(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    for change, said in (
        ({"name": ""}, "请填写此项"),
        ({"kind": "mixed", "share_random": "50", "share_priority": "40"}, "合计应为 100%"),
        ({"score_from": "90", "score_to": "10"}, ""),
        ({"inspector": "999999"}, "不再是质检员"),
    ):
        answer = client.submit("/samples/new", {**PLAN, **change})
        assert answer.status_code == 400, change
        assert said in answer.text, re.findall(r"field-errors.*?</ul>|note-error.*?</div>", answer.text, re.DOTALL)
    assert all_of(store, SamplePlan) == []


@pytest.mark.usefixtures("audited")
def test_a_plan_pauses_goes_on_and_ends(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    plan = client.submit("/samples/new", {**PLAN, "cycle": "daily"}).location
    for state in ("paused", "active"):
        client.submit(f"{plan}/state", {"state": state}, page=plan)
        assert all_of(store, SamplePlan)[0].state == state
    assert client.submit(f"{plan}/edit", {**PLAN, "name": "改名", "cycle": "daily"}).status_code == 303
    assert client.submit(f"{plan}/draw", page=plan).status_code == 303
    assert client.submit(f"{plan}/draw", page=plan).location == plan
    assert "不会重复抽取" in client.get(plan).text
    client.submit(f"{plan}/end")
    assert "已结束" in client.get(plan).text


@pytest.mark.usefixtures("audited")
def test_an_item_says_why_it_is_there_and_is_replaced_reassigned_and_taken_back(
    signed_in: SignIn, store: Store
) -> None:
    client, lead = signed_in("lead"), id_of(store, "lead")
    client.submit("/samples/new", {**PLAN, "inspector": str(lead), "draw": "1"})
    first, second, *_rest = all_of(store, WorkItem)
    page = client.get(f"/samples/items/{first.id}").text
    assert "从 60 通中随机抽中" in page or "通中随机抽中" in page
    assert "可以用来推算客服的平均水平" in page
    here = f"/samples/items/{first.id}"
    replaced = client.submit(f"{here}/replace", {"version": "1", "reason": "no_value"}, page=here)
    new = all_of(store, WorkItem)[-1]
    assert replaced.location == f"/samples/items/{new.id}"
    assert "没有可复核的内容" in client.get(here).text
    there = f"/samples/items/{second.id}"
    client.submit(f"{there}/reassign", {"version": "1", "user_id": ""}, page=there)
    assert "待领取" in client.get(there).text
    client.submit(f"{there}/take-back", {"version": "1"}, page=there)
    assert "刚刚有变化" in client.get(there).text
    client.submit(f"{there}/take-back", {"version": "2"}, page=there)
    assert "已收回" in client.get(there).text
    page = client.get("/samples?").text
    assert 'data-label="替换">1<' in page
    for state in ("open", "overdue", "done", "replaced", "taken_back"):
        assert client.get(f"/samples/{first.sample_id}?state={state}").status_code == 200
    assert "替换抽到的会话" in client.get("/admin/activity").text


@pytest.mark.usefixtures("audited")
def test_inspectors_see_why_but_change_nothing_and_coverage_shows_who_was_never_seen(signed_in: SignIn) -> None:
    lead, inspector = signed_in("lead"), signed_in("inspector")
    lead.submit("/samples/new", {**PLAN, "shop": "1", "draw": "1"})
    page = inspector.get("/samples").text
    assert "每日随机抽检" in page
    assert "新建计划" not in page
    assert "从未抽检" in inspector.get("/samples/coverage").text
    assert "/samples/coverage" in inspector.get("/samples").text
