"""The way into the administration."""

from __future__ import annotations

import re

import pytest

from qaplatform import clock
from qaplatform.store.engine import Store
from tests import filled_admin
from tests.web.conftest import SignIn

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
                   "/admin/departments", "/admin/activity"]),
        ("lead", ["/admin/activity"]),
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
