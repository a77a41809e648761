"""The daily log on a phone in a real browser: written by touch, read and answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import LogChat, ProblemPoint
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.mentoring import AGENT, MENTOR, fill_mentored

pytestmark = pytest.mark.loopback


@dataclass(frozen=True)
class Site:
    """A served workplace, its database, and the address of the day's log."""

    address: str
    store: Store
    day: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workplace with a mentor and a new hire who had three chats today."""
    folder = tmp_path_factory.mktemp("daily-logs")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    day = fill_mentored(store, clock.now())
    with serving(url, folder) as address:
        yield Site(address, store, str(day))
    store.close()


def test_a_log_is_written_on_a_phone_and_the_new_hire_answers(open_page: OpenPage, site: Site) -> None:
    at = f"/training/people/{AGENT}/logs/{site.day}"
    page = open_page(at, login=MENTOR, width=390, site=site.address)
    assert barriers(page) == []
    assert overhangs_here(page) == {}
    own = page.get_by_label("问题是什么", exact=True)
    own.fill("不知道退货入口在哪")  # A tap elsewhere must not take away what is typed.
    for count in (1, 2):
        page.locator(".log-toggle[aria-pressed=false]").first.click()
        expect(page.locator(".log-count")).to_have_text(f"{count} / 5")
    page.get_by_role("button", name="记为问题点").first.click()
    expect(page.locator("#points .log-point")).to_have_count(1)
    page.get_by_role("button", name="忽略").first.click()
    expect(own).to_have_value("不知道退货入口在哪")
    page.get_by_role("radio", name="系统").check()
    page.get_by_label("下一步", exact=False).first.fill("画一张后台入口图")
    page.get_by_label("今天的小结").fill("第一天，稳")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#points .log-point")).to_have_count(2)
    expect(page.get_by_label("今天的小结")).to_have_value("第一天，稳")
    with site.store.reading() as session:
        assert len(session.scalars(select(LogChat)).all()) == 2
        assert [one.cause for one in session.scalars(select(ProblemPoint).order_by(ProblemPoint.id))][1] == "system"

    newcomer = open_page("/learn/logs", login="agent", width=390, site=site.address)
    newcomer.locator("td.main a").click()
    expect(newcomer.get_by_text("画一张后台入口图")).to_be_visible()
    assert barriers(newcomer) == []
    assert overhangs_here(newcomer) == {}
    newcomer.get_by_label("回复这一条").nth(1).fill("好，明天给您看")
    newcomer.get_by_role("button", name="回复").nth(1).click()
    expect(newcomer.locator(".log-said")).to_contain_text("好，明天给您看")

    # By keyboard: to the next day and back there is nothing; the list of keys opens; chats are gone through.
    page.reload()
    expect(page.locator(".log-point.waits")).to_contain_text("好，明天给您看")
    page.keyboard.press("?")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-toggle]").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".log-count")).to_have_text("1 / 5")
    page.keyboard.press("[")
    expect(page).not_to_have_url(re.compile(site.day))
