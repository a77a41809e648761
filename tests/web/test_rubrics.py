"""The rubric desk in the browser's eyes: drafts, mistakes, conflicts, trying out, publishing, history."""

from __future__ import annotations

import html
import re

import pytest

from qaplatform.services.replaying import run_replay
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.tables import Job, RubricDraft, RubricRelease
from tests.runs import Run
from tests.web.chats import good, quarrel, take_in
from tests.web.conftest import SignIn

CODE = "ecommerce-service"
ROOT = f"{CODE}.yaml"
DRAFT = "/rubrics/drafts/1"


def root(old: str = "pass_mark: 80", new: str = "pass_mark: 90") -> str:
    text = rubrics_in_force()[0].files[ROOT]
    assert old in text
    return text.replace(old, new)


def test_a_rule_is_changed_compared_published_and_rolled_back(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    shown = client.get("/rubrics").text
    assert "电商客服质检标准" in shown
    assert "随平台提供" in shown
    opened = client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    assert (opened.status_code, opened.location) == (303, f"{DRAFT}/edit")
    saved = client.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(), "version": "1"})
    assert saved.status_code == 303
    shown = client.get(DRAFT).text
    assert "合格线" in shown
    assert "+pass_mark: 90" in shown
    page = client.get(f"{DRAFT}/publish").text
    against = re.search(r'name="against"[^>]*value="(\w+)"', page)
    day = re.search(r'name="from_day"[^>]*value="([\d-]+)"', page)
    assert against is not None
    assert day is not None
    said = {"version": "2", "against": against[1], "from_day": day[1], "note": "及格线 90 分"}
    early = client.submit(f"{DRAFT}/publish", {**said, "from_day": "2020-01-01"})
    assert early.status_code == 400
    assert "只能是今天或以后" in early.text
    assert client.submit(f"{DRAFT}/publish", said).status_code == 303
    shown = client.get(f"/rubrics/{CODE}").text
    assert "第 1 次发布" in shown
    assert "及格线 90 分" in shown
    with store.reading() as session:
        release = session.get_one(RubricRelease, 1)
        assert session.get_one(RubricDraft, 1).state == "published"
    assert release.published_by is not None
    back = f"/rubrics/{CODE}/roll-back?to={against[1]}"
    against = re.search(r'name="against"[^>]*value="(\w+)"', client.get(back).text)
    assert against is not None
    assert client.submit(back, {"against": against[1], "from_day": day[1], "note": ""}).status_code == 303
    assert "退回旧版本" in client.get(f"/rubrics/{CODE}").text


@pytest.fixture
def draft(signed_in: SignIn) -> int:
    signed_in("lead").submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    return 1


@pytest.mark.usefixtures("draft")
def test_mistakes_stand_at_their_place_and_keep_the_draft_from_being_used(signed_in: SignIn) -> None:
    client = signed_in("lead")
    client.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(new="pass_mark: 900"), "version": "1"})
    for page in ("", "/edit", "/try", "/examples", "/replays", "/publish"):
        assert f"{ROOT}:5:12" in client.get(f"{DRAFT}{page}").text


@pytest.mark.usefixtures("draft")
def test_two_leads_see_what_the_other_has_written_before_either_overwrites_it(signed_in: SignIn) -> None:
    first, second = signed_in("lead"), signed_in("lead")
    first.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(), "version": "1"})
    refused = second.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(new="pass_mark: 70"), "version": "1"})
    assert refused.status_code == 409
    text = html.unescape(refused.text)
    assert "别人刚刚修改了这份草稿" in text
    assert "-pass_mark: 90" in text
    assert "+pass_mark: 70" in text
    assert 'name="version" value="2"' in text
    assert (
        second.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(new="pass_mark: 70"), "version": "2"}).status_code
        == 303
    )


@pytest.mark.parametrize(
    "chat",
    [
        "customer 10:00:00 怎么还没发货\nagent 10:05:30 哦",
        "张三 2026-11-10 10:00:00\n怎么还没发货\n店铺:小美 2026-11-10 10:05:30\n哦",
    ],
)
@pytest.mark.usefixtures("draft")
def test_a_pasted_chat_is_judged_by_both(signed_in: SignIn, chat: str) -> None:
    client = signed_in("lead")
    answer = client.submit(f"{DRAFT}/try", {"chat": chat})
    assert answer.status_code == 200
    assert "响应时效" in answer.text
    assert "评分对比" in answer.text
    assert client.submit(f"{DRAFT}/try", {"chat": "没有人说话"}).status_code == 400


@pytest.mark.usefixtures("conversations", "draft")
def test_a_replay_is_a_job_with_its_progress(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    page = client.get(f"{DRAFT}/replays").text
    days = dict(re.findall(r'name="(since|until)"[^>]*value="([\d-]+)"', page))
    asked = client.submit(f"{DRAFT}/replays", {**days, "shop": ""})
    assert (asked.status_code, asked.location) == (303, "/rubrics/replays/1")
    assert "回放进度" in client.get("/rubrics/replays/1").text
    with store.reading() as session:
        assert "rubrics.replay" in {job.kind for job in session.query(Job)}


def test_what_came_of_a_replay_is_shown(signed_in: SignIn, store: Store) -> None:
    take_in(store, quarrel(), good(), good(1))
    client = signed_in("lead")
    client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    client.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(new="pass_mark: 100"), "version": "1"})
    days = {"since": "2026-11-01", "until": "2026-11-20", "shop": ""}
    assert client.submit(f"{DRAFT}/replays", days).status_code == 303
    run_replay(Run(store, {"replay_id": 1}))
    shown = client.get("/rubrics/replays/1").text
    assert "结论改变的会话" in shown
    assert "各客服的分数变化" in shown
    assert "95% 区间" in shown
    assert "回放 1" in client.get(f"{DRAFT}/replays").text


@pytest.mark.usefixtures("draft")
def test_a_dropped_draft_is_closed(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert "要放弃这份草稿吗" in client.get(f"{DRAFT}/drop").text
    client.submit(f"{DRAFT}/drop?version=1", page=f"{DRAFT}/drop")
    assert "已经放弃" in client.get(DRAFT).text
    client.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(), "version": "2"})
    with store.reading() as session:
        assert session.get_one(RubricDraft, 1).state == "dropped"


@pytest.mark.usefixtures("draft")
def test_inspectors_look_and_do_not_touch(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    assert "保存 YAML" not in client.get(f"{DRAFT}/edit").text
    assert client.submit(f"{DRAFT}/edit", {"file": ROOT, "text": root(), "version": "1"}).status_code == 403
