"""A customer is erased in a real browser, by the job of a real worker; nothing they wrote is found afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qaplatform.store.engine import Store
from qaplatform.worker import HANDLERS, Worker
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import WIDTHS, barriers
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


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_erased_customers_words_are_found_nowhere(
    open_page: OpenPage, url: str, site: str, tmp_path: Path, scripts: bool
) -> None:
    page = open_page(f"/conversations?q={CANARY}", login="lead", scripts=scripts, site=site)
    expect(page.locator(".list-count")).to_have_text("共 1 通会话")
    page.locator(".conv-words").click()
    expect(page.locator(".chat")).to_contain_text(CANARY)
    page.get_by_role("link", name="删除这位客户的全部文字…").click()
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


def test_the_question_fits_and_raises_no_barriers(open_page: OpenPage, site: str) -> None:
    for width, dark in (*((width, False) for width in WIDTHS), (WIDTHS[0], True)):
        page = open_page("/admin/customers/1/erase?conversation=1", login="lead", width=width, dark=dark, site=site)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, dark)
        assert barriers(page, only_look=dark) == [], (width, dark)
