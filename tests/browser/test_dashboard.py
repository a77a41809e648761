"""The dashboard in a real browser: charts under our content policy, tables without JavaScript, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from qaplatform import clock
from qaplatform.services.figure_days import count_all
from qaplatform.store import figure_days
from qaplatform.store.engine import Store
from tests import filled
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a workplace with figures in it."""
    folder = tmp_path_factory.mktemp("dashboard")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=400)
    store = Store(url)
    with store.writing() as session:
        for shop_id in filled.SHOPS:
            figure_days.note_shop(session, shop_id)
    count_all(store, now=clock.now())
    store.close()
    with serving(url, folder) as address:
        yield address


def test_charts_are_drawn_and_a_point_leads_to_its_chats(open_page: OpenPage, site: str) -> None:
    page = open_page("/dashboard?days=7", login="lead", site=site)
    expect(page.locator(".chart[data-drawn] canvas")).to_have_count(3)
    bars = page.locator(".chart-low").first
    box = bars.bounding_box()
    assert box is not None
    # Somewhere among the bars of seven days, low enough to stand in one.
    bars.click(position={"x": box["width"] * 0.53, "y": box["height"] - 32})
    expect(page).to_have_url(re.compile(r"/conversations\?from=[0-9-]+&to=[0-9-]+$"))


def test_without_javascript_tables_say_the_same(open_page: OpenPage, site: str) -> None:
    page = open_page("/dashboard", login="lead", scripts=False, site=site)
    expect(page.locator(".chart").first).to_be_hidden()
    page.locator("details.as-table summary").first.click()
    page.locator("details.as-table[open] tbody a").first.click()
    expect(page.locator(".list-count")).to_be_visible()


@pytest.mark.parametrize("login", ["lead", pytest.param("teamlead", marks=pytest.mark.full)])
def test_axe_finds_nothing_and_no_width_is_too_small(open_page: OpenPage, site: str, login: str) -> None:
    page = open_page("/dashboard?by=agent", login=login, site=site)
    assert barriers(page) == []
    assert overhangs(page, [f"{site}/dashboard?by={by}" for by in ("all", "agent", "criterion")]) == {}


def test_paper_has_every_table(open_page: OpenPage, site: str) -> None:
    page = open_page("/dashboard", login="lead", site=site)
    expect(page.locator(".chart[data-drawn] canvas")).to_have_count(3)
    page.emulate_media(color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    # Drawn for white paper and as wide as it is, whatever the screen is like.
    assert page.evaluate("[...document.querySelectorAll('.chart canvas')].map((one) => one.clientWidth)") == [620] * 3
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--surface')") == "#fff"
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") == 718
    expect(page.locator("details.as-table[open]")).to_have_count(4)
    expect(page.locator(".filters")).to_be_hidden()
