"""The daily log in the browser without JavaScript: a day is written, read, answered; a finding is coached; a week is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform import clock
from qaplatform.services.training.suggestions import finding_key
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, DailyLog, ProblemPoint, WorkItem
from tests.copies import fill_once
from tests.mentoring import AGENT, MENTOR, STRANGER, chat_id, fill_mentored, user_id
from tests.stores import ONLY_SQLITE
from tests.web.chats import PHONE
from tests.web.conftest import PageClient, SignIn

pytestmark = ONLY_SQLITE
WRITTEN = {"what": "不知道退货入口", "cause": "system", "severity": "minor"}
_KEY = re.compile(r'name="conversation" value="(\d+)"><input type="hidden" name="key" value="(\w{64})"')


@pytest.fixture
def day(app: Flask, store: Store) -> Iterator[date]:  # noqa: ARG001 - it makes the people
    """The day of the chats."""
    found: date = fill_once(store, _fill)
    return found


def _fill(store: Store) -> date:
    return fill_mentored(store, clock.now())


@pytest.fixture
def quarrel(store: Store, day: date) -> int:  # noqa: ARG001
    with store.reading() as session:
        return chat_id(session, "quarrel")


def points(store: Store) -> list[ProblemPoint]:
    with store.reading() as session:
        return list(session.scalars(select(ProblemPoint).order_by(ProblemPoint.id)))


def test_a_day_is_written_and_what_cannot_be_taken_comes_back_as_typed(
    store: Store, signed_in: SignIn, day: date, quarrel: int
) -> None:
    mentor, newcomer = signed_in(MENTOR), signed_in("agent")
    at = f"/training/people/{AGENT}/logs/{day}"
    index = mentor.get("/training/logs").text
    assert at in index
    assert "缺日志" in index
    assert newcomer.get("/learn/logs").text.count("<tr>") == 0
    picked = mentor.submit(f"{at}/chats", {"conversation": quarrel, "is_in": "1"}, page=at)
    assert (picked.status_code, picked.location) == (303, f"{at}#chats")
    token = {"csrf_token": mentor.token(at)}
    chat, key = _KEY.findall(mentor.get(at).text)[0]
    values = {"conversation": chat, "key": key, **token}
    part = mentor.post(f"{at}/suggestions", data={**values, "what": "accept"}, headers={"HX-Request": "true"})
    assert "hx-swap-oob" in part.text
    assert key not in part.text
    other = _KEY.findall(part.text)[0]
    mentor.post(f"{at}/suggestions", data={"conversation": other[0], "key": other[1], "what": "dismiss", **token})
    assert other[1] not in mentor.get(at).text

    # What cannot be taken comes back as it was typed.
    typed = {"what": "", "coaching": "一起看了规则", "severity": "major", "summary": "今天的话"}
    refused = mentor.submit(at, typed)
    assert refused.status_code == 400
    assert "请写下是什么问题" in refused.text
    assert "一起看了规则" in refused.text
    assert "今天的话" in refused.text
    typed |= {
        "what": "不知道退货入口",
        "cause": "system",
        "conversation": str(quarrel),
        "next_step": "画图",
        "next_due_on": str(day),
    }
    assert mentor.submit(at, typed).location == f"{at}#points"
    accepted, own = points(store)
    assert (accepted.finding_key, own.what, own.cause, own.conversation_id) == (
        key,
        "不知道退货入口",
        "system",
        quarrel,
    )
    assert mentor.submit(at, {"summary": "只改小结", "severity": "minor"}).status_code == 303
    assert len(points(store)) == 2


def test_the_new_hire_reads_and_answers_and_the_point_stands(store: Store, signed_in: SignIn, day: date) -> None:
    mentor, newcomer = signed_in(MENTOR), signed_in("agent")
    at = f"/training/people/{AGENT}/logs/{day}"
    mentor.submit(at, {**WRITTEN, "summary": "只改小结"})
    (own,) = points(store)
    learn = f"/learn/logs/{day}"
    assert newcomer.get(at).location == learn
    shown = newcomer.get(learn).text
    assert "只改小结" in shown
    assert PHONE not in shown
    assert "新人已读" in mentor.get(at).text
    empty = newcomer.submit(f"{learn}/answers", {"text": " ", "point": own.id}, page=learn)
    assert (empty.status_code, "请写下回复的内容" in empty.text) == (400, True)
    assert newcomer.submit(f"{learn}/answers", {"text": "明白了", "point": own.id}, page=learn).status_code == 303
    assert "等您回复" in mentor.get("/training/logs").text
    answered = mentor.submit(f"/training/logs/{own.log_id}/answers", {"text": "好", "point": own.id}, page=at)
    assert answered.location == f"{at}#point-{own.id}"
    assert "等您回复" not in mentor.get(at).text
    assert mentor.get(f"/training/points/{own.id}").status_code == 303
    assert mentor.submit(f"/training/points/{own.id}/withdraw", page=at).status_code == 303
    assert "有新内容" in newcomer.get("/learn/logs").text
    assert "已撤回" in newcomer.get(learn).text
    assert "有新内容" not in newcomer.get("/learn/logs").text


def test_a_week_is_summed_up_for_those_in_reach(store: Store, signed_in: SignIn, day: date) -> None:
    mentor, at = signed_in(MENTOR), f"/training/people/{AGENT}/logs/{day}"
    mentor.submit(at, {**WRITTEN, "summary": "只改小结"})
    (own,) = points(store)
    week = f"/training/people/{AGENT}/weeks/{day}"
    monday = day - timedelta(days=day.weekday())
    assert week.endswith(str(monday)) or mentor.get(week).location.endswith(str(monday))
    summed = mentor.get(f"/training/people/{AGENT}/weeks/{monday}").text
    assert "只改小结" in summed
    assert "不知道退货入口" in summed
    for away in (f"/training/people/{AGENT}/logs", at, week, f"/training/points/{own.id}"):
        assert signed_in(STRANGER).get(away).status_code == 404
    every = mentor.get(f"/training/people/{AGENT}/logs").text
    assert at in every
    assert "只改小结" in every
    for nowhere in ("2026-02-30", "9999-01-01", "today"):
        assert mentor.get(f"/training/people/{AGENT}/logs/{nowhere}").status_code == 404


def test_any_finding_is_coached_from_its_page_and_completed_there(
    store: Store, signed_in: SignIn, day: date, quarrel: int
) -> None:
    mentor, page = signed_in(MENTOR), f"/conversations/{quarrel}"
    named = re.findall(r'form="coach" name="finding" value="([^"]+)"', mentor.get(page).text)
    assert named
    mine = next(one for one in named if one.split("|")[1] in {"2", "3"})  # Words of the new hire.
    made = mentor.submit(f"/training/coach/{quarrel}", {"finding": mine}, page=page)
    (point,) = points(store)
    criterion, *places = mine.split("|")
    assert made.location == f"/training/points/{point.id}"
    assert point.finding_key == finding_key(quarrel, criterion, *map(int, places))
    form = mentor.get(made.location).text
    assert point.what in form
    assert PHONE not in form
    filled = {
        "what": "改过的", "cause": "knowledge", "severity": "critical", "criterion": criterion, "message": places[0],
        "conversation": str(quarrel),
    }  # fmt: skip
    wrong = mentor.submit(made.location, {**filled, "cause": "", "coaching": "不能丢"})
    assert (wrong.status_code, "不能丢" in wrong.text) == (400, True)
    assert mentor.submit(made.location, filled).status_code == 303
    (after,) = points(store)
    assert (after.what, after.cause, after.start, after.finding_key) == (
        "改过的",
        "knowledge",
        point.start,
        point.finding_key,
    )
    # The same again leads to the same point; a finding that is not there, back to the chat; whoever is elsewhere, nowhere.
    assert mentor.submit(f"/training/coach/{quarrel}", {"finding": mine}, page=page).location == made.location
    assert mentor.submit(f"/training/coach/{quarrel}", {"finding": "x|1"}, page=page).location == page
    stranger = signed_in(STRANGER)
    assert stranger.submit(f"/training/coach/{quarrel}", {"finding": mine}, page="/training/logs").status_code == 404
    new = f"/training/people/{AGENT}/logs/{day}/points/new"
    assert "对应哪句话" in mentor.get(f"{new}?conversation={quarrel}").text
    assert mentor.submit(new, {**filled, "message": "99"}, page=f"{new}?conversation={quarrel}").status_code == 400
    for due in (day - timedelta(days=1), day + timedelta(days=400)):
        dated = {**filled, "next_step": "再练", "next_due_on": due.isoformat()}
        refused = mentor.submit(new, dated, page=f"{new}?conversation={quarrel}")
        assert (refused.status_code, "下一步的期限应在" in refused.text) == (400, True), due
    assert mentor.submit(new, filled, page=f"{new}?conversation={quarrel}").status_code == 303
    assert mentor.submit(new, {**filled, "message": "", "conversation": "9" * 23}, page=new).status_code == 303
    assert len(points(store)) == 3
    with store.reading() as session:
        assert {one.agent_id for one in session.scalars(select(DailyLog))} == {AGENT}


def test_the_desk_coaches_too_but_not_in_a_blind_review(store: Store, signed_in: SignIn, quarrel: int) -> None:
    lead = signed_in("lead")
    with store.writing() as session:
        audit_id = session.get_one(ConversationRow, quarrel).audit_id
        items = [
            WorkItem(
                conversation_id=quarrel, revision=1, audit_id=audit_id, user_id=user_id("lead"), draw="random",
                is_blind=is_blind, created_at=clock.now(),
            )
            for is_blind in (False, True)
        ]  # fmt: skip
        session.add_all(items)
        session.flush()
        ids = [one.id for one in items]
    assert ['name="finding"' in lead.get(f"/desk/{id}").text for id in ids] == [True, False]


def test_whoever_sees_nobody_else_is_led_to_their_own_logs(signed_in: SignIn, day: date) -> None:
    newcomer = signed_in("newhire")
    assert newcomer.get("/training/logs").location == "/learn/logs"
    assert newcomer.get(f"/training/people/{AGENT}/logs/{day}").status_code == 404
    manager = signed_in("lead")
    assert isinstance(manager, PageClient)
    assert "还没有学员" not in manager.get("/training/logs?who=all").text
    assert "您现在没有带新人" in manager.get("/training/logs?who=mine").text
