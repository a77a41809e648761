"""Deny by default: every route says who may use it, and nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from qaplatform import clock
from qaplatform.api import asks_for_token
from qaplatform.services.access import PERMISSIONS, ROLES, Viewer
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope
from qaplatform.web import access
from qaplatform.web.access import UnmarkedViewError, check_routes, permitted, public
from qaplatform.web.local_paths import local_path
from qaplatform.web.navigation import ADMIN_PERMISSIONS
from tests.conftest import FULL
from tests.filled import PEOPLE
from tests.web import routes
from tests.web.conftest import PageClient, SignIn
from tests.web.route_examples import fill_examples
from tests.web.route_rows import Example, Row
from tests.web.routes import BY_TOKEN, PUBLIC, ROUTES


def test_every_route_needs_a_permission_or_is_public(app: Flask) -> None:
    marks = {
        rule.endpoint: access.permission_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()
    }
    assert {endpoint for endpoint, mark in marks.items() if not mark} == PUBLIC | BY_TOKEN
    assert {endpoint for endpoint in marks if asks_for_token(app.view_functions[endpoint])} == BY_TOKEN
    assert all(mark in PERMISSIONS for mark in marks.values() if mark)


# ------------------------------------------------------------------------------------- route × role × owner


def asked_routes(app: Flask) -> list[tuple[Rule, str]]:
    """All routes but the public ones with each of their methods; those that only show something come first."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in PUBLIC | BY_TOKEN
    ]
    return sorted(found, key=lambda one: (one[1] != "GET", one[0].endpoint))


def test_every_route_has_a_row_in_the_matrix(bare_app: Flask) -> None:
    rules = {rule.endpoint: rule for rule, _method in asked_routes(bare_app)}
    assert rules.keys() - ROUTES.keys() == set(), "tests/web/routes.py needs examples for these"
    assert ROUTES.keys() - rules.keys() == set(), "there is no such route any more"
    for endpoint, row in ROUTES.items():
        assert row.examples, endpoint
        assert all(one.values.keys() == rules[endpoint].arguments for one in row.examples), endpoint
        assert access.permission_of(bare_app.view_functions[endpoint]) == row.permission, endpoint


def test_things_that_lie_somewhere_have_an_example_here_and_one_elsewhere() -> None:
    for endpoint, row in ROUTES.items():
        if any(not one.lies_nowhere for one in row.examples):
            assert {1 in (one.shop_id, one.team_id) for one in row.examples} == {True, False}, endpoint


def expected(viewer: Viewer, row: Row, example: Example) -> str:
    """What somebody finds who asks a route about a thing."""
    if not viewer.may(row.permission):
        return "refused"
    if example.is_absent:
        return "hidden"
    if example.lies_nowhere:
        return "admitted"
    place = {"shop_id": example.shop_id, "team_id": example.team_id, "agent_id": example.agent_id}
    return "admitted" if viewer.may_see(row.reach or row.permission, **place) else "hidden"


def found(status: int) -> str:
    """What an answer means. A form that was sent empty is admitted and found wanting."""
    if status in {403, 404}:
        return {403: "refused", 404: "hidden"}[status]
    return "admitted" if status in {200, 201, 302, 303, 400, 409} else f"status {status}"


LOOKING = {"qa_lead", "admin", "new_hire"}
"""Whose pages are all opened and looked at for faults on the way; together they may open every one."""


def viewer_of(name: str, user_id: int = 0) -> Viewer:
    """Somebody the matrix asks as."""
    grant = routes.viewers()[name]
    agent_id = routes.OWN_AGENT if ROLES[grant.role].binding == "oneself" else None
    return Viewer(user_id=user_id, name="", agent_id=agent_id, grants=(grant,))


def spoken_for(name: str, row: Row) -> bool:
    """Whether another viewer, for whom the route is too, reaches the same things by it: of those one is enough."""

    def meets(name: str) -> tuple[bool, Scope, Scope]:
        viewer = viewer_of(name)
        return viewer.may(row.permission), viewer.scope(row.permission), viewer.scope(row.reach or row.permission)

    in_turn = sorted(routes.viewers(), key=lambda one: one not in LOOKING)
    return meets(name) in [meets(one) for one in in_turn[: in_turn.index(name)]]


# Who may what is no matter of the database; every page is opened on both of them by its own tests.
@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
@pytest.mark.parametrize("name", routes.viewers())
def test_every_route_is_open_to_exactly_those_it_is_for(app: Flask, store: Store, name: str) -> None:
    grant = routes.viewers()[name]
    with store.writing() as session:
        now = clock.now()
        fill_examples(session, now)
        user_id = routes.hire_viewer(session, grant, now)
    viewer = viewer_of(name, user_id)
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"login": "viewer", "password": "viewer"}).status_code == 303
    token = client.token("/me")
    client.looks = name in LOOKING
    wrong = {}
    asked: set[str] = set()
    for rule, method in asked_routes(app):
        row = ROUTES[rule.endpoint]
        # Of those who lack a permission, and where a thing lies nowhere, the permission alone decides: one route of it is asked.
        lacks = not viewer.may(row.permission)
        decides = lacks or (not client.looks and all(one.lies_nowhere for one in row.examples))
        if row.permission in asked and (decides or (not FULL and not client.looks and spoken_for(name, row))):
            continue
        asked.add(row.permission)
        for example in row.examples[: 1 if lacks and not FULL else None]:
            with app.test_request_context():
                address = url_for(rule.endpoint, **example.values)
            answer = client.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
            answer.close()
            # Of what one may do elsewhere, a refusal and a page that is not there tell equally little.
            wanted, got = expected(viewer, row, example), found(answer.status_code)
            if got != wanted and not (wanted == "hidden" and got == "refused"):
                wrong[f"{method} {address}"] = f"{got} instead of {wanted} ({row.permission})"
    assert wrong == {}


def test_nobody_is_let_in_without_signing_in(app: Flask, client: PageClient) -> None:
    for rule, method in asked_routes(app):
        for example in ROUTES[rule.endpoint].examples:
            with app.test_request_context():
                address = url_for(rule.endpoint, **example.values)
            answer = client.open(address, method=method)
            assert (answer.status_code, (answer.location or "").partition("?")[0]) == (303, "/login"), (method, address)


def test_whoever_administers_anything_may_open_the_administration(bare_app: Flask) -> None:
    permission = access.permission_of(bare_app.view_functions["admin.index"])
    assert permission
    for one in ADMIN_PERMISSIONS:
        assert PERMISSIONS[one].roles <= PERMISSIONS[permission].roles, one


@pytest.mark.parametrize("mark", [lambda view: view, permitted("everything.do")])
def test_a_view_that_does_not_say_who_may_use_it_stops_the_start(own_app: Flask, mark: Callable[..., object]) -> None:
    def careless() -> str:
        return "secret"

    own_app.add_url_rule("/careless", view_func=mark(careless))  # type: ignore[arg-type]
    with pytest.raises(UnmarkedViewError, match="careless"):
        check_routes(own_app)


def test_a_view_that_got_past_the_start_is_closed_all_the_same(own_app: Flask, signed_in: SignIn) -> None:
    own_app.add_url_rule("/careless", view_func=lambda: "secret")
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
def test_a_page_is_open_exactly_to_the_roles_of_its_permission(own_app: Flask, signed_in: SignIn, login: str) -> None:
    for name in PERMISSIONS:
        own_app.add_url_rule(f"/try/{name}", endpoint=f"try {name}", view_func=permitted(name)(lambda: {"let": "in"}))
    client, roles = signed_in(login), set(PEOPLE[login][1])
    for name, row in PERMISSIONS.items():
        if row.bound == "everywhere" and PEOPLE[login][2]:
            continue  # Bound roles: services/access.py has its own tests for them.
        expected = roles & row.roles and (row.needs is None or roles & PERMISSIONS[row.needs].roles)
        assert client.get(f"/try/{name}").status_code == (200 if expected else 403), (login, name)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_lacks_a_permission_reads_which_and_who_has_it(
    own_app: Flask, signed_in: SignIn, language: str
) -> None:
    own_app.add_url_rule("/try", view_func=permitted("users.manage")(lambda: {"let": "in"}))
    client = signed_in("agent")
    client.submit("/language", {"language": language}, page="/")
    answer = client.get("/try")
    assert answer.status_code == 403
    row, role = PERMISSIONS["users.manage"], ROLES["admin"]
    assert (row.zh if language == "zh" else row.en) in answer.text
    assert (role.zh if language == "zh" else role.en) in answer.text


@pytest.mark.parametrize(
    ("login", "ways"),
    [
        (
            "lead",
            [
                "/",
                "/desk",
                "/conversations",
                "/training",
                "/dashboard",
                "/samples",
                "/rubrics",
                "/checks",
                "/imports",
                "/risk",
                "/grader",
                "/jobs",
                "/admin",
            ],
        ),
        (
            "inspector",
            [
                "/",
                "/desk",
                "/conversations",
                "/learn",
                "/dashboard",
                "/samples",
                "/rubrics",
                "/checks",
                "/imports",
                "/risk",
                "/grader",
            ],
        ),
        (
            "manager",
            [
                "/",
                "/conversations",
                "/training",
                "/dashboard",
                "/samples",
                "/rubrics",
                "/checks",
                "/imports",
                "/grader",
            ],
        ),
        ("agent", ["/", "/conversations", "/results", "/learn"]),
        ("admin", ["/", "/imports", "/grader", "/jobs", "/admin"]),
    ],
)
def test_the_navigation_shows_what_one_may_open(signed_in: SignIn, login: str, ways: list[str]) -> None:
    page = signed_in(login).get("/").text
    bar = re.findall(r'class="way" href="([^"]+)"', page)
    _before, _menu, rest = page.partition('class="menu-button menu-ways"')
    beside = re.findall(r'class="menu-item" href="([^"]+)"', rest.partition("</nav>")[0])
    assert bar + beside == ways
    assert len(bar) <= 8


def test_a_public_view_asks_for_nobody(own_app: Flask, client: PageClient) -> None:
    own_app.add_url_rule("/open", view_func=public(lambda: {"is": "open"}))
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
