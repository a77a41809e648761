"""Putting drafts aside in the browser: papers, lessons, paths, the focus; those of other kinds are with their own pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import LearningText, PaperAttempt
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn

pytestmark = ONLY_SQLITE
PAPER = "id: own-1\ntitle: {zh: 新, en: New}\n"
CASES = [
    (
        "/papers/authored/own-1",
        "/papers/authored/own-1/drop",
        {"text": PAPER, "act": "draft"},
        "/papers/authored",
        True,
    ),
    ("/papers/authored/red-lines", "/papers/authored/red-lines/drop", {"text": "a: [", "act": "draft"}, None, False),
    ("/lessons/red-lines/edit/zh", "/lessons/red-lines/drop/zh", {"text": "a", "act": "save"}, None, False),
    ("/training/paths/refresher/edit", "/training/paths/refresher/drop", {"text": "id: ["}, None, False),
    (
        "/lessons/focus/2026-w40/edit/zh",
        "/lessons/focus/2026-w40/drop/zh",
        {"title": "四件套", "body": "会起球吗", "save": "1"},
        "/lessons/focus",
        True,
    ),
]


def drop_of(client: PageClient, address: str) -> tuple[str, str]:
    """The question, and the address its button leads to."""
    asked = client.get(address).text
    action = re.search(r'action="([^"]+\?base=\d+)"', asked)
    assert action is not None
    return asked, action[1]


@pytest.mark.parametrize(("page", "address", "form", "gone", "is_unborn"), CASES)
def test_a_draft_is_put_aside_once_somebody_is_sure(
    signed_in: SignIn, page: str, address: str, form: dict[str, str], gone: str | None, is_unborn: bool
) -> None:
    client = signed_in("mentor")
    first = "/papers/authored/new" if "own-1" in page else page
    before = client.get(first).text
    assert "放弃草稿" not in before
    assert client.get(address).status_code == 404, "there is no draft"
    seen = re.search(r'name="(seen|base)"[^>]* value="(\d+)"|value="(\d+)"[^>]* name="(seen|base)"', before)
    assert seen is not None
    name, value = (seen[1], seen[2]) if seen[1] else (seen[4], seen[3])
    assert client.submit(page, {**form, name: value}, page=first).status_code == 303
    assert f'href="{address}"' in client.get(page).text
    asked, action = drop_of(client, address)
    assert ("它还没有发布过" in asked) is is_unborn
    stale = client.submit(re.sub(r"base=\d+", "base=0", action), page=address)
    assert stale.location == page
    assert "刚刚有人又保存过" in client.get(page).text
    assert signed_in("newhire").get(address).status_code == 403
    assert client.submit(action, page=address).location == (gone or page)
    assert "草稿已放弃。" in client.get(gone or page).text
    if gone is None:
        assert "放弃草稿" not in client.get(page).text
    assert "放弃培训内容的草稿" in signed_in("admin").get("/admin/activity").text


def test_a_test_that_somebody_took_is_not_removed_with_its_draft(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    page = "/papers/authored/own-1"
    assert (
        client.submit(page, {"text": PAPER, "act": "draft", "base": "0"}, page="/papers/authored/new").location == page
    )
    with store.writing() as session:
        session.add(
            PaperAttempt(
                user_id=2, paper="own-1", language="zh", rules={}, drawn={}, started_at=clock.now(), ended_at=clock.now()
            )
        )  # fmt: skip
    _, action = drop_of(client, f"{page}/drop")
    assert client.submit(action, page=f"{page}/drop").location == page
    assert "没有放弃：它还没有发布过" in client.get(page).text
    with store.reading() as session:
        assert session.scalars(select(LearningText.state).where(LearningText.code == "own-1")).all() == ["draft"]
