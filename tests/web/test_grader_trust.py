"""The pages of trust: figures side by side, what is missing to the bar, chats behind a count, a lead's decision."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from qaplatform.services.grader_trust import settle_trust
from qaplatform.store.engine import Store
from tests.trusted import HASH, MODEL, OLD_HASH, OTHER_MODEL, PROMPT, with_trust
from tests.web.chats import NOW
from tests.web.conftest import SignIn

PAGE = f"/grader/trust/{PROMPT}/{HASH}/{MODEL}"


@pytest.fixture
def people(store: Store) -> None:
    """Those who ruled, instead of those alone who are there in every test of pages."""
    with_trust(store)


def settle(store: Store) -> None:
    with store.writing() as session:
        settle_trust(session, now=NOW + timedelta(days=1))


def test_the_list_says_who_is_trusted_and_what_others_lack(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert "还没有可比的回答" in client.get("/grader/trust").text
    settle(store)
    page = client.get("/grader/trust").text
    for said in (
        "可信，计分", "未到信任线，只作参考", "249 / 200", "还差 175 对裁定", "人给出的少见结论还差",
        "不足 20 对裁定，κ 还不够算", "2026-W47", "至少 200 对裁定",
    ):  # fmt: skip
        assert said in page, said
    assert f"/grader/trust/{PROMPT}/{HASH}/acme/Judge-3B:q4" in page
    only = client.get("/grader/trust?prompt=empathy_sincere&model=acme/Judge-3B:q4").text
    assert "249 / 200" not in only
    assert "没有符合条件的" in client.get("/grader/trust?model=nobody").text
    assert client.get("/grader/trust?page=9").status_code == 200


def test_one_shows_all_its_figures_the_words_asked_and_the_chats_behind_each_count(
    signed_in: SignIn, store: Store
) -> None:
    client = signed_in("lead")
    assert "下一次比对后开始计分" in client.get(PAGE).text
    settle(store)
    page = client.get(PAGE).text
    for said in (
        "可信，计分",
        "盲评",
        "人与人",
        "2026-W46",
        "按现有裁定，到了信任线",
        "与现在的措辞相同",
        "data-chart",
    ):
        assert said in page, said
    cell = re.search(r'href="([^"]*said=no&amp;ruled=yes[^"]*)"', page)
    assert cell
    behind = client.get(cell[1].replace("&amp;", "&")).text
    assert "模型：否，人：是" in behind
    assert re.search(r'href="/conversations/\d+#criterion-empathy_real"', behind)
    # Figures are of the whole workplace; chats of others are not shown.
    elsewhere = signed_in("manager").get(f"{PAGE}?said=no&ruled=yes")
    assert "没有你能查看的会话" in elsewhere.text
    assert "禁止计分" not in elsewhere.text
    other = client.get(f"/grader/trust/{PROMPT}/{HASH}/{OTHER_MODEL}").text
    assert "还差 175 对裁定" in other
    old = client.get(f"/grader/trust/{PROMPT}/{OLD_HASH}/{MODEL}").text
    assert "这是较早的措辞" in old
    assert "还不够" in old
    for gone in (f"{PAGE}x", f"{PAGE}?said=no", f"{PAGE}?said=no&ruled=unsure", f"/grader/trust/tone/{HASH}/{MODEL}"):
        assert client.get(gone).status_code == 404, gone
    assert client.get(f"{PAGE}?said=unsure&ruled=no").status_code == 200


def test_a_lead_holds_a_model_back_and_the_log_says_so(signed_in: SignIn, store: Store) -> None:
    settle(store)
    client = signed_in("lead")
    assert client.submit(PAGE, {"held": "yes"}).location == PAGE
    page = client.get(PAGE).text
    assert "主管已禁止计分" in page
    assert "梁书瑶" in page
    assert "主管已禁止计分" in client.get("/grader/trust").text
    assert client.submit(PAGE, {"held": "no"}).location == PAGE
    assert "可信，计分" in client.get(PAGE).text
    log = signed_in("admin").get("/admin/activity").text
    for said in (
        "禁止语言模型对一个问题的回答计分",
        "允许语言模型对一个问题的回答计分",
        "达到信任线",
        "249 对裁定",
        "模型：judge-7b",
    ):
        assert said in log, said
    assert signed_in("inspector").post(PAGE, data={"csrf_token": client.token(PAGE)}).status_code in {400, 403}
