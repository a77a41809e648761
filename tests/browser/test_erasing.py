"""A customer is erased in a real browser, by the job of a real worker; nothing they wrote is found afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qaplatform.store.engine import Store
from qaplatform.worker import HANDLERS, Worker
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import WIDTHS, barriers, overhangs_here
from tests.web.chats import chat, good, said, take_in

pytestmark = pytest.mark.loopback

CANARY = "龘靐齉爩"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The database of a workplace with a customer who wrote what nobody else writes, in conversation 1."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    words = (said("customer", f"我的{CANARY}怎么还没发货", 0), said("agent", "哦", 400), said("customer", CANARY, 500))
    take_in(store, chat("canary", *words), good())
    store.close()
    return url


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[str]:
    """Where it is served."""
    with serving(url, tmp_path) as address:
        yield address


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="scripts"), pytest.param(False, id="no-scripts", marks=pytest.mark.full)]
)
def test_an_erased_customers_words_are_found_nowhere(
    open_page: OpenPage, url: str, site: str, tmp_path: Path, scripts: bool
) -> None:
    page = open_page(f"/conversations?q={CANARY}", login="lead", scripts=scripts, site=site)
    expect(page.locator(".list-count")).to_have_text("共 1 通会话")
    page.locator(".conv-words").click()
    expect(page.locator(".chat")).to_contain_text(CANARY)
    page.get_by_role("link", name="删除这位客户的全部文字…").click()
    if scripts:
        _fits_and_raises_no_barriers(page)
    field = page.get_by_label("输入这位客户的代号，确认删除")
    field.fill("是的")
    page.get_by_role("button", name="永久删除").click()
    expect(page.locator(".field-errors")).to_contain_text("没有删除任何内容")
    hint = page.locator(".field-hint").inner_text()
    field.fill(re.findall(r"C-\w+", hint)[0])
    page.get_by_role("button", name="永久删除").click()
    expect(page).to_have_url(re.compile(r"/jobs/\d+$"))
    if scripts:
        assert barriers(page) == []

    store = Store(url)
    assert Worker(store, HANDLERS).run_one()
    store.close()
    if not scripts:
        page.reload()
    expect(page.locator("#job")).to_contain_text("已完成")
    expect(page.get_by_role("button", name="重试")).to_have_count(0)
    page.goto(f"/conversations?q={CANARY}")
    expect(page.locator("main")).to_contain_text("没有符合条件的会话")
    page.goto("/conversations/1")
    expect(page.locator(".note").first).to_contain_text("应这位客户的要求")
    expect(page.locator(".scorecard")).to_contain_text("机器初判")
    assert CANARY not in page.content()
    needles = [CANARY.encode(code) for code in ("utf-8", "utf-16-le", "gb18030")]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not [one for one in needles if one in data], file.name


def _fits_and_raises_no_barriers(page: Page) -> None:
    """The question, at every width and in both looks."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert overhangs_here(page) == {}
    for width, dark in ((WIDTHS[-1], False), (WIDTHS[0], False), (WIDTHS[0], True)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        # The page is open while its colours change: on their way they are those of neither look.
        page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
        assert barriers(page, only_look=dark) == [], (width, dark)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
