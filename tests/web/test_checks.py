"""The pages of checks: figures with their chats, hints and exemptions by way of drafts."""

# ruff: noqa: ARG001 - fixtures that only have to be there
from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, CheckKept, RubricDraft
from tests.services.test_checks import ID, chat, wrote
from tests.web.chats import take_in
from tests.web.conftest import SignIn


@pytest.fixture
def ruled(store: Store, people: None) -> Store:
    """Wrong in one context twenty-five times, right in another five times."""
    texts = ("亲要的话您去投诉吧", "这个我也没办法")
    take_in(store, *(chat(number, texts[number >= 30]) for number in range(40)))
    wrote(store, dict.fromkeys(range(25), ("overrule", "pass")))
    wrote(store, dict.fromkeys(range(30, 35), ("confirm", "fail")))
    return store


def test_leads_read_figures_and_turn_them_into_drafts(ruled: Store, signed_in: SignIn) -> None:
    client = signed_in("lead")
    index = client.get("/checks?days=365")
    assert "建议改为提示" in index.text
    assert "5 / 30" in index.text
    page = client.get(f"/checks/{ID}?days=365")
    assert "25 通会话里被判误报" in page.text
    assert "还有 5 通未复核的会话里也是这样" in page.text
    assert "会放过 0 处确认过的扣分点" in page.text
    assert client.get(f"/checks/{ID}?of=recall&days=365&page=2").status_code == 200
    assert client.get("/checks/nothing").status_code == 404

    exempted = client.submit(
        f"/checks/{ID}/exempt?days=365", {"context": "亲要的话您去投诉吧"}, page="/checks?days=365"
    )
    assert exempted.status_code == 303
    hinted = client.submit(f"/checks/{ID}/hint", {"rubric": "ecommerce-service"}, page="/checks?days=365")
    assert hinted.status_code == 303
    assert client.submit(f"/checks/{ID}/exempt", {"context": "没有"}, page="/checks?days=365").location.startswith(
        f"/checks/{ID}"
    )
    client.submit(f"/checks/{ID}/keep", {"rubric": "ecommerce-service", "reason": ""}, page="/checks?days=365")
    client.submit(
        f"/checks/{ID}/keep", {"rubric": "ecommerce-service", "reason": "再看一个月"}, page="/checks?days=365"
    )
    client.submit("/checks/floor", {"floor": "80"}, page="/checks?days=365")
    client.submit("/checks/floor", {"floor": "20"}, page="/checks?days=365")
    index = client.get("/checks?days=365")
    assert "建议改为提示" not in index.text
    assert "再看一个月" in index.text
    with ruled.reading() as session:
        exempt, hint = (one.files for one in session.scalars(select(RubricDraft).order_by(RubricDraft.id)))
        assert sum("亲要的话您去投诉吧" in text for text in exempt.values()) >= 1
        assert sum("hint: true" in text for text in hint.values()) == 1
        assert session.scalars(select(CheckKept.reason)).all() == ["再看一个月"]
        actions = set(session.scalars(select(Activity.action)))
        assert {"checks.kept", "checks.floor_set", "rubric.draft_opened"} <= actions
    assert client.get(exempted.location).status_code == 200


def test_inspectors_read_only_their_shop_and_steer_nothing(ruled: Store, signed_in: SignIn) -> None:
    client = signed_in("inspector")
    page = client.get("/checks?days=365")
    assert "改为提示（开草稿）" not in page.text
    assert client.get(f"/checks/{ID}").status_code == 200
