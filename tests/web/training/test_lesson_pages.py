"""Lessons, the weekly focus and the rules of training in the browser."""

from __future__ import annotations

from sqlalchemy import select

from qaplatform import clock
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training import weekly_focus
from qaplatform.services.training.settings import training_settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import LearningText, LlmEndpoint
from tests.stores import ONLY_SQLITE
from tests.web.conftest import SignIn

LEAD = Viewer(user_id=2, name="梁书瑶", grants=(Grant("qa_lead"),))


@ONLY_SQLITE
def test_a_lesson_is_found_read_and_marked(signed_in: SignIn) -> None:
    client = signed_in("newhire")
    page = client.get("/lessons").text
    assert "您读过 0 课" in page
    assert "新建课程" not in page
    part = client.get("/lessons?q=物流延误", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "<mark>物流延误</mark>" in part
    assert "没有找到“量子”" in client.get("/lessons?q=量子").text
    assert "只看讲“先安抚后解决”的课程" in client.get("/lessons?criterion=empathy_first&level=x&state=x").text
    assert "没有符合条件的课程" in client.get("/lessons?level=senior&tag=售后").text
    page = client.get("/lessons/empathy-first").text
    for said in ('href="#section-1"', "不说", "这样接待", "讲到的质检项", "先安抚后解决", "“态度”的第 2 课"):
        assert said in page
    assert "这条规则的表现" not in page
    version = page.split('name="version" value="')[1].split('"')[0]
    assert client.submit("/lessons/empathy-first/read", {"version": version}).status_code == 303
    assert "读完了。" in client.get("/lessons/empathy-first").text
    assert "您读过 1 课" in client.get("/lessons?state=read").text
    client.submit("/lessons/empathy-first/read", {"version": "0"}, page="/lessons/red-lines")
    assert "有了新版本" in client.get("/lessons").text
    assert client.get("/lessons/nowhere").status_code == 404
    assert client.get("/lessons/empathy-first/edit/zh").status_code == 403


@ONLY_SQLITE
def test_a_mentor_of_one_team_drafts_and_whoever_leads_everywhere_publishes(signed_in: SignIn) -> None:
    mentor, lead = signed_in("mentor"), signed_in("lead")
    assert "新建课程" in mentor.get("/lessons").text
    made = mentor.submit("/lessons/new", {"code": "gift-wrapping", "title_zh": "礼品包装", "title_en": "Gift wrapping"})
    address = str(made.location)
    page = mentor.get(address).text
    assert 'value="publish"' not in page
    seen, text = page.split('name="seen" value="')[1].split('"')[0], "---\nid: gift-wrapping\n---\n只是开头\n"
    assert mentor.submit(address, {"text": text, "seen": seen, "act": "save"}).status_code == 303
    seen = mentor.get(address).text.split('name="seen" value="')[1].split('"')[0]
    assert mentor.submit(address, {"text": text, "seen": seen, "act": "publish"}).status_code == 403
    assert 'value="publish"' in lead.get(address).text
    assert "只是开头" in lead.get(address).text
    for kept in ("/questions", "/papers/authored", "/scenarios", "/training/paths", "/lessons/focus"):
        assert mentor.get(kept).status_code == 200
    for led in ("/training/rules", "/lessons/empathy-first/withdraw/zh", "/scenarios/wrong-parcel/publish"):
        assert mentor.get(led).status_code == 403
    assert signed_in("teamlead").get("/scenarios").status_code == 403


@ONLY_SQLITE
def test_a_lesson_is_written_checked_saved_and_published(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert client.submit("/lessons/new", {"code": "red-lines", "title_zh": "红", "title_en": "Red"}).status_code == 400
    made = client.submit("/lessons/new", {"code": "gift-wrapping", "title_zh": "礼品包装", "title_en": "Gift wrapping"})
    assert made.location == "/lessons/gift-wrapping/edit/zh"
    with store.reading() as session:
        draft = session.scalars(select(LearningText)).one()
    faulty = draft.text.replace("minutes: 5", "minutes: 500") + "<b>x</b>\n\n<script>alert(1)</script>\n"
    address, sent = made.location, {"text": faulty, "seen": draft.id}
    checked = client.submit(address, sent | {"act": "check"})
    assert checked.status_code == 200
    assert "第 6 行第 10 列" in checked.text
    assert "<script>alert" not in checked.text
    assert client.submit(address, sent | {"act": "publish"}).status_code == 400
    assert client.submit(address, sent | {"act": "save"}).status_code == 303
    moved_on = client.submit(address, {"text": draft.text, "seen": draft.id, "act": "publish"})
    assert moved_on.status_code == 409
    assert "+minutes: 5" in moved_on.text
    seen = moved_on.text.split('name="seen" value="')[1].split('"')[0]
    published = client.submit(address, {"text": draft.text, "seen": seen, "act": "publish"})
    assert published.location == "/lessons/gift-wrapping"
    assert "礼品包装" in client.get("/lessons").text
    versions = client.get("/lessons/gift-wrapping/versions/zh").text
    assert "第 3 次保存" in versions
    assert "-minutes: 500" in versions
    for wrong in ("?new=99", "?old=x", "?new=shipped"):
        assert client.get(f"/lessons/gift-wrapping/versions/zh{wrong}").status_code == 404
    assert "这个语言还没有内容" in client.get("/lessons/gift-wrapping/edit/en").text
    assert client.get("/lessons/gift-wrapping/edit/fr").status_code == 404
    assert client.get("/lessons/gift-wrapping/withdraw/en").status_code == 404
    assert "要撤下" in client.get("/lessons/gift-wrapping/withdraw/zh").text
    assert client.submit("/lessons/gift-wrapping/withdraw/zh", page="/lessons").status_code == 303
    assert client.get("/lessons/gift-wrapping").status_code == 404
    assert "礼品包装" in client.get("/lessons").text, "authors still find it"


@ONLY_SQLITE
def test_a_focus_is_written_shown_and_marked(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    with store.reading() as session:
        week = weekly_focus.week_of(training_settings(session).day_of(clock.now()))
    address = f"/lessons/focus/{week}/edit/zh"
    wanted = {"title": "暖绒四件套", "body": "# 三件事\n\n- **起球**吗 <i>x</i>", "seen": "0"}
    assert "<strong>起球</strong>" in client.submit(address, wanted | {"check": "1"}).text
    assert client.submit(address, wanted | {"title": "", "publish": "1"}).status_code == 400
    assert client.submit(address, wanted | {"save": "1"}).status_code == 303
    assert client.submit(address, wanted | {"publish": "1"}).status_code == 409
    seen = client.get(address).text.split('name="seen" type="hidden" value="')[1].split('"')[0]
    assert client.submit(address, wanted | {"seen": seen, "publish": "1"}).location == f"/lessons/focus/{week}"
    agent = signed_in("agent")
    page = agent.get("/lessons").text
    assert "暖绒四件套" in page
    assert '<p class="short-heading">三件事</p>' in page
    assert "&lt;i&gt;" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    read = f"/lessons/focus/{week}/read"
    assert agent.submit(read, {"version": version, "back": "/lessons"}, page="/lessons").location == "/lessons"
    assert agent.submit(read, {"version": version, "back": "//evil.example"}, page="/lessons").location == "/"
    assert "再看一遍" in agent.get("/lessons").text
    assert "看过" in agent.get("/lessons/focus").text
    assert agent.get("/lessons/focus/2026-w99").status_code == 404
    assert "1 人看过" in client.get(address).text
    client.submit(f"/lessons/focus/{week}/withdraw", page="/lessons")
    assert "本周没有商品重点" in agent.get("/lessons").text


@ONLY_SQLITE
def test_the_rules_are_set_and_mistakes_stand_at_their_fields(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.add(LlmEndpoint(id=1, name="本地", base_url="http://x", model="m", created_at=clock.now()))
    client = signed_in("lead")
    page = client.get("/training/rules").text
    assert "本地" in page
    rules = {
        "exams_to_pass": "4", "exam_kinds": "3", "retake_wait_hours": "12.5", "mentor_must_agree": "y", "llm_customer_certifies": "y",
        "endpoint_id": "1", "drill_seconds": "45", "timezone": "Asia/Tokyo", "free_weekdays": "6",
        "holidays": "2027-01-01 ~ 2027-01-03", "extra_working_days": "2027年1月10日",
    }  # fmt: skip
    for changed, said in (
        ({"exam_kinds": "5"}, "类型数不能多于场景数"),
        ({"exams_to_pass": ""}, "请填写此项"),
        ({"timezone": "Mars"}, "没有这个时区"),
        ({"holidays": "neulich"}, "这些不是日期：neulich"),
        ({"endpoint_id": "7"}, "已停用"),
        ({"extra_working_days": "2027-01-01"}, "同一天不能"),
        ({"drill_seconds": "5"}, "应在 20 到 600 之间"),
    ):
        answer = client.submit("/training/rules", rules | changed)
        assert answer.status_code == 400, changed
        assert said in answer.text
    assert client.submit("/training/rules", rules).status_code == 303
    with store.reading() as session:
        kept = training_settings(session)
    assert (kept.exams_to_pass, kept.exam_kinds, kept.retake_wait_hours, kept.endpoint_id) == (4, 3, 12.5, 1)
    assert (kept.llm_customer, kept.llm_customer_certifies, kept.no_critical) == (True, True, False)
    assert (len(kept.holidays), kept.free_weekdays, kept.timezone) == (3, (6,), "Asia/Tokyo")
    assert "2027-01-03" in client.get("/training/rules").text
    assert "修改考核规则" in signed_in("boss").get("/admin/activity").text
