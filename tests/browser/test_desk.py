"""The review desk in a real browser: by keyboard alone, with a Chinese input method, drafts, conflicts, phones, no scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import AddedFinding, ConversationRow, Note, Review, Ruling, User, UserRole, WorkItem
from tests.browser.conftest import OpenPage
from tests.browser.serving import FLAGS, fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.people import QUICK
from tests.web.chats import endless, good, quarrel, take_in

pytestmark = pytest.mark.loopback


INSPECTORS = {
    "keys": "方若溪", "words": "钱一鸣", "crash": "卢思远", "first": "曾可可", "second": "邱明哲", "whole": "汪子涵", "plain": "丁小满",
    "notice": "温如玉",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A served workplace and its database."""

    address: str
    store: Store

    def item(self, source_id: str, login: str, draw: str = "random", **more: object) -> int:
        """A new item of somebody's."""
        with self.store.writing() as session:
            row = session.scalars(select(ConversationRow).where(ConversationRow.source_id == source_id)).one()
            user = session.scalars(select(User.id).where(User.login == login)).one()
            new = WorkItem(
                conversation_id=row.id, revision=1, audit_id=row.audit_id, user_id=user, draw=draw,
                created_at=clock.now(), due_at=clock.now() + timedelta(days=1), **more,
            )  # fmt: skip
            session.add(new)
            session.flush()
            return new.id

    def review_id(self, login: str) -> int:
        """The one review that somebody gave."""
        with self.store.reading() as session:
            asked = select(Review.id).join(User, User.id == Review.user_id).where(User.login == login)
            return session.scalars(asked).one()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workplace with a quarrel, an endless chat and good ones, and inspectors of which every test has its own."""
    folder = tmp_path_factory.mktemp("desk")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    with store.writing() as session:
        for login, name in INSPECTORS.items():
            user = User(login=login, name=name, password_hash=QUICK.hashed(login), created_at=clock.now())
            session.add(user)
            session.flush()
            session.add(UserRole(user_id=user.id, role="qa_lead"))
    take_in(store, quarrel(), endless(60), *(good(number) for number in range(3)))
    with serving(url, folder) as address:
        yield Site(address, store)
    store.close()


def compose(page: Page, text: str) -> None:
    """Write with an input method: its keys must be no commands of the page."""
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "xy", "selectionStart": 2, "selectionEnd": 2})
    session.send("Input.insertText", {"text": text})


def test_a_chat_is_ruled_by_keyboard_alone_and_the_next_opens(open_page: OpenPage, site: Site) -> None:
    first, second = site.item("quarrel", "keys"), site.item("good-0", "keys")
    page = open_page(f"/desk/{first}", login="keys", site=site.address)
    required = page.locator(".rules").first.locator(":scope > [data-rule]")
    expect(required.first).to_be_focused()
    count = required.count()
    page.keyboard.press("x")  # the first is no fault, because …
    compose(page, "客户已经撤回")
    page.keyboard.press("Enter")
    expect(required.nth(1)).to_be_focused()
    page.keyboard.press("w")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(required.nth(1).locator("select").first).to_have_value("system")
    page.keyboard.press("3")
    expect(required.nth(2)).to_be_focused()
    for _ in range(count - 2):
        page.keyboard.press("y")
    expect(page.locator("[data-submit]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(rf"/desk/{second}$"))
    review_id = site.review_id("keys")
    with site.store.reading() as session:
        rulings = {one.criterion: one for one in session.scalars(select(Ruling).where(Ruling.review_id == review_id))}
        assert {one.kind for one in rulings.values()} == {"overrule", "not_the_agent", "confirm"}
        assert [one.reason for one in rulings.values() if one.kind == "overrule"] == ["客户已经撤回"]


def test_words_are_selected_and_commented_by_keyboard(open_page: OpenPage, site: Site) -> None:
    item = site.item("good-0", "words")
    page = open_page(f"/desk/{item}", login="words", site=site.address)
    page.keyboard.press("]")
    page.keyboard.press("]")  # 您好，我是小苏，…
    page.keyboard.press("v")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("document.getSelection().toString()") == "我是小苏"
    page.keyboard.press("a")
    expect(page.locator("[name=new-words]")).to_have_value("我是小苏")
    expect(page.locator("[name=new-criterion]")).to_be_focused()
    page.locator("[name=new-criterion]").select_option("greeting")
    page.keyboard.press("Tab")
    compose(page, "没报店名")
    page.keyboard.press("Enter")
    expect(page.locator(".made")).to_contain_text("“我是小苏” 没报店名")
    expect(page.locator("[data-keys-open]")).to_be_visible()
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("b")
    compose(page, "有现货说得清楚")
    page.get_by_role("button", name="添加").nth(1).click()
    expect(page.locator(".made").nth(1)).to_contain_text("有现货说得清楚")
    expect(page.locator("[data-keys-open]")).to_be_visible()  # The keys are there again.
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/desk$"))
    with site.store.reading() as session:
        added = session.scalars(select(AddedFinding)).one()
        assert (added.message_number, added.start, added.end) == (1, 3, 7)
        note = session.scalars(select(Note)).one()
        assert (note.kind, note.message_number) == ("praise", 1)


def test_a_draft_outlives_the_browser(chromium: str, site: Site) -> None:
    item = site.item("quarrel", "crash")
    script = (
        "import sys, os\n"
        "from playwright.sync_api import sync_playwright\n"
        "chromium, site, item, *flags = sys.argv[1:]\n"
        "play = sync_playwright().start()\n"
        "page = play.chromium.launch(executable_path=chromium, args=flags).new_page(base_url=site)\n"
        "page.goto('/login'); page.fill('#login', 'crash'); page.fill('#password', 'crash'); page.click('#submit')\n"
        "page.goto(f'/desk/{item}'); page.keyboard.press('y'); page.fill('[name=summary]', '写到一半')\n"
        "page.wait_for_timeout(4500)\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, chromium, site.address, str(item), *FLAGS], check=False, timeout=90)
    with site.store.reading() as session:
        kept = session.get_one(WorkItem, item)
        assert kept.state == "draft"
        assert kept.draft["summary"] == "写到一半"
        assert len(kept.draft["answers"]) == 1


def test_two_inspectors_are_told_of_each_other(open_page: OpenPage, site: Site) -> None:
    mine, theirs = site.item("quarrel", "first"), site.item("quarrel", "second")
    page = open_page(f"/desk/{mine}", login="first", site=site.address)
    other = open_page(f"/desk/{theirs}", login="second", site=site.address)
    for one in (other, page):
        expect(one.locator("[data-rule]").first).to_be_focused()
        for _ in range(one.locator(".rules").first.locator(":scope > [data-rule]").count()):
            one.keyboard.press("y")
        one.keyboard.press("Control+Enter")
    expect(other).to_have_url(re.compile(r"/desk$"))
    expect(page.get_by_text("您处理期间，邱明哲 已提交复核")).to_be_visible()
    page.wait_for_load_state("load")  # Keys are heard once the page's modules have run.
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/desk$"))
    assert site.review_id("first") > site.review_id("second")


def test_the_customer_is_a_key_away_and_an_agent_is_told_and_answers(open_page: OpenPage, site: Site) -> None:
    item = site.item("good-1", "notice")
    page = open_page(f"/desk/{item}", login="notice", site=site.address)
    page.keyboard.press("i")
    panel = page.locator(".desk-customer-box")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("该客户和同一事项的其他会话")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".line-margin").first).to_contain_text("承诺")
    page.keyboard.press("b")
    compose(page, "有现货说得清楚")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/desk$"))
    agent = open_page("/", login="agent", site=site.address)
    news = int(agent.locator(".way-count").inner_text())  # Other tests here review chats of the same agent.
    agent.get_by_role("link", name="我的结果").first.click()
    assert barriers(agent) == []
    assert overhangs_here(agent) == {}
    agent.locator(".desk-item-name").first.click()
    expect(agent.locator(".reviewed")).to_contain_text("有现货说得清楚")
    agent.get_by_role("button", name="确认结果").click()
    expect(agent.locator(".reviewed-answer")).to_contain_text("已确认")
    expect(agent.locator(".way-count")).to_have_text([str(news - 1)] if news > 1 else [])
    agent.get_by_label("回复质检").fill("谢谢，会继续")
    agent.get_by_role("button", name="回复", exact=True).click()
    expect(agent.locator(".reviewed")).to_contain_text("谢谢，会继续")
    with site.store.reading() as session:
        id = session.get_one(WorkItem, item).conversation_id
    page.goto(f"/conversations/{id}")
    expect(page.locator(".reviewed")).to_contain_text("谢谢，会继续")


def test_the_desk_is_whole_for_everybody(open_page: OpenPage, site: Site) -> None:
    addresses = ["/desk"]
    for source_id, is_blind in (("quarrel", False), ("quarrel", True), ("endless", False)):
        addresses.append(f"/desk/{site.item(source_id, 'whole', is_blind=is_blind)}")
    page = open_page("/desk", login="whole", site=site.address)
    for address in addresses:
        page.goto(address)
        assert barriers(page) == [], address
        assert overhangs_here(page) == {}, address
    page.goto(addresses[1])
    page.keyboard.press("?")
    expect(page.locator("[data-keys]")).to_be_visible()
    # On a busy machine the backdrop may still be on its way, and what shines through it has other colours.
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    assert barriers(page) == []


def test_without_scripts_a_chat_is_reviewed_by_its_form(open_page: OpenPage, site: Site) -> None:
    item = site.item("quarrel", "plain")
    page = open_page(f"/desk/{item}", login="plain", scripts=False, site=site.address)
    for rule in page.locator(".rules").first.locator(":scope > [data-rule]").all():
        rule.get_by_label("维持", exact=True).check()
    page.get_by_label("总评").fill("先安抚，再解决")
    page.get_by_role("button", name=re.compile("提交并处理下一通")).click()
    expect(page).to_have_url(re.compile(r"/desk$"))
    with site.store.reading() as session:
        assert session.get_one(Review, site.review_id("plain")).summary == "先安抚，再解决"
