"""A real chat becomes a scenario: made on its page, a mistake mended, answered in the browser, kept as its reference, published."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qaplatform.store.engine import Store
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.web.chats import PHONE, chat, said, take_in

pytestmark = pytest.mark.loopback
REPLIES = (
    "您好，我是客服小周。满心期待的杯子碎成这样，换谁都会生气，真的很抱歉让您失望了。",
    "麻烦拍一张破损的照片给我，订单号也请发一下，我马上核对。",
    "照片看到了，对不起。我现在就给您补发一套新的，走顺丰，明天18:00前送到您家。",
    "补发已经提交好了。请问还有其他可以帮您的吗？",
)
FILLED = {
    "TODO 一句话写清练什么：先安抚，问清什么，给什么方案和时间": "先安抚，看照片，补发并给时间",
    "TODO 客户是谁、为什么急": "朋友来家里要用的杯子碎了",
    "TODO [图片：图里看得到什么]": "[图片：三只杯子碎了]",
    "TODO {order}，商品、实付、签收时间": "{order}，马克杯一套，昨天签收",
    "TODO 现在到哪了，什么时候能到": "补发走顺丰，明天18:00前送达",
    "TODO 这种情况店里怎么规定": "凭照片补发，运费店铺承担",
}


def test_a_real_chat_becomes_a_scenario(open_page: OpenPage, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    take_in(
        store,
        chat(
            "cups",
            said("customer", "杯子碎了！！气死我了", 0),
            said("customer", f"怎么赔？我电话{PHONE}", 3),
            said("agent", "麻烦拍张照片给我，订单号也发一下", 200),
            said("customer", "[图片]", 220, kind="image"),
            said("customer", "订单2610140012345", 230),
            said("agent", "尽快给您补发", 400),
            said("customer", "行吧", 420),
        ),
    )
    store.close()
    with serving(url, tmp_path) as address:
        page = open_page("/conversations/1", login="lead", site=address)
        page.get_by_role("button", name="做成场景").click()
        expect(page).to_have_url(re.compile(r"/scenarios/from-chat-1/edit$"))
        _write(page)
        _answer(page, address)
        page.get_by_role("link", name="发布", exact=True).click()
        expect(page.locator(".checklist .task-met")).to_have_count(4)
        page.get_by_label("我已通读").check()
        page.locator("#submit").click()
        expect(page.locator("main")).to_contain_text("场景已发布")


def _write(page: Page) -> None:
    """Finish the text, with a mistake on the way that is shown at its line."""
    text = page.locator("#yaml").input_value()
    assert PHONE not in text
    for todo, words in FILLED.items():
        assert todo in text
        text = text.replace(todo, words)
    text = text.replace("opening:\n", 'opening:\n  - ["收到就是碎的，太失望了！怎么赔？"]\n')
    page.locator("#yaml").fill(text.replace("goto: agreed", "goto: agred"))
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator(".problem-error").first).to_contain_text("没有“agred”这个步骤，是不是想写“agreed”？")
    expect(page.locator(".yaml-faulty", has_text="goto: agred")).to_have_count(1)
    assert overhangs_here(page) == {}
    assert barriers(page) == []
    page.locator("#yaml").fill(text)
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator("main")).to_contain_text("已保存。")
    expect(page.locator(".problem-error")).to_have_count(0)


def _answer(page: Page, address: str) -> None:
    """Play it, and keep what was played as the good reference."""
    page.goto(f"{address}/scenarios/from-chat-1/try")
    for reply in REPLIES:
        page.locator("#text").fill(reply)
        page.get_by_role("button", name="发送").click()
        expect(page.locator(".played")).to_contain_text(reply)
    expect(page.locator(".score-line")).to_contain_text("通过")
    assert barriers(page) == []
    page.get_by_role("button", name="存为好的参考").click()
    expect(page.locator("#references .pill-pass").first).to_contain_text("达到要求")
