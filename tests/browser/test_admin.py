"""The admin pages in a real browser: for everybody, at every width, with and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, OpenPage
from tests.browser.serving import ENGLISH
from tests.browser.test_shell import barriers, overhangs, overhangs_here

pytestmark = pytest.mark.loopback

PAGES = (
    "/admin",
    "/admin/users",
    "/admin/users/new",
    "/admin/users/2",
    "/admin/users/2/deactivate",
    "/admin/shops",
    "/admin/shops/1",
    "/admin/shops/1/bands",
    "/admin/shops/1/days",
    "/admin/shops/1/addresses",
    "/admin/shops/1/tokens",
    "/admin/shops/shared/bands",
    "/admin/departments",
    "/admin/departments/1",
    "/admin/teams",
    "/admin/teams/1",
    "/admin/agents",
    "/admin/agents/1",
    "/admin/accounts",
    "/admin/accounts/3",
    "/admin/accounts/free",
    "/admin/customers",
    "/admin/customers?said=nobody",
    "/admin/activity",
)


@pytest.mark.full
def test_no_page_is_wider_than_its_window_in_english(open_page: OpenPage) -> None:
    assert overhangs(open_page("/", login=ENGLISH), PAGES) == {}


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_no_page_shuts_anybody_out_or_overhangs(open_page: OpenPage, dark: bool, width: int) -> None:
    page = open_page("/", login="admin", dark=dark, width=width)
    found = {}
    for address in PAGES:
        page.goto(address)
        for folded in page.locator("details.explained summary").all():
            folded.click()
        found[address] = barriers(page, only_look=dark)
        if not dark:
            found[address] += [f"{by} px too wide at {at}" for at, by in overhangs_here(page).items()]
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_enter_key_saves_and_adds_no_row(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/admin/users/new", login="admin", scripts=scripts)
    page.locator("#login").fill("lead")
    page.locator("#name").fill("王小美")
    page.locator("#grants-0-role").select_option("inspector")
    page.locator("#name").press("Enter")
    expect(page.get_by_text("这个账号已被使用，请换一个。")).to_be_visible()
    expect(page.locator("#grants-1-role")).to_have_count(0)
    page.get_by_role("button", name="再加一个角色").click()
    expect(page.locator("#grants-1-role")).to_be_visible()
    expect(page.locator("#grants-0-role")).to_have_value("inspector")
    expect(page.locator("#name")).to_have_value("王小美")


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="scripts"), pytest.param(False, id="no-scripts", marks=pytest.mark.full)]
)
def test_bands_that_leave_a_gap_say_so_where_it_is(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/admin/shops/1/bands", login="admin", scripts=scripts)
    page.locator("#bands-1-end").fill("17:00")
    page.locator("#bands-1-end").press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/shops/1/bands$"))
    expect(page.get_by_text("17:00–18:00 没有归入任何时段。")).to_be_visible()
    expect(page.locator("#bands-1-end")).to_have_value("17:00")
    expect(page.locator("#bands-2-start")).to_have_attribute("aria-invalid", "true")
