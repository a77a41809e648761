"""Chinese is the default, English is complete, and people switch without JavaScript."""

from __future__ import annotations

import pytest

from tests.web.conftest import PageClient, SignIn


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (None, "zh-CN"),
        ("zh-CN,zh;q=0.9", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("fr", "zh-CN"),
        ("fr, en;q=0.5", "en"),
        ("zh-TW", "zh-CN"),
    ],
)
def test_a_stranger_reads_what_the_browser_asks_for(client: PageClient, asked: str | None, shown: str) -> None:
    page = client.get("/login", headers={"Accept-Language": asked} if asked else {})
    assert f'<html lang="{shown}">' in page.text


def test_the_switch_turns_the_page_and_comes_back_to_it(client: PageClient) -> None:
    answer = client.submit("/language", {"language": "en", "next": "/login?next=/me"}, page="/login")
    assert (answer.status_code, answer.location) == (303, "/login?next=/me")
    page = client.get("/login", headers={"Accept-Language": "zh-CN"}).text
    assert "Sign in" in page
    assert "登录" not in page


def test_the_choice_stays_with_the_account(signed_in: SignIn) -> None:
    signed_in("lead").submit("/language", {"language": "en"}, page="/")
    assert "Hello, 梁书瑶" in signed_in("lead").get("/").text
    assert "您好" in signed_in("inspector").get("/").text


@pytest.mark.parametrize("language", ["", "fr", "zh_CN"])
def test_a_language_that_is_none_is_refused(client: PageClient, language: str) -> None:
    assert client.submit("/language", {"language": language}, page="/login").status_code == 400


def test_the_switch_leads_to_no_other_site(client: PageClient) -> None:
    values = {"language": "en", "next": "//elsewhere.example"}
    assert client.submit("/language", values, page="/login").location == "/"


def test_messages_of_forms_are_in_the_readers_language(client: PageClient) -> None:
    client.submit("/language", {"language": "en"}, page="/login")
    answer = client.submit("/login", {"login": "", "password": ""})
    assert "Please enter your login." in answer.text
