"""Runs of the grader in the browser, without JavaScript: foreseen, started, followed, stopped, gone on with."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, GradingRun, LlmEndpoint, SamplePlan, Shop, WorkItem
from qaplatform.testing.fake_llm import FakeLLM, Fault
from tests.copies import fill_once
from tests.graded import answering, endpoint_at, run_job
from tests.graded_chats import EMPATHY, SOLUTION, publish_questions
from tests.queries import counted_statements
from tests.reviewed import conversation
from tests.stores import ONLY_SQLITE
from tests.web.chats import NOW, good, quarrel, take_in
from tests.web.conftest import PageClient, SignIn

pytestmark = [pytest.mark.loopback, ONLY_SQLITE]
NEW = "/grader/runs/new"
MOST_STATEMENTS = 20
DAYS = {"since": "2026-11-01", "until": "2026-11-30"}


@pytest.fixture
def chats(store: Store, people: None) -> None:  # noqa: ARG001 - they ask
    """A quarrel and two good conversations, whose rubric has two questions."""
    fill_once(store, _fill_chats)


def _fill_chats(store: Store) -> None:
    publish_questions(store)
    take_in(store, quarrel(), good(0), good(1))


def wanted(**given: str | list[str]) -> str:
    """The address of what a run would take."""
    usual = {"which": "list", "query": "", "most": "100", "seed": "7", "model": "1", "foresee": "1", **DAYS}
    return f"{NEW}?{urlencode(usual | given, doseq=True)}"


def statements(store: Store, client: PageClient, address: str) -> int:
    """What a page asks of the database, once what is kept between pages is there."""
    client.get(address)
    with counted_statements(store) as seen:
        client.get(address)
    return len(seen)


def begun(client: PageClient, address: str) -> int:
    """Start what an address says; the run's id."""
    answer = client.submit(address)
    assert answer.status_code == 303, answer.text
    found = re.search(r"/grader/runs/(\d+)$", answer.location)
    assert found
    return int(found[1])


@pytest.mark.usefixtures("chats")
def test_flagged_chats_are_foreseen_asked_about_and_shown_with_their_answers(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    with FakeLLM(answering({EMPATHY: "no", SOLUTION: "yes", "tone": "unsure"})) as server:
        endpoint_at(store, server.base_url, run_tokens=1_000_000)
        address = wanted(which="failed", prompts=["tone"], tokens="100")
        foreseen = lead.get(address).text
        for said in ("其中 1 通要问", "¥0.0", "fake-1", "可能超过上限", "开始提问"):
            assert said in foreseen, said
        assert server.received == []
        address = wanted(which="failed", prompts=["tone"], tokens="900000")
        assert "可能超过上限" not in lead.get(address).text
        run_id = begun(lead, address)
        waiting = lead.get(f"/grader/runs/{run_id}").text
        assert 'hx-trigger="every 2s"' in waiting
        assert "等待中" in waiting
        run_job(store, run_id)
        few = [statements(store, lead, at) for at in ("/grader/runs", f"/grader/runs/{run_id}")]
        of_all, *_others = [begun(lead, wanted(seed=str(n))) for n in range(3)]
        run_job(store, of_all)
    many = [statements(store, lead, at) for at in ("/grader/runs", f"/grader/runs/{of_all}")]
    assert many <= few
    assert max(many) <= MOST_STATEMENTS
    part = lead.get(f"/grader/runs/{run_id}", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="run">')
    for said in ("已完成", "1 / 1", "上限 900,000", "语气得体", "只作参考", "不确定"):
        assert said in part, said
    told = re.findall(r'answer-(\w+)"[^>]*><span>([^<]+)</span> <b>([^<]+)', part)
    assert told == [("bad", "共情真诚", "否"), ("good", "方案合适", "是"), ("plain", "语气得体", "不确定")]
    assert f'href="/conversations/{conversation(store).id}"' in part
    listed = lead.get("/grader/runs").text
    assert "不合格、" in listed
    assert "已完成" in listed
    assert "1 通的回答都已经有了" in lead.get(wanted(which="failed")).text
    with store.reading() as session:
        run = session.get_one(GradingRun, run_id)
        assert (run.caps["tokens"], run.questions, run.wanted["seed"]) == (900_000, ["tone"], 7)
        assert "grader.asked" in session.scalars(select(Activity.action)).all()
    assert f'href="/grader/runs/{run_id}"' in lead.get(f"/jobs/{run.job_id}").text


@pytest.mark.usefixtures("chats")
def test_a_list_is_taken_along_and_drawn_from_and_a_plan_gives_what_it_drew(signed_in: SignIn, store: Store) -> None:
    endpoint_at(store, "http://127.0.0.1:9/v1")
    lead = signed_in("lead")
    listed = lead.get("/conversations?queue=pre_sale&sort=score").text
    link = re.search(r'href="(/grader/runs/new\?[^"]+)"', listed)
    assert link
    form = lead.get(link[1].replace("&amp;", "&")).text
    assert re.search(r'<input checked[^>]*name="which"[^>]*value="list"', form)
    assert "售前" in form
    drawn = lead.get(wanted(query="queue=pre_sale", most="1")).text
    assert "符合条件的有 2 通，随机抽取了 1 通（种子 7）" in drawn
    run_id = begun(lead, wanted(query="queue=pre_sale", most="1"))
    page = lead.get(f"/grader/runs/{run_id}").text
    assert "随机抽取（种子 7）" in page
    assert 'href="/conversations?queue=pre_sale"' in page

    plan = {"name": "每日", "period": "all", "kind": "random", "count": "2", "by": "topic", "split": "proportional",
            "cycle": "once", "hour": "9", "weekday": "0", "timezone": "Asia/Shanghai", "due_days": "3", "seed": "7"}  # fmt: skip
    lead.submit("/samples/new", plan | {"draw": "1"})
    with store.reading() as session:
        plan_id = session.scalars(select(SamplePlan.id)).one()
        sample_id = session.scalars(select(WorkItem.sample_id)).first()
    way = f'href="/grader/runs/new?which=plan&amp;plan={plan_id}"'
    assert way in lead.get(f"/samples/plans/{plan_id}").text
    assert way in lead.get(f"/samples/{sample_id}").text
    assert f'<option selected value="{plan_id}">' in lead.get(f"{NEW}?which=plan&plan={plan_id}").text
    run_id = begun(lead, wanted(which="plan", plan=str(plan_id)))
    page = lead.get(f"/grader/runs/{run_id}").text
    assert "0 / 2" in page
    assert f'<a href="/samples/plans/{plan_id}">每日</a>' in page


@pytest.mark.usefixtures("chats")
def test_a_run_is_stopped_and_goes_on_and_says_what_it_left_out(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    with FakeLLM(answering()) as server:
        endpoint_at(store, server.base_url, at_once=1)
        run_id = begun(lead, wanted(tokens="1"))
        run_job(store, run_id)
        stopped = lead.get(f"/grader/runs/{run_id}").text
        assert "中途停下" in stopped
        assert "已达到本次任务的 token 上限" in stopped
        assert "还有 3 通没有问" in stopped
        page = f"/grader/runs/{run_id}"
        assert lead.submit(f"{page}/go-on", {"tokens": "-1"}, page=page).status_code == 400
        with store.writing() as session:
            session.execute(update(GradingRun).values(token_count=900))
        refused = lead.submit(f"{page}/go-on", {"tokens": "900"}, page=page)
        assert refused.status_code == 400
        assert "已经用了这么多" in refused.text
        assert lead.get(f"{page}/go-on").headers["Location"] == page  # As after changing the language there.
        assert lead.submit(f"{page}/go-on", {"tokens": "500000"}, page=page).status_code == 303
        with store.writing() as session:
            session.execute(update(Shop).values(forbids_llm=True))
        run_job(store, run_id)
    done = lead.get(page).text
    assert "店铺或质检标准不允许发送给语言模型" in done
    assert "跳过 3 通" in done
    for way, said in (("go-on", "不能接着问"), ("stop", "不用再停止")):
        assert lead.submit(f"{page}/{way}", page="/conversations").status_code == 303
        assert said in lead.get(page).text
    assert "3 通跳过" in lead.get(wanted()).text
    assert "没有一通会话可以问" in lead.get(wanted()).text

    waiting = begun(lead, wanted())
    assert lead.submit(f"/grader/runs/{waiting}/stop", page=f"/grader/runs/{waiting}").status_code == 303
    assert "已手动停止" in lead.get(f"/grader/runs/{waiting}").text
    assert [signed_in("inspector").get(f"{page}{way}").status_code for way in ("", "?page=2")] == [404, 404]
    assert signed_in("manager").get(NEW).status_code == 403


@pytest.mark.usefixtures("chats")
def test_faults_are_said_and_blind_work_learns_nothing(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    with FakeLLM(Fault("refusal")) as server:
        endpoint_at(store, server.base_url)
        with store.writing() as session:
            row = conversation(store)
            session.add(
                WorkItem(
                    conversation_id=row.id, revision=1, audit_id=row.audit_id, user_id=2, draw="random", is_blind=True,
                    created_at=NOW,
                )
            )  # fmt: skip
        run_id = begun(lead, wanted())
        run_job(store, run_id)
    page = lead.get(f"/grader/runs/{run_id}").text
    assert "模型拒绝回答" in page
    assert "出错 6 次" in page
    assert page.count('class="answers"') == 2
    assert "盲评中" in page


@pytest.mark.usefixtures("chats")
def test_what_cannot_be_asked_is_said_beside_its_field(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    assert "还没有接入语言模型" in lead.get(NEW).text
    assert "/grader/runs/new" not in signed_in("inspector").get("/conversations").text
    endpoint_at(store, "http://127.0.0.1:9/v1")
    for given, said in (
        ({"which": "failed", "until": "2026-10-01"}, "结束日期早于开始日期"),
        ({"which": "failed", "since": ""}, "请填写开始和结束日期"),
        ({"most": "9000"}, "应在 1 到 5000 之间"),
        ({"model": "99"}, 'id="model-errors"'),
        ({"money": "sNaN"}, "应为大于 0 的金额"),
        ({"money": "0"}, "应为大于 0 的金额"),
        ({"query": "order=nirgends"}, "没有符合条件的会话"),
    ):
        answer = lead.get(wanted(**given))
        assert answer.status_code == 400, given
        assert said in answer.text, given
    with store.writing() as session:
        session.execute(update(LlmEndpoint).values(currency="USD"))
    assert "币种不同" in lead.get(wanted(money="5")).text
    with store.writing() as session:
        session.execute(update(LlmEndpoint).values(input_price=None))
    assert "这个模型没有填写价格" in lead.get(wanted(money="5")).text
    assert "没有填写模型的价格" in lead.get(wanted()).text
    with store.writing() as session:
        session.execute(update(LlmEndpoint).values(api_key="$NOT_THERE"))
    assert "环境变量没有设置" in lead.get(wanted()).text
    assert lead.submit(wanted(), page=NEW).status_code == 400
