"""Teams in the browser."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Team
from tests.filled import AGENTS
from tests.web.conftest import SignIn


def names(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Team.name).order_by(Team.id)))


def team(store: Store, name: str) -> int:
    with store.reading() as session:
        return session.scalars(select(Team.id).where(Team.name == name)).one()


def test_a_team_is_made_renamed_and_removed(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    assert client.submit("/admin/teams", {"name": "夜班组"}).location == "/admin/teams"
    id = team(store, "夜班组")
    assert client.submit(f"/admin/teams/{id}", {"name": "晚班组"}).status_code == 303
    assert "晚班组" in client.get("/admin/teams").text
    assert "要删除团队“晚班组”吗？" in client.get(f"/admin/teams/{id}/remove").text
    assert client.submit(f"/admin/teams/{id}/remove").location == "/admin/teams"
    assert names(store) == ["家居组", "数码组"]
    assert client.get(f"/admin/teams/{id}").status_code == 404


def test_a_team_in_use_stays_and_says_why(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    assert client.submit("/admin/teams/1/remove").location == "/admin/teams/1"
    assert "不能删除，只能改名" in client.get("/admin/teams/1").text
    assert names(store) == ["家居组", "数码组"]


def test_a_team_shows_its_members_and_leads(signed_in: SignIn) -> None:
    page = signed_in("admin").get("/admin/teams/1").text
    assert all((name in page) == (number < 4) for number, name in enumerate(AGENTS))
    assert "组长：郑明轩" in page


@pytest.mark.parametrize(
    ("name", "said"), [("", "请填写此项。"), ("x" * 201, "不能超过 200 个字符。"), ("家居组", "已有同名的团队")]
)
def test_a_name_that_cannot_be_says_why(signed_in: SignIn, store: Store, name: str, said: str) -> None:
    client = signed_in("admin")
    for address in ("/admin/teams", "/admin/teams/2"):
        answer = client.submit(address, {"name": name})
        assert answer.status_code == 400
        assert said in answer.text
    assert names(store) == ["家居组", "数码组"]
