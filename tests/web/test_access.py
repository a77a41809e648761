"""Deny by default: every route says who may use it, and nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from qaplatform.services.access import PERMISSIONS, ROLES
from qaplatform.web import access
from qaplatform.web.access import UnmarkedViewError, check_routes, permitted, public
from qaplatform.web.local_paths import local_path
from tests.filled import PEOPLE
from tests.web.conftest import PageClient, SignIn

PUBLIC = {"static", "health.show", "language.choose", "signing_in.enter", "signing_in.leave", "signing_in.show"}
"""Open to everybody; a new one is added here only with a reason that stands up in review."""


def test_every_route_needs_a_permission_or_is_public(app: Flask) -> None:
    marks = {
        rule.endpoint: access.permission_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()
    }
    assert {endpoint for endpoint, mark in marks.items() if not mark} == PUBLIC
    assert all(mark in PERMISSIONS for mark in marks.values() if mark)


@pytest.mark.parametrize("mark", [lambda view: view, permitted("everything.do")])
def test_a_view_that_does_not_say_who_may_use_it_stops_the_start(app: Flask, mark: Callable[..., object]) -> None:
    def careless() -> str:
        return "secret"

    app.add_url_rule("/careless", view_func=mark(careless))  # type: ignore[arg-type]
    with pytest.raises(UnmarkedViewError, match="careless"):
        check_routes(app)


def test_a_view_that_got_past_the_start_is_closed_all_the_same(app: Flask, signed_in: SignIn) -> None:
    app.add_url_rule("/careless", view_func=lambda: "secret")
    assert signed_in("boss").get("/careless").status_code == 403


@pytest.mark.parametrize("address", ["/", "/me", "/styleguide"])
def test_whoever_is_not_signed_in_is_led_to_the_form_and_back(client: PageClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 303
    assert answer.location == ("/login" if address == "/" else f"/login?next={address}")
    entered = client.submit(answer.location, {"login": "lead", "password": "lead"})
    assert (entered.status_code, entered.location) == (303, address)


def test_a_part_of_a_page_sends_its_whole_page_to_the_form(client: PageClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/me?x=1"}
    answer = client.get("/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/me?x%3D1")


def test_nobody_is_let_in_by_a_token_that_is_none(client: PageClient) -> None:
    client.set_cookie("qaplatform_session", "made up")
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize("login", PEOPLE)
def test_a_page_is_open_exactly_to_the_roles_of_its_permission(app: Flask, signed_in: SignIn, login: str) -> None:
    for name in PERMISSIONS:
        app.add_url_rule(f"/try/{name}", endpoint=name, view_func=permitted(name)(lambda: {"let": "in"}))
    client, roles = signed_in(login), set(PEOPLE[login][1])
    for name, row in PERMISSIONS.items():
        if row.bound == "everywhere" and PEOPLE[login][2]:
            continue  # Bound roles: services/access.py has its own tests for them.
        expected = roles & row.roles and (row.needs is None or roles & PERMISSIONS[row.needs].roles)
        assert client.get(f"/try/{name}").status_code == (200 if expected else 403), (login, name)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_lacks_a_permission_reads_which_and_who_has_it(app: Flask, signed_in: SignIn, language: str) -> None:
    app.add_url_rule("/try", view_func=permitted("users.manage")(lambda: {"let": "in"}))
    client = signed_in("agent")
    client.submit("/language", {"language": language}, page="/")
    answer = client.get("/try")
    assert answer.status_code == 403
    row, role = PERMISSIONS["users.manage"], ROLES["admin"]
    assert (row.zh if language == "zh" else row.en) in answer.text
    assert (role.zh if language == "zh" else role.en) in answer.text


def test_the_navigation_shows_what_one_may_open(app: Flask, signed_in: SignIn) -> None:
    for endpoint, permission in (("imports.index", "imports.see"), ("conversations.index", "conversations.see")):
        app.add_url_rule(f"/{endpoint}", endpoint=endpoint, view_func=permitted(permission)(lambda: "x"))
    shown = re.compile(r'class="way" href="([^"]+)"')
    assert shown.findall(signed_in("lead").get("/").text) == ["/", "/conversations.index", "/imports.index"]
    assert shown.findall(signed_in("agent").get("/").text) == ["/", "/conversations.index"]
    assert shown.findall(signed_in("admin").get("/").text) == ["/", "/imports.index"]


def test_a_public_view_asks_for_nobody(app: Flask, client: PageClient) -> None:
    app.add_url_rule("/open", view_func=public(lambda: {"is": "open"}))
    assert client.get("/open").status_code == 200


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/me", "/me"),
        ("/conversations?q=退款&page=2#top", "/conversations?q=退款&page=2"),
        ("http://here/me?x=1", "/me?x=1"),
        ("http://here//elsewhere.example", "/"),
        ("", "/"),
        (None, "/"),
        ("me", "/"),
        ("//elsewhere.example", "/"),
        ("///elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("\\\\elsewhere.example", "/"),
        ("/\t/elsewhere.example", "/"),
        ("http://elsewhere.example/", "/"),
        ("http://here.elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        (" //elsewhere.example", "/"),
    ],
)
def test_an_address_to_go_back_to_is_one_of_ours(address: str | None, path: str) -> None:
    assert local_path(address, "http://here/") == path
