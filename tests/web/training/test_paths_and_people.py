"""A lead puts somebody on a path, the mentor notes things down, the new hire sees what to do; and paths are written."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.services.training import learning_paths
from qaplatform.services.training.catalogue import lessons_now, paths_now
from qaplatform.services.training.settings import TrainingSettings
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, ConversationRow, Enrolment, LessonReading, Mentorship, StepRecord
from tests.stores import ONLY_SQLITE
from tests.web.conftest import SignIn

pytestmark = ONLY_SQLITE
NEW_HIRE = 4
"""The agent who is ``newhire``, of team 1; ``mentor`` is of team 2."""


def enrolled(store: Store, agent_id: int = NEW_HIRE, days_ago: int = 7) -> None:
    with store.writing() as session:
        first = clock.now().date() - timedelta(days=days_ago)
        session.add(Enrolment(agent_id=agent_id, path="new-hire", hired_on=first, user_id=2, created_at=clock.now()))


def test_a_lead_gives_a_path_and_a_mentor_and_both_are_said_everywhere(store: Store, signed_in: SignIn) -> None:
    lead, new = signed_in("lead"), signed_in("newhire")
    assert "还没有安排学习路径" in new.get("/learn").text
    assert "还没有人在学习路径上" in lead.get("/training").text
    page, day = f"/training/people/{NEW_HIRE}", clock.now().date().isoformat()
    wrong = lead.submit(f"{page}/path", {"path-path": "new-hire", "path-hired_on": "1999-01-01"}, page=page)
    assert (wrong.status_code, "第一天应在" in wrong.text) == (400, True)
    sent = lead.submit(f"{page}/path", {"path-path": "new-hire", "path-hired_on": day}, page=page)
    assert sent.location == page
    lead.submit(f"{page}/mentor", {"mentor-mentor": "2"}, page=page)
    with store.reading() as session:
        assert session.scalars(select(Mentorship.mentor_id)).one() == 2
    for shown in (new.get("/learn").text, new.get("/").text):
        assert "我们相信什么" in shown
    assert "带教：梁书瑶" in new.get("/learn").text
    board = lead.get("/training").text
    assert "1 人在学习路径上" in board
    assert "冯一诺" in board
    for query in (
        "only=late",
        "only=help",
        "path=new-hire",
        "team=2",
        "mentor=mine",
        "mentor=77",
        "page=9",
        "without=all",
    ):
        assert lead.get(f"/training?{query}").status_code == 200
    assert signed_in("mentor").get("/training").status_code == 200
    assert new.get("/training").location == "/learn"
    assert signed_in("mentor").get(page).status_code == 404
    lead.submit(f"{page}/stop")
    assert "还没有安排学习路径" in new.get("/learn").text
    assert "已停止" in lead.get(page).text


def test_nobody_is_late_on_the_day_they_are_put_on_a_path(store: Store, signed_in: SignIn) -> None:
    lead, page, today = signed_in("lead"), f"/training/people/{NEW_HIRE}", TrainingSettings().day_of(clock.now())
    for hired, usual in ((today - timedelta(days=40), today), (today + timedelta(days=3), today + timedelta(days=3))):
        with store.writing() as session:
            session.get_one(AgentRow, NEW_HIRE).hired_on = hired
        assert f'value="{usual.isoformat()}"' in lead.get(page).text.split('id="enrol"')[1].split("</form>")[0]
    lead.submit(f"{page}/path", {"path-path": "new-hire", "path-hired_on": today.isoformat()}, page=page)
    for shown in (
        lead.get(page),
        lead.get("/training"),
        signed_in("newhire").get("/learn"),
        signed_in("newhire").get("/"),
    ):
        # A path that begins on a day off has no working day yet.
        assert re.search(f"{today} (起，第 1 个工作日|开始)", shown.text)
        assert "超期 " not in shown.text
    # Counted from hiring, as a lead may want it: they are told what that means.
    sent = {"path-path": "new-hire", "path-hired_on": (today - timedelta(days=40)).isoformat()}
    told = lead.submit(f"{page}/path", sent, page=page)
    assert re.search(r"从这一天算起，已有 \d+ 步超期", lead.get(str(told.location)).text)
    assert "步超期" in lead.get("/training").text


@pytest.mark.usefixtures("conversations")
def test_talks_and_cases_are_noted_down_and_graduating_says_what_is_missing(store: Store, signed_in: SignIn) -> None:
    enrolled(store)
    lead, page = signed_in("lead"), f"/training/people/{NEW_HIRE}"
    shown = lead.get(page).text
    assert "超期" in shown
    empty = lead.submit(f"{page}/talks", {"talk-text": "", "talk-done_on": ""}, page=page)
    assert empty.status_code == 400
    day = clock.now().date().isoformat()
    lead.submit(f"{page}/talks", {"talk-step": "first_talk", "talk-text": "定了目标", "talk-done_on": day}, page=page)
    chosen = shown.partition('name="case-chat"')[2].split('<option value="')[2].partition('"')[0]
    case = {"case-step": "", "case-text": "先安抚再查单", "case-done_on": day}
    assert lead.submit(f"{page}/cases", case, page=page).status_code == 400
    assert lead.submit(f"{page}/cases", {**case, "case-chat_number": "9" * 23}, page=page).status_code == 400
    assert lead.submit(f"{page}/cases", {**case, "case-chat": chosen}, page=page).status_code == 303
    with store.reading() as session:
        rows = session.scalars(select(StepRecord).order_by(StepRecord.id)).all()
        assert [(one.kind, one.step) for one in rows] == [("mentor_talk", "first_talk"), ("case_review", "")]
        assert rows[1].conversation_id == int(chosen)
    assert "先安抚再查单" in lead.get(page).text
    lead.submit(f"{page}/agree", page=page)
    assert "梁书瑶 于" in lead.get(page).text
    assert "办理结业" not in lead.get(page).text
    assert lead.get(f"{page}/graduate").location == page
    assert lead.submit(f"{page}/graduate", page=page).location == page
    assert "还有结业条件没有满足" in lead.get(page).text


def test_an_open_critical_is_picked_for_a_case_from_where_it_stands(store: Store, signed_in: SignIn) -> None:
    enrolled(store)
    with store.writing() as session:
        now = clock.now()
        session.add(
            ConversationRow(
                id=77, shop_id=1, agent_id=NEW_HIRE, source="test", source_id="77", content_hash="", message_count=0,
                started_at=now, ended_at=now, created_at=now, updated_at=now, verdict="critical", review_id=1,
            )
        )  # fmt: skip
    lead, page = signed_in("lead"), f"/training/people/{NEW_HIRE}"
    shown = lead.get(page).text
    assert f'href="{page}?case=77#case_review"' in shown
    assert '<div id="case_review">' in shown.partition("<summary>案例复盘</summary>")[2], "inside of what is folded"
    assert re.search(r'<option selected value="77">#77 .* 一票否决</option>', lead.get(f"{page}?case=77").text)
    assert "#case_review" not in signed_in("newhire").get("/learn").text


def test_what_the_path_locks_is_shown_locked_refused_and_opened_early_by_a_talk(
    store: Store, signed_in: SignIn
) -> None:
    enrolled(store)
    lead, new = signed_in("lead"), signed_in("newhire")
    exams, papers = new.get("/exams").text, new.get("/papers").text
    test, paper = "new-hire/theory_values", "/papers/new-hire/theory_values"
    for shown in (exams, papers, new.get(paper).text):
        assert "先完成：" in shown
    assert 'action="/papers/new-hire/theory_values/begin"' not in papers
    assert 'name="kind"' not in exams
    assert '<option value="exam">' not in exams
    assert "练习随时可以" in exams
    for form in ({"step": "new-hire/mock_exam"}, {"kind": "wrong-goods"}, {"at_once": "2"}):
        assert new.submit("/exams", {"purpose": "exam", **form}).location == "/exams"
        assert "“模拟考核：三个场景、两种类型”还没有开放。先完成：" in new.get("/exams").text
    assert new.submit(f"{paper}/begin", page="/exams").location == paper
    told = new.get(paper).text
    assert told.count("“理论测验一：态度、时效与红线”还没有开放。先完成：") == 2
    page = f"/training/people/{NEW_HIRE}"
    assert "提前开放：理论测验一：态度、时效与红线" in lead.get(page).text
    talk = {"talk-step": "theory_values", "talk-done_on": clock.now().date().isoformat(), "talk-text": "有基础，先考"}
    assert lead.submit(f"{page}/talks", talk, page=page).location == page
    assert f'action="/papers/{test}/begin"' in new.get("/papers").text
    assert "有基础，先考" in new.get("/learn").text
    assert str(new.submit(f"{paper}/begin", page=paper).location).startswith("/papers/attempts/")


def test_a_path_that_is_gone_is_said_and_can_be_changed(store: Store, signed_in: SignIn) -> None:
    enrolled(store)
    with store.writing() as session:
        session.scalars(select(Enrolment)).one().path = "gone"
    lead = signed_in("lead")
    assert "已不存在" in lead.get("/training").text
    assert "已不存在" in lead.get(f"/training/people/{NEW_HIRE}").text
    assert "正在调整" in signed_in("newhire").get("/learn").text


def test_what_was_read_shows_as_done(store: Store, signed_in: SignIn) -> None:
    enrolled(store, days_ago=30)
    with store.writing() as session:
        text = lessons_now(session).lesson("our-values").content_hash
        session.add(LessonReading(user_id=8, lesson="our-values", content_hash=text, read_at=clock.now()))
    assert "已完成 1 步" in signed_in("newhire").get("/learn").text


def test_a_path_is_written_published_and_taken_back_in_the_browser(store: Store, signed_in: SignIn) -> None:
    lead, edit = signed_in("lead"), "/training/paths/refresher/edit"
    text = learning_paths.shipped_text("refresher")
    faulty = text.replace("lesson: escalation", "lesson: escalations")
    assert lead.submit(edit, {"text": faulty, "seen": "0"}).status_code == 303
    shown = lead.get(edit).text
    assert "第 15 行" in shown
    assert "escalations" in shown
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    publish = "/training/paths/refresher/publish"
    assert lead.submit(publish, {"text": faulty, "seen": seen}, page=edit).status_code == 400
    late = lead.submit(edit, {"text": text, "seen": "0"})
    assert (late.status_code, "对方保存的与您写的" in late.text) == (409, True)
    assert lead.submit(publish, {"text": text.replace("老客服", "客服"), "seen": seen}, page=edit).status_code == 303
    with store.reading() as session:
        assert paths_now(session)["refresher"].title.zh == "客服复训"
    assert "+title: {zh: 客服复训" in lead.get("/training/paths/refresher/versions").text
    assert "老客服复训" in lead.get(f"{edit}?version=shipped").text
    step = "/training/paths/refresher/steps/talk"
    seen = lead.get(step).text.partition('name="seen" value="')[2].partition('"')[0]
    form = {"seen": seen, "zh": "和组长谈", "en": "A talk", "due": "0", "times": "1"}
    assert lead.submit(step, form).status_code == 400
    assert lead.submit(step, {**form, "due": "11"}).status_code == 303
    assert "有草稿" in lead.get("/training/paths").text
    assert lead.submit("/training/paths/refresher/copy", {"code": "new-hire"}).status_code == 400
    assert lead.submit("/training/paths/refresher/copy", {"code": "summer"}).location == "/training/paths/summer/edit"
    assert lead.get("/training/paths/summer").location == "/training/paths/summer/edit"
    assert lead.submit("/training/paths/refresher/withdraw").location == "/training/paths"
    assert lead.get("/training/paths/none").status_code == 404
    manager = signed_in("manager")
    assert manager.get("/training/paths/new-hire").status_code == 200
    assert manager.get("/training/paths/summer").status_code == 404
