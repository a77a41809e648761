"""The conversations in a real browser: searching, looking closely, masks, phones, without JavaScript, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from qaplatform.store.engine import Store
from tests.browser.conftest import LOOKS, OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.services.test_checks import ID, wrote
from tests.services.test_checks import chat as ruled_chat
from tests.web.chats import PHONE, chat, good, quarrel, said, take_in

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a workplace with conversations in it."""
    folder = tmp_path_factory.mktemp("conversations")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    refund = chat("refund", said("customer", "什么时候退款", 9000), said("agent", "您好，今天18点前退", 9020))
    blunt = [ruled_chat(number, "亲要的话您去投诉吧") for number in range(24)]
    take_in(store, quarrel(), refund, *(good(number) for number in range(36)), *blunt)
    # Wrong so often that it is proposed as a hint, in a context that may be exempted.
    wrote(store, dict.fromkeys(range(20), ("overrule", "pass")))
    store.close()
    with serving(url, folder) as address:
        yield address


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="scripts"), pytest.param(False, id="no-scripts", marks=pytest.mark.full)]
)
def test_a_search_finds_words_of_two_characters_and_has_an_address(
    open_page: OpenPage, site: str, scripts: bool
) -> None:
    page = open_page("/conversations", login="lead", scripts=scripts, site=site)
    page.get_by_label("搜索").fill("退款")
    page.get_by_label("搜索").press("Enter")
    expect(page).to_have_url(re.compile(r"/conversations\?q=[^&]+"))
    expect(page.locator(".list-count")).to_have_text("共 1 通会话")
    expect(page.locator(".convs mark")).to_have_text("退款")
    page.get_by_role("link", name="去掉“搜索 退款”").click()
    expect(page.locator(".list-count")).to_have_text("共 62 通会话")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".convs tbody tr")).to_have_count(12)
    page.go_back()
    expect(page.locator(".convs tbody tr")).to_have_count(50)


def test_a_search_finds_one_character_an_order_and_a_nickname(open_page: OpenPage, site: str) -> None:
    page = open_page("/conversations", login="lead", site=site)
    for words, count in (("退", 1), ("2026111190817263", 1), ("buyer-refund", 1), ("查无此词", 0)):
        page.get_by_role("searchbox", name="搜索").fill(words)
        page.get_by_role("searchbox", name="搜索").press("Enter")
        expect(page).to_have_url(re.compile(r"\?q=" + re.escape(quote(words))))
        expect(page.locator(".convs tbody tr")).to_have_count(count)


def test_a_finding_leads_to_its_words_and_back(open_page: OpenPage, site: str) -> None:
    page = open_page("/conversations?failed=off_platform", login="lead", site=site)
    page.locator(".conv-words").click()
    page.locator(".crit", has_text="引流站外").locator(".quote").first.click()
    expect(page).to_have_url(re.compile(r"#spot-\d+$"))
    expect(page.locator(".spot:target")).to_be_in_viewport()
    page.locator(".spot:target").click()
    expect(page).to_have_url(re.compile(r"#finding-\d+$"))
    expect(page.locator(".spots > li:target")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("login", "may"), [("inspector", True), ("teamlead", False), pytest.param("agent", False, marks=pytest.mark.full)]
)
def test_the_mask_is_lifted_by_who_may(open_page: OpenPage, site: str, login: str, may: bool) -> None:
    page = open_page("/conversations/1", login=login, site=site)
    expect(page.locator(".chat")).to_contain_text("[手机号1]")
    button = page.get_by_role("button", name="显示个人信息")
    expect(button).to_have_count(1 if may else 0)
    if may:
        button.click()
        expect(page.locator(".chat")).to_contain_text(PHONE)
        page.get_by_role("link", name="重新打码").click()
    expect(page.locator(".chat")).not_to_contain_text(PHONE)


LOOKED_AT = (
    "/conversations?verdict=critical&q=发货", "/conversations/1", "/conversations/2?list=", "/checks?days=365",
    f"/checks/{ID}?days=365",
)  # fmt: skip


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_pages_raise_no_barriers_and_fit_their_windows(open_page: OpenPage, site: str, width: int, dark: bool) -> None:
    page = open_page("/", login="lead", width=width, dark=dark, site=site)
    found = {}
    for address in LOOKED_AT:
        page.goto(address)
        found[address] = barriers(page, only_look=dark)
        if not dark:
            found[address] += [f"{by} px too wide at {at}" for at, by in overhangs_here(page).items()]
    assert {where: what for where, what in found.items() if what} == {}
