"""From the desk a model is asked, its answers come in beside the draft, and one key takes one over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, GradingRun, Review, Ruling, User, WorkItem
from qaplatform.testing.fake_llm import FakeLLM
from tests.browser.conftest import OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers, overhangs_here
from tests.graded import answering, endpoint_at, run_job
from tests.graded_chats import EMPATHY, SOLUTION, publish_questions
from tests.web.chats import good, take_in

pytestmark = pytest.mark.loopback


def test_an_inspector_asks_the_model_and_takes_its_answer_over_by_key(open_page: OpenPage, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, conversations=0)
    store = Store(url)
    publish_questions(store)
    take_in(store, good())
    with store.writing() as session:
        row = session.scalars(select(ConversationRow)).one()
        user_id = session.scalars(select(User.id).where(User.login == "lead")).one()
        item = WorkItem(
            conversation_id=row.id,
            revision=1,
            audit_id=row.audit_id,
            user_id=user_id,
            draw="random",
            created_at=clock.now(),
        )
        session.add(item)
        session.flush()
        item_id = item.id
    with FakeLLM(answering({EMPATHY: "no", SOLUTION: "yes"})) as server, serving(url, tmp_path) as site:
        endpoint_at(store, server.base_url)
        page = open_page(f"/desk/{item_id}", login="lead", site=site)
        page.keyboard.press("s")
        page.keyboard.type("先记一笔")
        page.get_by_role("button", name="问问模型").click()
        expect(page.locator("#asking")).to_contain_text("正在问模型")
        page.locator("[name=summary]").fill("先记一笔，再想想")
        with store.reading() as session:
            run_id = session.scalars(select(GradingRun.id)).one()
        run_job(store, run_id)
        rule = page.locator(f"#criterion-{EMPATHY}")
        expect(rule.locator(".suggestion")).to_contain_text("不通过")
        expect(page.locator("#asking")).to_contain_text("模型已回答")
        expect(page.locator("[name=summary]")).to_have_value("先记一笔，再想想")
        assert overhangs_here(page) == {}
        assert barriers(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("m")
        expect(rule.locator("input[value=fail]")).to_be_checked()
        expect(page.locator(f"#criterion-{SOLUTION}")).to_be_focused()
        page.keyboard.press("x")  # Another answer is as quick.
        page.keyboard.press("Control+Enter")
        expect(page).to_have_url(re.compile("/desk$"))
    with store.reading() as session:
        review = session.scalars(select(Review)).one()
        rulings = {one.criterion: (one.kind, one.to_outcome) for one in session.scalars(select(Ruling))}
    store.close()
    assert review.summary == "先记一笔，再想想"
    assert rulings == {EMPATHY: ("answer", "fail"), SOLUTION: ("answer", "fail")}
