"""A rule is changed by form, tried, replayed by a real worker and published; the next conversation is judged by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from qaplatform.audit.rubric import Rubric
from qaplatform.services.intake import work_off
from qaplatform.services.rubric_books import rubric_book
from qaplatform.store.engine import Store
from qaplatform.store.tables import AuditRow, ConversationRow, RubricVersion
from qaplatform.worker import HANDLERS, Worker
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.runs import Run, chat, register, write_jsonl

pytestmark = pytest.mark.loopback
CURT = "customer 10:00:00 这个充电宝坐飞机怎么带\nagent 10:00:20 您好，机场见"


def test_a_rule_changed_by_form_judges_the_next_conversation(open_page: OpenPage, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    past = [chat(f"c{n}", *CURT.replace("您好，", "").split("\n")) for n in range(12)]
    work_off(_Run(store), register(store, write_jsonl(tmp_path / "past.jsonl", past)))
    with serving(url, tmp_path) as address:
        page = open_page("/rubrics", login="lead", site=address)
        page.get_by_role("button", name="新建草稿").first.click()
        edit = page.url.split("?")[0]

        # Changed by form: a word more in a list, with a mistake on the way.
        page.goto(f"{edit}?file=sections/response.yaml&item=greeting")
        page.get_by_label("分值", exact=True).fill("viel")
        page.get_by_role("button", name="保存表单").click()
        expect(page.locator("#f-weight-errors")).to_contain_text("weight 应为数字")
        expect(page.locator(".yaml-faulty")).to_contain_text("weight: viel")
        assert barriers(page) == []
        page.locator("#f-weight").fill("9")
        page.locator("#f-critical").check()
        page.get_by_role("button", name="保存表单").click()
        expect(page.locator("main")).to_contain_text("已保存。")
        expect(page.locator("#f-weight-errors")).to_have_count(0)
        assert barriers(page) == []
        assert overhangs_here(page) == {}

        # Tried on a chat.
        draft = edit.removesuffix("/edit")
        page.goto(f"{draft}/try")
        page.locator("#chat").fill(CURT.replace("您好，", ""))
        page.get_by_role("button", name="试评", exact=True).click()
        expect(page.locator(".row-differs").first).to_contain_text("问候")
        assert barriers(page) == []

        # Replayed by a worker.
        page.goto(f"{draft}/replays")
        page.get_by_role("button", name="开始回放").click()
        expect(page).to_have_url(re.compile(r"/rubrics/replays/\d+$"))
        worker = Worker(store, HANDLERS)
        while worker.run_one():
            pass
        page.reload()
        expect(page.locator("main")).to_contain_text("结论改变的会话")
        assert barriers(page) == []

        # Published.
        page.goto(draft)
        assert barriers(page) == []
        page.get_by_role("link", name="发布", exact=True).click()
        assert barriers(page) == []
        page.locator("#note").fill("没有问候的会话一票否决。")
        page.locator("#submit").click()
        expect(page.locator("main")).to_contain_text("第 1 次发布")
        assert barriers(page) == []

        # The next conversation is judged by it, and agents are told.
        assert _next_conversation(store, tmp_path).criterion("greeting").critical
        _read_the_notice(open_page, address)
    store.close()


def _read_the_notice(open_page: OpenPage, address: str) -> None:
    home = open_page("/", login="agent", site=address)
    expect(home.locator(".rubric-notice")).to_contain_text("没有问候的会话一票否决。")
    assert barriers(home) == []
    home.get_by_role("button", name="我知道了").click()
    expect(home.locator(".rubric-notice")).to_have_count(0)


class _Run(Run):
    """A job that begins."""

    done = 0


def _next_conversation(store: Store, folder: Path) -> Rubric:
    """Take in a conversation of the day after; the rubric that judged it."""
    given = chat("next", *CURT.split("\n"), day="2099-01-01")
    work_off(_Run(store), register(store, write_jsonl(folder / "next.jsonl", [given])))
    with store.reading() as session:
        asked = (
            select(RubricVersion.content_hash)
            .join(AuditRow, AuditRow.rubric_version_id == RubricVersion.id)
            .join(ConversationRow, ConversationRow.audit_id == AuditRow.id)
            .where(ConversationRow.source_id == "next")
        )
        return rubric_book(session).all()[session.scalars(asked).one()].rubric
