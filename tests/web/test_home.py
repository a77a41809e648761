"""The home page shows each role its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.web.charts import round_up
from qaplatform.web.current import store_of
from tests import filled
from tests.filled import PEOPLE
from tests.web.conftest import SignIn, some_conversations


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.usefixtures("conversations")
def test_everybody_has_a_sound_home_page(signed_in: SignIn, login: str) -> None:
    page = signed_in(login).get("/")
    assert page.status_code == 200
    assert PEOPLE[login][0] in page.text


@pytest.mark.parametrize("login", PEOPLE)
def test_an_empty_workplace_says_what_to_do(signed_in: SignIn, login: str) -> None:
    page = signed_in(login).get("/").text
    leads = login in {"admin", "lead", "inspector", "manager", "boss"}
    assert ("从自己的数据开始" in page) == leads
    assert ("还没有会话" in page) != leads


@pytest.mark.usefixtures("conversations")
def test_agents_see_their_own_chats_and_no_others(signed_in: SignIn) -> None:
    page = signed_in("agent").get("/").text
    assert "我的最近会话" in page
    assert "苏晓棠" in page
    assert "韩立峰" not in page
    assert "青柠数码" not in page


@pytest.mark.usefixtures("conversations")
def test_a_role_in_one_shop_sees_no_other_shop(signed_in: SignIn) -> None:
    assert "青柠数码" not in signed_in("inspector").get("/").text
    assert "晴空家居" not in signed_in("manager").get("/").text


@pytest.mark.usefixtures("conversations")
def test_what_failed_is_told_to_those_who_can_see_to_it(signed_in: SignIn) -> None:
    assert "1 个导入失败" in signed_in("lead").get("/").text
    assert "1 个后台任务失败" in signed_in("admin").get("/").text
    assert "失败" not in signed_in("agent").get("/").text
    assert "后台任务" not in signed_in("manager").get("/").text


@pytest.mark.usefixtures("conversations")
def test_an_admin_alone_reads_no_conversation(signed_in: SignIn) -> None:
    page = signed_in("admin").get("/").text
    assert "启用的用户" in page
    assert "优先查看" not in page


@pytest.mark.usefixtures("conversations")
def test_the_page_asks_few_questions(signed_in: SignIn) -> None:
    client, asked = signed_in("boss"), []
    engine = store_of(client.application).engine

    def note_down(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note_down)
    client.get("/")
    selects = [one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(selects) <= 13, selects


def test_health_says_whether_the_database_is_there(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert client.get("/health").json == {"status": "ok"}
    with store.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 4), (4, 4), (5, 6), (10, 10), (11, 14), (21, 24), (31, 40), (100, 100), (101, 140), (6817, 10_000)],
)
def test_an_axis_ends_on_a_round_number(value: int, top: int) -> None:
    assert round_up(value) == top


def test_the_first_steps_go_on_until_they_are_done_or_put_aside(signed_in: SignIn, store: Store) -> None:
    client = signed_in("boss")
    assert "已完成 2 / 4" in client.get("/").text
    some_conversations(store)
    page = client.get("/").text
    assert "已完成 3 / 4" in page
    assert "/conversations?sort=priority" in page
    assert "从自己的数据开始" not in signed_in("lead").get("/").text
    assert client.submit("/first-steps/put-aside", page="/").status_code == 303
    assert "从自己的数据开始" not in client.get("/").text


@pytest.mark.usefixtures("conversations")
def test_a_look_at_a_conversation_is_the_last_step(signed_in: SignIn) -> None:
    client = signed_in("boss")
    assert "从自己的数据开始" in client.get("/").text
    signed_in("lead").get("/conversations/1")
    assert "从自己的数据开始" in client.get("/").text
    client.get("/conversations/1")
    assert "从自己的数据开始" not in client.get("/").text


def test_an_older_import_is_shown_on_the_home_page(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        filled.fill_conversations(session, clock.now() - timedelta(days=60), count=30)
    page = signed_in("lead").get("/").text
    assert "近 7 天没有新会话" in page
    assert page.count('href="/conversations/') == 7
