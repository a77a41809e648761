"""Agents in the browser."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, AccountHolder, AgentRow
from tests.filled import AGENTS
from tests.web.conftest import SignIn

FIELDS = {"name": "陆小满", "code": "a99", "team": "1", "line": "first", "level": "junior", "hired_on": "2026-11-01",
          "left_on": ""}  # fmt: skip


def agent(store: Store, code: str) -> AgentRow | None:
    with store.reading() as session:
        return session.scalar(select(AgentRow).where(AgentRow.code == code))


def test_an_agent_is_added_and_changed(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    answer = client.submit("/admin/agents/new", FIELDS)
    made = agent(store, "a99")
    assert made is not None
    assert answer.location == f"/admin/agents/{made.id}"
    assert (made.team_id, made.line, made.level, made.hired_on) == (1, "first", "junior", date(2026, 11, 1))
    values = {**FIELDS, "team": "", "level": "", "left_on": "2026-12-01"}
    assert client.submit(answer.location, values).status_code == 303
    changed = agent(store, "a99")
    assert changed is not None
    assert (changed.team_id, changed.level, changed.left_on) == (None, None, date(2026, 12, 1))
    shown = client.get("/admin/agents?state=all").text
    assert "没有团队" in shown


def test_the_list_is_filtered(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.execute(update(AgentRow).where(AgentRow.id == 8).values(left_on=date(2026, 1, 1)))

    def shown(query: str) -> list[int]:
        page = signed_in("admin").get(f"/admin/agents?{query}").text
        return [number for number, name in enumerate(AGENTS, start=1) if f">{name}</a>" in page]

    assert shown("") == [1, 2, 3, 4, 5, 6, 7]
    assert shown("state=gone") == [8]
    assert shown("state=all&team=2") == [5, 6, 7, 8]
    assert shown("team=none") == []
    assert shown("team=made_up&q=韩") == [2]
    assert shown("team=99999999999999999999") == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "请填写此项。"),
        ({"code": "a01"}, "另一个客服已使用这个编号，请换一个。"),
        ({"team": "99"}, "field-errors"),
        ({"line": "fourth"}, "field-errors"),
        ({"hired_on": "昨天"}, "field-errors"),
        ({"left_on": "2026-11-01"}, "离职日期必须晚于入职日期。"),
    ],
)
def test_an_agent_that_cannot_be_says_why(signed_in: SignIn, store: Store, values: dict[str, Any], said: str) -> None:
    answer = signed_in("admin").submit("/admin/agents/new", {**FIELDS, **values})
    assert answer.status_code == 400
    assert said in answer.text
    assert agent(store, "a99") is None


def test_what_a_context_file_called_otherwise_stays_what_it_is(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.execute(update(AgentRow).where(AgentRow.id == 1).values(level="专家"))
    client = signed_in("admin")
    assert "专家" in client.get("/admin/agents").text
    assert '<option selected value="专家">' in client.get("/admin/agents/1").text
    assert client.submit("/admin/agents/1", {**FIELDS, "level": "专家"}).status_code == 303
    assert client.submit("/admin/agents/2", {**FIELDS, "code": "x", "level": "专家"}).status_code == 400


def test_whoever_has_left_and_still_holds_something_is_pointed_out(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.execute(update(AgentRow).where(AgentRow.id == 1).values(left_on=date(2026, 1, 1)))
        session.add(Account(id=1, shop_id=1, name="晴空家居:晓棠"))
        session.flush()
        session.add(AccountHolder(account_id=1, agent_id=1))
    page = signed_in("admin").get("/admin/agents/1").text
    assert "仍持有 1 个子账号" in page
    assert "查看登录账号是否需要停用" in page
    assert "一直 · 全天" in page
    assert "已离职" not in signed_in("admin").get("/admin/agents/2").text


def test_a_new_agent_may_come_from_a_teams_page(signed_in: SignIn) -> None:
    assert '<option selected value="2">' in signed_in("admin").get("/admin/agents/new?team=2").text
    assert signed_in("admin").get("/admin/agents/new?team=made_up").status_code == 200
    assert signed_in("admin").get("/admin/agents/99").status_code == 404
