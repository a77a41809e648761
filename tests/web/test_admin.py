"""The way into the administration."""

from __future__ import annotations

import re

import pytest
from flask import Flask, url_for
from sqlalchemy import event

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, AgentRow, DepartmentRow, Shop, Team, User, UserRole
from qaplatform.web.current import store_of
from tests import filled_admin
from tests.web import routes
from tests.web.conftest import PageClient, SignIn
from tests.web.route_examples import fill_examples

SECTION = re.compile(r'class="side-way" href="([^"]+)"( aria-current="page")?')


def test_admins_see_what_there_is_and_what_is_missing(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        filled_admin.fill_admin(session, clock.now())
    page = signed_in("admin").get("/admin").text
    assert "3 个子账号还没有分配" in page
    assert "1 个部门没有联系人" in page
    assert "/admin/accounts/free" in page


@pytest.mark.parametrize(
    ("login", "sections"),
    [
        ("admin", ["/admin", "/admin/users", "/admin/shops", "/admin/teams", "/admin/agents", "/admin/accounts",
                   "/admin/departments", "/admin/activity", "/admin/customers"]),
        ("lead", ["/admin/activity", "/admin/customers"]),
    ],
)  # fmt: skip
def test_everybody_sees_the_sections_they_may_open(signed_in: SignIn, login: str, sections: list[str]) -> None:
    page = signed_in(login).get("/admin", follow_redirects=True).text
    assert [href for href, _ in SECTION.findall(page)] == sections


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/admin", "/admin"),
        ("/admin/users", "/admin/users"),
        ("/admin/users/new", "/admin/users"),
        ("/admin/shops/shared/days", "/admin/shops"),
        ("/admin/shops/1/tokens", "/admin/shops"),
        ("/admin/accounts/free", "/admin/accounts"),
    ],
)
def test_the_section_one_is_in_is_marked(signed_in: SignIn, address: str, current: str) -> None:
    page = signed_in("admin").get(address).text
    assert [href for href, is_current in SECTION.findall(page) if is_current] == [current]


@pytest.mark.parametrize("login", ["inspector", "agent", "manager", "teamlead", "mentor", "newhire"])
def test_whoever_administers_nothing_finds_no_way_in(signed_in: SignIn, login: str) -> None:
    client = signed_in(login)
    assert 'href="/admin"' not in client.get("/").text
    assert client.get("/admin").status_code == 403


def test_every_page_about_one_thing_is_sound_in_english(app: Flask, signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        fill_examples(session, clock.now())
    client = signed_in("admin")
    client.submit("/language", {"language": "en"}, page="/me")
    opened = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith("/admin"):
            continue
        example = routes.ROUTES[rule.endpoint].examples[0]
        with app.test_request_context():
            address = url_for(rule.endpoint, **example.values)
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert '<html lang="en">' in answer.text
        opened += 1
    assert opened > 30


def count_of_questions(client: PageClient, address: str) -> int:
    """How many times a page asks the database."""
    asked: list[str] = []
    engine = store_of(client.application).engine

    def note_down(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note_down)
    assert client.get(address).status_code == 200
    event.remove(engine, "before_cursor_execute", note_down)
    return len([one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))])


LISTS = {
    "/admin": 3,
    "/admin/users": 7,
    "/admin/shops": 4,
    "/admin/teams": 5,
    "/admin/agents": 5,
    "/admin/accounts": 9,
    "/admin/accounts/free": 6,
    "/admin/departments": 4,
    "/admin/activity": 12,
}
"""Pages that list things, and how often they may ask the database, whatever they list."""


def test_a_list_asks_no_more_the_longer_it_is(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    with store.writing() as session:
        filled_admin.fill_admin(session, clock.now())
    few = {address: count_of_questions(client, address) for address in LISTS}
    now = clock.now()
    with store.writing() as session:
        for n in range(200, 240):
            session.add_all(
                (
                    Shop(id=n, code=f"s{n}", name=f"店铺{n}", created_at=now),
                    Team(id=n, name=f"团队{n}", created_at=now),
                    DepartmentRow(id=n, code=f"d{n}", name=f"部门{n}"),
                    User(id=n, login=f"u{n}", name=f"用户{n}", password_hash="", created_at=now),
                )
            )
            session.flush()
            session.add(AgentRow(id=n, code=f"x{n}", name=f"客服{n}", team_id=n, created_at=now))
            session.add(Account(id=n, shop_id=n, name=f"账号{n}"))
            session.add(UserRole(user_id=n, role="team_lead", team_id=n))
    many = {address: count_of_questions(client, address) for address in LISTS}
    assert many == few
    assert {address: count for address, count in many.items() if count > LISTS[address]} == {}
