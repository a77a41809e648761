"""Push tokens in the browser: shown once, revoked after a question."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from qaplatform.services.push_tokens import token_of
from qaplatform.store.engine import Store
from qaplatform.store.tables import PushToken
from tests.web.conftest import SignIn

PAGE = "/admin/shops/1/tokens"
TOKEN = re.compile(r'<code class="secret-word">(qap_[\w-]+)</code>')


def test_a_token_is_shown_once_and_can_be_revoked(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    assert "还没有令牌" in client.get(PAGE).text
    answer = client.submit(PAGE, {"name": "千牛同步脚本"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    token = TOKEN.findall(answer.text)[0]
    shown = client.get(PAGE).text
    assert "千牛同步脚本" in shown
    assert token not in shown
    assert f"…{token[-4:]}" in shown
    assert "从未使用" in shown
    with store.reading() as session:
        seen = token_of(session, token)
        assert seen is not None
    address = f"{PAGE}/{seen.id}/revoke"
    assert "撤销后不能恢复" in client.get(address).text
    assert client.submit(address).status_code == 303
    assert "已撤销" in client.get(PAGE).text
    assert client.get(address).status_code == 404
    assert client.submit(address, page=PAGE).status_code == 404
    with store.reading() as session:
        assert token_of(session, token) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "请填写此项。"), ("x" * 101, "不能超过 100 个字符。"), ("有了", "已有一个同名的令牌在使用")],
)
def test_a_token_that_cannot_be_made_says_why(signed_in: SignIn, store: Store, name: str, said: str) -> None:
    client = signed_in("admin")
    client.submit(PAGE, {"name": "有了"})
    answer = client.submit(PAGE, {"name": name})
    assert answer.status_code == 400
    assert said in answer.text
    with store.reading() as session:
        assert len(session.scalars(select(PushToken)).all()) == 1
