"""A theory test is taken and passed by keyboard, with words marked in a chat; what cannot be saved is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from qaplatform import clock
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training.paper_answers import right_answer, shown_answer
from qaplatform.services.training.paper_attempts import kept_bank, paper_of
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import PaperAttempt
from qaplatform.store.training import papers as stored
from qaplatform.training.drawing import PaperItem
from qaplatform.training.questions import AnyQuestion, JudgeChat, Ordering
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here

pytestmark = pytest.mark.loopback
MARKED = """topic: wording
title: {zh: 我们的}
questions:
  - id: ours
    type: judge_chat
    task: mark
    difficulty: 1
    criterion: banned_phrase
    text: 标出客服说得不妥的词句。
    chat: |
      customer 10:00:00 能不能帮我改一下收货地址
      agent 10:00:20 您好，这个我也没办法
      customer 10:00:40 好吧
      agent 10:00:50 还有其他可以帮您的吗
    faults:
      - {criterion: banned_phrase, message: 1, quote: 我也没办法}
    explanation: 这是禁语。
"""
PAPER = """id: keys
title: {zh: 全靠键盘, en: By keys}
pass_ratio: 1
time_limit_minutes: 20
sections:
  - {count: 4, questions: [wording-02, empathy-05, empathy-08, closing-11]}
  - {count: 1, questions: [ours]}
"""


def test_a_test_is_passed_by_keyboard(open_page: OpenPage, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store, lead = Store(url), Viewer(user_id=2, name="", grants=(Grant("qa_lead"),))
    with store.writing() as session:
        for kind, code, text in (("question", "ours", MARKED), ("paper", "keys", PAPER)):
            write_text(session, lead, Writing(kind=kind, code=code, text=text), state="published", now=clock.now())  # type: ignore[arg-type]
    with serving(url, tmp_path) as address:
        page = open_page("/papers/keys", login="newhire", width=390, site=address)
        page.get_by_role("button", name="开始").press("Enter")
        expect(page.locator("#paper-number")).to_contain_text("第 1 题")
        with store.reading() as session:
            attempt = stored.attempt_of(session, session.scalars(select(PaperAttempt.id)).one())
            assert attempt is not None
            bank = kept_bank(session, stored.answers_of(session, attempt.id))
        items = paper_of(attempt).items
        for number, item in enumerate(items, start=1):
            expect(page.locator("#paper-number")).to_contain_text(f"第 {number} 题")
            expect(page.locator("form.paper-form[data-ready]")).to_be_visible()
            if item.question == "empathy-05":
                _what_is_not_saved_is_said(page)
            _answer(page, bank.questions[item.question], item)
            expect(page.locator("[data-paper-saved]")).to_have_text("已保存")
            if item.question == "ours":
                assert barriers(page) == []
                assert overhangs_here(page) == {}
            page.keyboard.press("Control+Enter")
        expect(page.locator("main")).to_contain_text("所有题目都已作答")
        page.keyboard.press("Enter")
        # The rubric is compiled then, for the first time in this server.
        expect(page.locator("main")).to_contain_text("100%", timeout=30_000)
    store.close()


def _what_is_not_saved_is_said(page: Page) -> None:
    drafts = "**/draft"
    page.route(drafts, lambda route: route.fulfill(status=418))
    page.keyboard.press("2")
    expect(page.locator("[data-paper-saved]")).to_have_text("未保存，正在重试")
    page.unroute(drafts)
    expect(page.locator("[data-paper-saved]")).to_have_text("已保存")
    page.reload()
    expect(page.locator("[data-options] input").last).to_be_checked()
    # Whoever leaves at once, before the moment of quiet is over, has answered all the same.
    address = page.url
    page.keyboard.press("1")
    page.goto(f"{address.partition('/papers')[0]}/learn")
    page.goto(address)
    expect(page.locator("[data-options] input").first).to_be_checked()
    page.keyboard.press("2")
    expect(page.locator("[data-paper-saved]")).to_have_text("已保存")


def _answer(page: Page, question: AnyQuestion, item: PaperItem) -> None:
    given = shown_answer(item, right_answer(question))
    if isinstance(question, JudgeChat):
        # Behind 您好，这个: five characters on, and four more marked with them.
        expect(page.locator("[data-marking=yes]")).to_be_visible()
        page.locator("#message-1").focus()
        for key in (*["ArrowRight"] * 5, *["Shift+ArrowRight"] * 4, "Enter"):
            page.keyboard.press(key)
        expect(page.locator("#message-1 mark")).to_have_text("我也没办法")
        return
    if isinstance(question, Ordering):
        for place, wanted in enumerate(question.steps):
            row = page.locator(".paper-step", has_text=wanted.text.zh)
            while (
                at := [one.text_content() or "" for one in page.locator(".paper-step-text").all()].index(wanted.text.zh)
            ) > place:
                row.locator("[data-move='-1']").press("ArrowUp")
                assert at
        return
    for n, text in enumerate(given.blanks, start=1):
        page.locator(f"[name=blank-{n}]").press_sequentially(text)
    for place in given.places:
        page.keyboard.press(str(place))
    if given.said is not None:
        page.keyboard.press("1" if given.said else "2")
