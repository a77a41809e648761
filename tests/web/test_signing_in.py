"""Signing in and out in the browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from qaplatform.app import create_app
from qaplatform.services.demo_users import DEMO_USERS
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import User, UserSession
from qaplatform.web.current import store_of
from tests.web.conftest import PageClient, SignIn

COOKIE = "qaplatform_session"


def test_the_right_password_opens_the_home_page(client: PageClient) -> None:
    answer = client.submit("/login", {"login": " Lead ", "password": "lead"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "梁书瑶" in client.get("/").text


@pytest.mark.parametrize(
    ("login", "password", "status", "said"),
    [
        ("lead", "wrong", 400, "账号或密码不正确。"),
        ("nobody", "wrong", 400, "账号或密码不正确。"),
        ("lead", "", 400, "请输入密码。"),
        ("", "lead", 400, "请输入账号。"),
        ("x" * 101, "lead", 400, "不能超过 100 个字符。"),
        ("lead", "wrong" * 200, 400, "账号或密码不正确。"),
    ],
)
def test_anything_else_says_why_not_and_gives_no_cookie(
    client: PageClient, login: str, password: str, status: int, said: str
) -> None:
    answer = client.submit("/login", {"login": login, "password": password})
    assert (answer.status_code, said in answer.text) == (status, True)
    assert client.get_cookie(COOKIE) is None
    assert "wrong" not in answer.text


def test_too_many_tries_are_told_apart(client: PageClient) -> None:
    for _ in range(20):
        client.submit("/login", {"login": "lead", "password": "wrong"})
    answer = client.submit("/login", {"login": "lead", "password": "lead"})
    assert answer.status_code == 429
    assert "尝试次数过多" in answer.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: PageClient) -> None:
    answer = client.submit("/login", {"login": "lead", "password": "lead"})
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # The test's browser talks plain http.


def test_over_https_all_cookies_are_for_https_only(settings: Settings, people: None) -> None:  # noqa: ARG001
    app = create_app(replace(settings, secure_cookies=True))
    app.test_client_class = PageClient
    client = app.test_client()
    assert isinstance(client, PageClient)
    entered = client.post("/login", base_url="https://localhost")  # Without a token: only the cookie matters here.
    shown = client.get("/login", base_url="https://localhost")
    for answer in (entered, shown):
        assert all("Secure" in line for line in answer.headers.getlist("Set-Cookie"))
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    store_of(app).close()


def test_signing_in_makes_a_new_session_and_ends_the_old_one(client: PageClient, store: Store) -> None:
    client.submit("/login", {"login": "lead", "password": "lead"})
    first = client.get_cookie(COOKIE)
    client.submit("/login", {"login": "agent", "password": "agent"}, page="/me")
    second = client.get_cookie(COOKIE)
    assert first is not None
    assert second is not None
    assert first.value != second.value
    with store.reading() as session:
        assert len(session.scalars(select(UserSession)).all()) == 1


def test_whoever_is_signed_in_is_not_asked_again(signed_in: SignIn) -> None:
    answer = signed_in("lead").get("/login?next=/me")
    assert (answer.status_code, answer.location) == (303, "/me")


def test_the_way_back_leads_to_no_other_site(client: PageClient) -> None:
    answer = client.submit("/login?next=//elsewhere.example", {"login": "lead", "password": "lead"})
    assert answer.location == "/"


def test_signing_out_ends_the_session_everywhere(signed_in: SignIn) -> None:
    client = signed_in("lead")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    answer = client.submit("/logout", page="/me")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert "您已退出登录。" in client.get("/login").text
    client.set_cookie(COOKIE, cookie.value)
    assert client.get("/me").status_code == 303


def test_nobody_is_signed_out_by_a_link(signed_in: SignIn) -> None:
    client = signed_in("lead")
    assert client.get("/logout").status_code == 405
    assert client.get("/me").status_code == 200


def test_a_user_who_was_put_out_of_service_is_out_at_once(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    with store.writing() as session:
        session.execute(update(User).where(User.login == "lead").values(active=False))
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize("demo", [True, False])
def test_demo_logins_are_shown_in_the_demo_only(settings: Settings, people: None, demo: bool) -> None:  # noqa: ARG001
    app = create_app(replace(settings, demo=demo))
    app.test_client_class = PageClient
    page = app.test_client().get("/login").text
    assert all((f"<code>{one.login}</code>" in page) == demo for one in DEMO_USERS)
    assert ("演示环境" in page) == demo
    store_of(app).close()


def test_a_one_time_password_must_be_changed_first(app: Flask, signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.execute(update(User).where(User.login == "lead").values(must_change_password=True))
    client = signed_in("lead")
    assert client.get("/").location == "/me"
    assert "一次性密码" in client.get("/me").text
    new = {"old": "lead", "new": "three plain words", "again": "three plain words"}
    assert client.submit("/me", new).status_code == 303
    assert client.get("/").status_code == 200
    other = app.test_client()
    assert isinstance(other, PageClient)
    assert other.submit("/login", {"login": "lead", "password": "three plain words"}).status_code == 303
