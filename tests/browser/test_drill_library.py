"""A drill is written by form, mended where its example does not fit, tried, published, met by a new hire, and an older one put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qaplatform import clock
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training.settings import DRILL_SECONDS, TrainingSettings, keep_training_settings
from qaplatform.store.engine import Store
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here

pytestmark = pytest.mark.loopback
# The rubric is compiled for the first time in this server, and the reader of replies loaded.
PATIENCE_MS = 60_000
PAGE = "/drills/authored/own-1"
ASKED, ASKED_LATER = "我想换成蓝色的", "我想换成绿色的"
UNFIT = "不可能的事"
GOOD = "包裹已经出库，颜色我这边改不了，到货后可以免费给您换蓝色，您看可以吗？"
OWN = "您好，包裹已经出库，颜色改不了了，到货后可以免费给您换蓝色，您看可以吗？"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a workplace where a drill may take as long as the machine needs."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store, lead = Store(url), Viewer(user_id=2, name="", grants=(Grant("qa_lead"),))
    with store.writing() as session:
        settings = TrainingSettings(drill_seconds=DRILL_SECONDS[1])
        keep_training_settings(session, settings, by=lead, now=clock.now())
    store.close()
    with serving(url, tmp_path) as address:
        yield address


def test_a_drill_is_written_published_practised_and_put_back(open_page: OpenPage, site: str) -> None:
    mentor, lead = (_patient(open_page("/drills/authored", login=one, site=site)) for one in ("mentor", "lead"))
    _draft(mentor)
    _cannot_be_published(lead)
    _mend(mentor)
    _try(mentor)

    lead.goto(f"{PAGE}/edit")
    _publish(lead)
    _practise(_patient(open_page("/drills", login="newhire", site=site)))

    lead.goto(f"{PAGE}/edit")
    lead.locator("#zh-chat").fill(f"客户：{ASKED_LATER}")
    _publish(lead)
    expect(_shown(lead)).to_contain_text(ASKED_LATER)
    _put_back(lead)
    _drop_a_draft(lead)


def _patient(page: Page) -> Page:
    page.set_default_timeout(PATIENCE_MS)
    page.set_default_navigation_timeout(PATIENCE_MS)
    return page


def _main(page: Page) -> Locator:
    return page.locator("main")


def _shown(page: Page) -> Locator:
    """The situation as a new hire sees it."""
    return page.locator(".drill-chat").first


def _draft(page: Page) -> None:
    """By the form; what is wrong with an example stands beside it."""
    page.get_by_role("link", name="新练习题").click()
    expect(page.locator("#code")).to_have_value("own-1", timeout=PATIENCE_MS)
    page.locator("#criterion").select_option("root_cause")
    page.locator("#title_zh").fill("要换颜色")
    page.locator("#zh-chat").fill(f"客户：{ASKED}")
    page.locator("#zh-panel").fill("已出库；可到货后免费换色")
    page.locator("#zh-good").fill(UNFIT)
    page.locator("#zh-bad").fill("不可能，已经发货了。")
    for act in ("offers", "explains"):
        page.locator(f"[name=musts-0-acts][value={act}]").check()
    page.get_by_role("button", name="存为草稿并检查").click()
    expect(page).to_have_url(re.compile(f"{PAGE}/edit$"), timeout=PATIENCE_MS)
    expect(page.locator("#zh-good-errors")).to_contain_text("这句回答应当通过这个练习，却没有")
    example = page.locator(".drill-examples > li", has_text=UNFIT)
    expect(example.locator(".pill")).to_have_text("不符合预期：未通过")
    expect(example.locator("details")).to_have_attribute("open", "")
    assert barriers(page) == []
    # A mentor leaves publishing to the lead.
    expect(page.get_by_role("button", name="发布", exact=True)).to_have_count(0)


def _cannot_be_published(lead: Page) -> None:
    lead.goto(f"{PAGE}/edit")
    lead.get_by_role("button", name="发布", exact=True).click()
    expect(_main(lead)).to_contain_text("内容还有错误，改正后才能发布", timeout=PATIENCE_MS)
    expect(lead.locator("#zh-good-errors")).to_contain_text("这句回答应当通过这个练习")
    lead.goto(PAGE)
    expect(_main(lead)).to_contain_text("没有发布过")


def _mend(page: Page) -> None:
    page.locator("#zh-good").fill(GOOD)
    page.get_by_role("button", name="检查并预览").click()
    expect(_main(page)).to_contain_text("没有错误。", timeout=PATIENCE_MS)
    expect(page.locator("#zh-good-errors")).to_have_count(0)
    expect(page.locator(".drill-examples > li", has_text=GOOD).locator(".pill")).to_have_text("符合预期：通过")
    assert overhangs_here(page) == {}
    page.get_by_role("button", name="存为草稿").click()
    expect(page).to_have_url(re.compile(f"{PAGE}$"), timeout=PATIENCE_MS)


def _try(page: Page) -> None:
    page.get_by_role("link", name="试一试").click()
    _answer(page)
    expect(page.get_by_role("link", name="再试一次")).to_be_visible()
    assert barriers(page) == []


def _answer(page: Page) -> None:
    """Answer the drill that is shown; it passes."""
    expect(_shown(page)).to_contain_text(ASKED, timeout=PATIENCE_MS)
    page.locator("form[data-drill] #text").fill(OWN)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".drill-own")).to_contain_text(OWN, timeout=PATIENCE_MS)
    expect(_main(page).get_by_text("通过", exact=True).first).to_be_visible()
    expect(page.locator(".drill-good")).to_have_text(GOOD)


def _publish(page: Page) -> None:
    page.get_by_role("button", name="发布", exact=True).click()
    expect(_main(page)).to_contain_text("已发布，之后的练习用这一版。", timeout=PATIENCE_MS)


def _practise(newhire: Page) -> None:
    """The criterion has no other drill."""
    newhire.get_by_role("row", name="根因查明").get_by_role("button", name="练这一项").click()
    expect(newhire).to_have_url(re.compile(r"/drills/answers/\d+\?criterion=root_cause$"), timeout=PATIENCE_MS)
    _answer(newhire)


def _put_back(lead: Page) -> None:
    """The first of the two published versions stands again."""
    lead.locator(".tabs").get_by_role("link", name="编辑").click()
    expect(lead.locator("#zh-chat")).to_have_value(re.compile(ASKED_LATER), timeout=PATIENCE_MS)
    published = lead.get_by_role("table", name="历史版本").get_by_role("row").filter(has_text="已发布")
    expect(published).to_have_count(2)
    published.last.get_by_role("link").click()
    expect(lead.locator("#zh-chat")).to_have_value(re.compile(ASKED), timeout=PATIENCE_MS)
    _publish(lead)
    expect(_shown(lead)).to_contain_text(ASKED)


def _drop_a_draft(lead: Page) -> None:
    """What was not published is put aside; what stands stays."""
    drop = lead.get_by_role("link", name="放弃草稿")
    expect(drop).to_have_count(0)
    lead.locator(".tabs").get_by_role("link", name="编辑").click()
    lead.locator("#title_zh").fill("不要了")
    lead.get_by_role("button", name="存为草稿").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("不要了", timeout=PATIENCE_MS)
    drop.click()
    expect(_main(lead)).to_contain_text("已发布的内容不受影响。", timeout=PATIENCE_MS)
    lead.get_by_role("button", name="放弃草稿").click()
    expect(_main(lead)).to_contain_text("草稿已放弃。", timeout=PATIENCE_MS)
    expect(lead.get_by_role("heading", level=1)).to_have_text("要换颜色")
    expect(drop).to_have_count(0)
