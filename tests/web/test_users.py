"""Users in the browser: making them, their roles in one form, passwords shown once, in and out of service."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform.services.access import ROLES, Grant
from qaplatform.store.engine import Store
from qaplatform.store.scopes import known_grants
from qaplatform.store.tables import Activity, User, UserRole
from tests.filled import PEOPLE
from tests.web.conftest import PageClient, SignIn

PASSWORD = re.compile(r'<code class="secret-word">([a-z0-9-]+)</code>')


def id_of(store: Store, login: str) -> int:
    with store.reading() as session:
        return session.scalars(select(User.id).where(User.login == login)).one()


def grants_of(store: Store, login: str) -> list[Grant]:
    with store.reading() as session:
        rows = session.execute(
            select(UserRole.role, UserRole.shop_id, UserRole.team_id)
            .join(User, User.id == UserRole.user_id)
            .where(User.login == login)
            .order_by(UserRole.id)
        )
        return list(known_grants((role, shop, team) for role, shop, team in rows))


def rows(*grants: tuple[str, str]) -> dict[str, str]:
    """The fields of the rows of roles."""
    return {
        f"grants-{number}-{name}": value
        for number, grant in enumerate(grants)
        for name, value in zip(("role", "place"), grant, strict=True)
    }


def new(**values: str) -> dict[str, str]:
    return {"login": "wang", "name": "王小美", "user_language": "zh", "agent": "", **rows(("inspector", "")), **values}


def test_the_list_shows_everybody_with_their_roles_in_words(signed_in: SignIn) -> None:
    page = signed_in("admin").get("/admin/users").text
    assert all(name in page and login in page for login, (name, _roles, _bound) in PEOPLE.items())
    assert "质检 · 晴空家居旗舰店" in page
    assert "带教 · 数码组" in page
    assert "共 9 条" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=梁", {"lead"}),
        ("q=LEAD", {"lead", "teamlead"}),
        ("role=qa_lead", {"lead", "boss"}),
        ("role=qa_lead&q=boss", {"boss"}),
        ("state=inactive", set()),
        ("role=made_up&state=made_up", set(PEOPLE)),
        ("page=2", set()),
        ("page=-1&q=", set(PEOPLE)),
    ],
)
def test_the_list_is_filtered(signed_in: SignIn, query: str, shown: set[str]) -> None:
    page = signed_in("admin").get(f"/admin/users?{query}").text
    main = page[page.index("<main") :]
    assert {login for login in PEOPLE if f'<div class="text-secondary">{login}</div>' in main} == shown
    assert ("没有符合条件的用户" in main) == (not shown)


def test_a_new_user_signs_in_with_the_password_that_was_shown_once(app: Flask, signed_in: SignIn, store: Store) -> None:
    admin = signed_in("admin")
    answer = admin.submit("/admin/users/new", new(**rows(("inspector", "shop.2"), ("mentor", "team.1"), ("", ""))))
    assert answer.status_code == 201
    password = PASSWORD.findall(answer.text)[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert grants_of(store, "wang") == [Grant("inspector", shop_id=2), Grant("mentor", team_id=1)]
    id = id_of(store, "wang")
    assert password not in admin.get(f"/admin/users/{id}").text
    other = app.test_client()
    assert isinstance(other, PageClient)
    assert other.submit("/login", {"login": "wang", "password": password}).location == "/"
    assert other.get("/").location == "/me"


def test_the_form_sent_twice_makes_one_user(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    assert admin.submit("/admin/users/new", new()).status_code == 201
    again = admin.submit("/admin/users/new", new())
    assert again.status_code == 400
    assert "这个账号已被使用，请换一个。" in again.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"login": ""}, "请填写此项。"),
        ({"login": "王"}, "账号为 2 到 100 个字母"),
        ({"login": "a b"}, "账号为 2 到 100 个字母"),
        ({"login": "LEAD"}, "这个账号已被使用，请换一个。"),
        ({"name": " "}, "请填写此项。"),
        ({"name": "x" * 201}, "不能超过 200 个字符。"),
        ({"agent": "1"}, "这个客服已对应另一个用户。"),
        ({"agent": "999"}, "field-errors"),
        ({"user_language": "fr"}, "field-errors"),
        (rows(("", "")), "请至少选择一个角色"),
        (rows(("admin", "shop.1")), "请至少选择一个角色"),
        (rows(("agent", "team.1")), "请至少选择一个角色"),
        (rows(("made_up", "")), "请重新选择。"),
        (rows(("inspector", "shop.99")), "请重新选择。"),
    ],
)
def test_a_user_who_cannot_be_made_says_why_beside_the_field(
    signed_in: SignIn, store: Store, values: dict[str, str], said: str
) -> None:
    answer = signed_in("admin").submit("/admin/users/new", new(**values))
    assert answer.status_code == 400
    assert said in answer.text
    with store.reading() as session:
        assert len(session.scalars(select(User)).all()) == len(PEOPLE)


def test_a_row_is_added_without_saving_and_what_was_written_stays(signed_in: SignIn, store: Store) -> None:
    answer = signed_in("admin").submit("/admin/users/new", new(more="1"))
    assert answer.status_code == 200
    assert 'value="王小美"' in answer.text
    assert 'name="grants-1-role"' in answer.text
    assert '<option selected value="inspector">' in answer.text
    with store.reading() as session:
        assert len(session.scalars(select(User)).all()) == len(PEOPLE)


def test_roles_are_changed_in_one_form_and_hold_at_once(signed_in: SignIn, store: Store) -> None:
    admin, manager = signed_in("admin"), signed_in("manager")
    id = id_of(store, "manager")
    page = admin.get(f"/admin/users/{id}").text
    assert '<option selected value="store_manager">' in page
    assert '<option selected value="shop.2">' in page
    assert manager.get("/admin").status_code == 403
    answer = admin.submit(
        f"/admin/users/{id}/roles", rows(("store_manager", "shop.2"), ("qa_lead", "")), page=f"/admin/users/{id}"
    )
    assert (answer.status_code, answer.location) == (303, f"/admin/users/{id}")
    assert grants_of(store, "manager") == [Grant("store_manager", shop_id=2), Grant("qa_lead")]
    assert manager.get("/admin").status_code == 303


def test_a_row_set_to_none_is_a_role_taken_away(signed_in: SignIn, store: Store) -> None:
    id = id_of(store, "boss")
    page = f"/admin/users/{id}"
    signed_in("admin").submit(f"{page}/roles", rows(("", ""), ("qa_lead", ""), ("", "shop.1")), page=page)
    assert grants_of(store, "boss") == [Grant("qa_lead")]


def test_the_last_admin_stays_one(signed_in: SignIn, store: Store) -> None:
    admin, boss = id_of(store, "admin"), id_of(store, "boss")
    client = signed_in("boss")
    for address, values in ((f"/admin/users/{admin}/deactivate", {}),):
        assert client.submit(address, values, page=f"/admin/users/{admin}").status_code == 303
    with store.reading() as session:
        assert not session.get_one(User, admin).active
    # The only one left cannot be put out by anybody: not by themselves, and there is no other.
    assert (
        client.submit(f"/admin/users/{boss}/roles", rows(("qa_lead", "")), page="/admin/users/new").status_code == 403
    )
    assert client.submit(f"/admin/users/{boss}/deactivate", page="/admin/users/new").status_code == 403
    assert Grant("admin") in grants_of(store, "boss")


def test_nobody_finds_forms_to_change_themselves(signed_in: SignIn, store: Store) -> None:
    id = id_of(store, "boss")
    page = signed_in("boss").get(f"/admin/users/{id}").text
    assert "这是您自己的账号" in page
    assert f"/admin/users/{id}/roles" not in page
    assert f"/admin/users/{id}/deactivate" not in page


def test_name_and_agent_are_changed_together_or_not_at_all(signed_in: SignIn, store: Store) -> None:
    client, id = signed_in("admin"), id_of(store, "lead")
    page = f"/admin/users/{id}"
    refused = client.submit(page, {"name": "新名字", "agent": "1"})
    assert refused.status_code == 400
    assert "这个客服已对应另一个用户。" in refused.text
    assert 'value="新名字"' in refused.text
    with store.reading() as session:
        assert session.get_one(User, id).name == "梁书瑶"
    assert client.submit(page, {"name": "新名字", "agent": "5"}).status_code == 303
    assert client.submit(page, {"name": "新名字", "agent": "5"}).status_code == 303
    with store.reading() as session:
        user = session.get_one(User, id)
        assert (user.name, user.agent_id) == ("新名字", 5)
        lines = session.scalars(select(Activity.action).where(Activity.subject_id == id, Activity.action != "sign_in"))
        assert sorted(lines) == ["user.agent_linked", "user.renamed"]


def test_out_of_service_and_in_again(signed_in: SignIn, store: Store) -> None:
    admin, lead, id = signed_in("admin"), signed_in("lead"), id_of(store, "lead")
    asked = admin.get(f"/admin/users/{id}/deactivate").text
    assert "要停用 梁书瑶（lead）吗？" in asked
    assert admin.submit(f"/admin/users/{id}/deactivate").status_code == 303
    assert lead.get("/").location == "/login"
    page = admin.get(f"/admin/users/{id}").text
    assert "梁书瑶 已停用。" in page
    assert "重新启用" in page
    assert admin.submit(f"/admin/users/{id}/reactivate", page=f"/admin/users/{id}").status_code == 303
    assert signed_in("lead").get("/").status_code == 200


def test_a_password_is_reset_after_a_question_and_shown_once(signed_in: SignIn, store: Store, app: Flask) -> None:
    admin, lead, id = signed_in("admin"), signed_in("lead"), id_of(store, "lead")
    address = f"/admin/users/{id}/password"
    assert "原密码立即失效" in admin.get(address).text
    answer = admin.submit(address)
    password = PASSWORD.findall(answer.text)[0]
    assert lead.get("/").location == "/login"
    other = app.test_client()
    assert isinstance(other, PageClient)
    assert other.submit("/login", {"login": "lead", "password": "lead"}).status_code == 400
    assert other.submit("/login", {"login": "lead", "password": password}).status_code == 303


@pytest.mark.parametrize("path", ["", "/deactivate", "/password"])
def test_a_user_who_is_not_there_is_a_page_that_is_not_there(signed_in: SignIn, path: str) -> None:
    assert signed_in("admin").get(f"/admin/users/9999{path}").status_code == 404
    assert signed_in("admin").submit(f"/admin/users/9999{path}", page="/admin/users/new").status_code == 404


def test_what_roles_may_is_said_from_the_table(signed_in: SignIn) -> None:
    client = signed_in("admin")
    assert "查看被打码的个人信息" in client.get("/admin/users/new").text
    client.submit("/language", {"language": "en"}, page="/")
    page = client.get("/admin/users/new").text
    assert "Manage users, their roles and one-time passwords" in page
    assert all(row.en in page for row in ROLES.values())


def test_a_name_is_shown_as_text_wherever_it_stands(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    evil: dict[str, Any] = new(name="<script>alert(1)</script>")
    assert client.submit("/admin/users/new", evil).status_code == 201
    id = id_of(store, "wang")
    for address in ("/admin/users", f"/admin/users/{id}", f"/admin/users/{id}/deactivate", "/admin/activity"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
