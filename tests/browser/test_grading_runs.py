"""A lead has a model asked about flagged chats, watches it finish, and opens one of them; in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qaplatform.store.engine import Store
from qaplatform.testing.fake_llm import FakeLLM
from qaplatform.worker import BESIDE, Worker
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.graded import CAUSE, EMPATHY, answering, endpoint_at, publish_questions
from tests.reviewed import conversation
from tests.web.chats import good, quarrel, take_in

pytestmark = pytest.mark.loopback


def test_flagged_chats_are_asked_about_and_the_page_follows(open_page: OpenPage, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    publish_questions(store)
    take_in(store, quarrel(), good())
    with FakeLLM(answering({EMPATHY: "no", CAUSE: "yes"})) as server, serving(url, tmp_path) as address:
        endpoint_at(store, server.base_url)
        page = open_page("/grader/runs", login="lead", site=address)
        assert barriers(page) == []
        page.get_by_role("link", name="请模型回答").first.click()
        page.locator("#since").fill("2026-11-01")
        page.locator("#until").fill("2026-11-30")
        assert barriers(page) == []
        assert overhangs_here(page) == {}
        page.get_by_role("button", name="试算费用").click()
        expect(page.locator("main")).to_contain_text("其中 1 通要问")
        assert barriers(page) == []
        page.get_by_role("button", name="开始提问").click()
        expect(page).to_have_url(re.compile(r"/grader/runs/\d+$"))
        expect(page.locator("#run .pill").first).to_have_text("等待中")
        assert barriers(page) == []

        for handlers in BESIDE:
            Worker(store, handlers).run_one()
        # Nobody reloads: the page itself notices, and rests afterwards.
        expect(page.locator("#run .pill").first).to_have_text("已完成")
        expect(page.locator("#run[hx-trigger]")).to_have_count(0)
        expect(page.locator(".answer-bad")).to_have_text(re.compile("共情真诚\\s*否"))
        assert barriers(page) == []
        assert overhangs_here(page) == {}
        page.locator("#run td.main a").click()
        expect(page).to_have_url(re.compile(f"/conversations/{conversation(store).id}$"))
    store.close()
