"""The shell in a real browser: signing in, languages, without JavaScript, on a phone, and for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from weakref import WeakSet

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, OpenPage
from tests.browser.serving import ENGLISH

pytestmark = pytest.mark.loopback

PAGES = ("/", "/me", "/nowhere", "/styleguide", "/styleguide/confirm")
WIDTHS = (390, 768, 1440)
AXE = Axe()


# Without the elements that pass, whose listing takes most of the time, and without style sheets for rules that are not run.
_ALL = {"resultTypes": ["violations"], "preload": False}
_OF_THE_LOOK = {**_ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
"""What may differ where only colours and widths do."""
_RUN = """(options) => {
    const mild = axe._audit.rules.filter((rule) => ["minor", "moderate"].includes(rule.impact));
    if (!options.runOnly) options.rules = Object.fromEntries(mild.map((rule) => [rule.id, {enabled: false}]));
    return axe.run(document, options).then((found) => found.violations);
}"""
"""Without the rules that find nothing serious."""


# Sending it with every look costs more than the page that is looked at; in this way a page has it and reads it when it is wanted.
_AXE = f"window.loadAxe = () => {{ {AXE.axe_script} }};"
_AXE_VERSION = "4.12.1"
_LOAD = """(version) => {
    if (window.axe) return;
    loadAxe();
    if (axe.version !== version)
        throw new Error(`axe-core is ${axe.version} and not ${version}: see whether _LOAD and _RUN still fit what is inside it`);
    const colour = axe.commons.color.Color.prototype, parse = colour.parseString, seen = new Map();
    colour.parseString = function (text) {
        if (seen.has(text)) [this.r, this.g, this.b, this.alpha] = seen.get(text);
        else seen.set(text, (parse.call(this, text), [this.r, this.g, this.b, this.alpha]));
        return this;
    };
}"""
"""With each colour computed once a page, without which axe takes half as long again (2.0 s instead of 1.25 for a page of
1,800 elements), since it reads the colours of our style sheets, dear and few, anew for every element."""
_KNOWS_AXE: WeakSet[Page] = WeakSet()


def barriers(page: Page, *, only_look: bool = False) -> list[str]:
    """What axe-core finds serious or critical; ``only_look`` for a page that was looked through in other colours."""
    page.wait_for_load_state()
    if page not in _KNOWS_AXE:
        page.add_init_script(_AXE)
        page.evaluate(_AXE)
        _KNOWS_AXE.add(page)
    page.evaluate(_LOAD, _AXE_VERSION)
    return [
        f"{one['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for one in page.evaluate(_RUN, _OF_THE_LOOK if only_look else _ALL)
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def overhangs(page: Page, addresses: Iterable[str]) -> dict[str, int]:
    """By how many pixels pages are wider than their window, where they are, at all widths."""
    found, widths = {}, WIDTHS
    for address in addresses:
        page.goto(address)
        found |= {f"{address} at {width}": wider for width, wider in overhangs_here(page, widths).items()}
        widths = widths[::-1]  # The next one is opened as wide as this one was left.
    return found


def overhangs_here(page: Page, widths: Iterable[int] = WIDTHS) -> dict[int, int]:
    """The same of the page that is open, by width."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            found[width] = wider
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_one_signs_in_looks_around_and_signs_out(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/me", scripts=scripts)
    expect(page).to_have_url(re.compile(r"/login\?next=/me$"))
    page.locator("#login").fill("lead")
    page.locator("#password").fill("wrong")
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    expect(page.locator("#login")).to_have_value("lead")
    expect(page.locator("#password")).to_have_value("")
    page.locator("#password").fill("lead")
    page.locator("#submit").click()
    expect(page).to_have_url(re.compile(r"/me$"))
    page.get_by_role("link", name="工作台").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("梁书瑶，您好")
    page.locator(".menu:has(.avatar) summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status")).to_have_text("您已退出登录。")


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="scripts"), pytest.param(False, id="no-scripts", marks=pytest.mark.full)]
)
def test_the_language_is_switched_where_one_stands(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/login?next=/me", scripts=scripts)
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(r"/login\?next=/me$"))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_the_chosen_language_stays_and_is_that_of_the_whole_page(open_page: OpenPage) -> None:
    page = open_page("/", login="mentor")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("link", name="Conversations", exact=True)).to_be_visible()
    words = """() => [...document.querySelectorAll("h1, h2, th, label, button, dt, summary, .way, .btn, .card-note")]
        .map((one) => one.innerText).filter((text) => /[\\u4e00-\\u9fff]/.test(text))"""
    for address in ("/me", "/conversations", "/nowhere"):
        page.goto(address)
        # Names stay as they are, and each language is called by its own name.
        left = [one for one in page.evaluate(words) if not any(name in one for name in ("叶清河", "中文"))]
        assert left == [], address
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("叶清河，您好")


def test_a_browser_that_asks_for_english_gets_it(open_page: OpenPage) -> None:
    expect(open_page("/login", language="en-GB").get_by_role("heading", level=1)).to_have_text("QA Platform")


def test_the_menu_closes_on_escape_and_on_a_click_elsewhere(open_page: OpenPage) -> None:
    page = open_page("/", login="lead")
    menu = page.locator(".menu:has(.avatar)")
    box = menu.locator(".menu-box")
    menu.locator("summary").click()
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(box).to_be_hidden()


def test_a_key_that_belongs_to_writing_chinese_is_no_command(open_page: OpenPage) -> None:
    page = open_page("/", login="lead")
    menu = page.locator(".menu:has(.avatar)")
    menu.locator("summary").click()
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        page.evaluate(
            "(given) => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true, ...given}))",
            composing,
        )
        expect(menu.locator(".menu-box")).to_be_visible()


def test_the_first_tab_leads_past_the_navigation(open_page: OpenPage) -> None:
    page = open_page("/", login="lead")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("login", [ENGLISH, pytest.param("boss", marks=pytest.mark.full)])
def test_no_page_is_wider_than_its_window(open_page: OpenPage, login: str) -> None:
    found = overhangs(open_page("/login"), ["/login"]) | overhangs(open_page("/", login=login), PAGES)
    assert found == {}


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_no_page_shuts_anybody_out_or_overhangs(open_page: OpenPage, demo: str, dark: bool, width: int) -> None:
    found = {"/login": barriers(open_page("/login", dark=dark, width=width, site=demo), only_look=dark)}
    for login, pages in (("lead", PAGES), ("agent", ("/",)), ("admin", ("/",))):
        page = open_page("/", login=login, dark=dark, width=width)
        for address in pages:
            page.goto(address)
            if address == "/":
                page.locator(".menu:has(.avatar) summary").click()
            found[f"{login} {address}"] = barriers(page, only_look=dark)
            if not dark:
                found[f"{login} {address}"] += [f"{by} px too wide at {at}" for at, by in overhangs_here(page).items()]
    assert {where: what for where, what in found.items() if what} == {}


def test_a_part_of_a_page_renews_itself_and_sends_whoever_was_signed_out_to_the_form(open_page: OpenPage) -> None:
    page = open_page("/styleguide/progress", login="lead")
    before = page.locator("#progress").inner_text()
    expect(page.locator("#progress")).not_to_have_text(before)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.context.clear_cookies(name="qaplatform_session")
    expect(page).to_have_url(re.compile(r"/login\?next=/styleguide/progress$"))


def test_a_form_is_sent_once_however_often_it_is_clicked(open_page: OpenPage) -> None:
    page = open_page("/login")
    page.locator("#login").fill("lead")
    page.locator("#password").fill("wrong")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("() => { const button = document.querySelector('#submit'); button.click(); button.click(); }")
    expect(page.get_by_role("alert")).to_be_visible()
    assert len(sent) == 1


def test_the_slash_key_goes_to_the_search_and_empty_filters_stay_out_of_the_address(open_page: OpenPage) -> None:
    page = open_page("/styleguide", login="lead")
    page.keyboard.press("/")
    expect(page.locator("#filter-q")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("退/款")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/styleguide\?q=%E9%80%80%2F%E6%AC%BE$"))


def test_the_demo_says_what_it_is_and_lets_everybody_in(open_page: OpenPage, demo: str) -> None:
    page = open_page("/login", site=demo)
    expect(page.get_by_role("note")).to_contain_text("演示环境")
    logins = page.locator(".demo-logins code").all_text_contents()
    assert "demo-agent" in logins
    for number in range(len(logins)):
        page.goto("/login")
        page.get_by_role("button", name="的身份进入").nth(number).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("您好")
        page.context.clear_cookies()
