"""From a plan to a submitted review by keyboard alone with a Chinese input method, and blind work, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Note, Review, Ruling, Sample, User, WorkItem
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_desk import Site
from tests.web.chats import good, quarrel, take_in

pytestmark = pytest.mark.loopback
MOST_TABS = 60
ORDER = "2026111190817263"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workplace with two chats of the inspector's shop."""
    folder = tmp_path_factory.mktemp("plan")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    take_in(store, quarrel(), good())
    with serving(url, folder) as address:
        yield Site(address, store)
    store.close()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    expect(target).to_have_count(1)
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def write_chinese(page: Page, letters: str, text: str) -> None:
    """Write with an input method whose keys, also those that end it, are commands elsewhere: they must do nothing."""
    session = page.context.new_cdp_session(page)
    for until in range(1, len(letters) + 1):
        session.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": letters[until - 1], "windowsVirtualKeyCode": 229}
        )
        session.send(
            "Input.imeSetComposition", {"text": letters[:until], "selectionStart": until, "selectionEnd": until}
        )
    for key, held in (("Escape", 0), ("Enter", 0), ("Enter", 2), ("?", 0)):
        session.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "modifiers": held, "windowsVirtualKeyCode": 229},
        )
    session.send("Input.insertText", {"text": text})


def test_a_plan_becomes_a_submitted_review_by_keyboard_alone(open_page: OpenPage, site: Site) -> None:
    lead = open_page("/", login="lead", site=site.address)
    for target in (
        lead.get_by_role("navigation").get_by_role("link", name="抽检", exact=True),
        lead.get_by_role("link", name="新建计划").first,
    ):
        tab_to(lead, target)
        lead.keyboard.press("Enter")
        lead.wait_for_load_state()
    tab_to(lead, lead.locator("#name"))
    write_chinese(lead, "mry", "每日一抽")
    lead.keyboard.press("Tab")
    lead.keyboard.press("ArrowUp")  # 不限: the chats are of a day that does not move.
    expect(lead.get_by_label("不限")).to_be_checked()
    tab_to(lead, lead.get_by_label("顾安然", exact=True))
    lead.keyboard.press("Space")
    tab_to(lead, lead.get_by_role("button", name="保存并立即抽取"))
    lead.keyboard.press("Enter")
    expect(lead.get_by_text("计划已保存，会话已抽取。")).to_be_visible()

    page = open_page("/", login="inspector", site=site.address)
    tab_to(page, page.get_by_role("navigation").get_by_role("link", name=re.compile("^待办")))
    page.keyboard.press("Enter")
    expect(page.locator(".desk-item-name")).to_have_count(2)
    tab_to(page, page.locator(".desk-item-name").first)
    page.keyboard.press("Enter")
    required = page.locator(".rules").first.locator(":scope > [data-rule]")
    expect(required.first).to_be_focused()
    address, text = page.url, page.locator("[name=comment-text]")
    page.keyboard.press("c")
    write_chinese(page, "xyw", "先安抚客户")
    expect(text).to_be_focused()
    expect(text).to_have_value("先安抚客户")
    expect(page.locator("[data-keys]")).to_be_hidden()
    assert page.url == address
    assert page.locator(".rules input[type=radio]:checked:not([value=''])").count() == 0
    page.keyboard.press("Escape")
    for _ in range(required.count()):
        page.keyboard.press("y")
    expect(page.locator("[data-submit]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page).not_to_have_url(address)
    with site.store.reading() as session:
        review, item, sample = session.execute(
            select(Review, WorkItem, Sample)
            .join(WorkItem, WorkItem.id == Review.work_item_id)
            .join(Sample, Sample.id == WorkItem.sample_id)
        ).one()
        assert session.get_one(User, review.user_id).login == "inspector"
        assert session.get_one(ConversationRow, review.conversation_id).source_id == "quarrel"
        assert (review.draw, item.draw, item.state) == ("random", "random", "done")
        assert sample.id == int(lead.url.rpartition("/")[2])
        kinds = session.scalars(select(Ruling.kind).where(Ruling.review_id == review.id)).all()
        assert set(kinds) == {"confirm"}
        assert session.scalars(select(Note.text)).all() == ["先安抚客户"]


def test_blind_work_shows_the_machine_only_after_it_is_submitted(open_page: OpenPage, site: Site) -> None:
    item = site.item("quarrel", "lead", is_blind=True, draw="priority")
    page = open_page("/desk", login="lead", site=site.address)
    told = ("不合格", "裁定后", "机器：", "机器没有", "优先级", "按风险抽取", "等了", "客户不满", ORDER, "399.5")
    for address in ("/desk", f"/desk/{item}"):
        page.goto(address)
        shown = page.locator("#content").evaluate("one => one.textContent")
        assert "盲评" in shown
        assert [one for one in told if one in shown] == [], address
        expect(page.locator(".spot, .result, .line-margin, .minimap, [value=confirm]")).to_have_count(0)
    with site.store.reading() as session:
        conversation = session.get_one(WorkItem, item).conversation_id
    page.goto(f"/conversations/{conversation}")  # It tells what the machine said, and leads back.
    expect(page).to_have_url(re.compile(f"/desk/{item}$"))
    page.locator('[name="ruling:off_platform"][value="fail"]').check(force=True)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/desk$"))
    page.get_by_role("link", name="已完成").click()
    expect(page.locator(".desk-items")).to_contain_text("一票否决")
    page.locator(".desk-item-name").click()
    expect(page.locator(".about")).to_contain_text(ORDER)
    expect(page.locator(".reviewed")).to_contain_text("机器")
    expect(page.locator(".reviewed")).to_contain_text("按风险抽取")
    expect(page.locator(".spot").first).to_be_visible()
