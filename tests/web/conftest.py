"""The application with a small workplace in it, and clients that lint every page they get."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qaplatform import clock
from qaplatform.app import create_app
from qaplatform.services import signing_in as services
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.store.users import user_of
from qaplatform.web.security import SESSION_COOKIE
from tests import filled
from tests.app_once import handed_on
from tests.copies import fill_once
from tests.people import QUICK
from tests.routes_once import routes_compiled_once  # noqa: F401 - a fixture
from tests.services.admins import leave_room
from tests.web.linting import faults_of

KEY = "a key for tests " * 4
_TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')

SignIn = Callable[[str], "PageClient"]


class PageClient(FlaskClient):
    """A browser without JavaScript that refuses pages with faults."""

    looks = True
    """Whether it looks at the pages it gets; a test that opens hundreds of them for their status alone switches it off."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if self.looks and response.mimetype == "text/html" and response.status_code not in range(300, 400):
            whole = "HX-Request" not in response.request.headers
            faults = faults_of(response.text, whole=whole)
            assert not faults, (response.request.path, faults)
        return response

    def submit(self, address: str, values: dict[str, Any] | None = None, *, page: str | None = None) -> TestResponse:
        """Open ``page`` (or the address itself), and send a form of it to the address, with the page's token."""
        return self.post(address, data={"csrf_token": self.token(page or address), **(values or {})})

    def token(self, page: str) -> str:
        """The token of the forms on a page."""
        shown = self.get(page)
        token = _TOKEN.search(shown.text)
        assert token, f"no form on {page}: {shown.status}"
        return token[1]


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a workplace of the test's own."""
    return Settings(database_url=store_url, data_folder=tmp_path, secret_key=KEY, developing=True, testing=True)


@pytest.fixture
def people(store: Store) -> None:
    """Shops, teams, agents and a user of every role."""
    fill_once(store, _fill_people)


def _fill_people(store: Store) -> None:
    with store.writing() as session:
        filled.fill_people(session, clock.now())
    leave_room(store)


@pytest.fixture
def conversations(store: Store, people: None) -> None:  # noqa: ARG001 - they write them
    """Conversations of two weeks, with imports and jobs."""
    fill_once(store, some_conversations)


def some_conversations(store: Store) -> None:
    """What the fixture writes, for a test that has written before."""
    with store.writing() as session:
        filled.fill_conversations(session, clock.now(), count=60)


@pytest.fixture
def app(request: pytest.FixtureRequest, settings: Settings, store: Store, people: None) -> Flask:  # noqa: ARG001
    """The application; tests before and after this one have the same, with other databases."""
    is_own = "own_app" in request.fixturenames
    made = create_app(settings, passwords=QUICK, store=store) if is_own else handed_on(settings, store)
    made.test_client_class = PageClient
    return made


@pytest.fixture
def own_app(app: Flask) -> Flask:
    """The application of a test that adds something to it; nobody else gets it."""
    return app


@pytest.fixture(scope="module")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application without a database, for what asks none; it is shared by a file's tests."""
    folder = tmp_path_factory.mktemp("bare")
    return create_app(Settings(f"sqlite:///{folder / 'none.sqlite'}", folder, KEY, developing=True, testing=True))


@pytest.fixture
def client(app: Flask) -> PageClient:
    """Nobody's browser."""
    made = app.test_client()
    assert isinstance(made, PageClient)
    return made


@pytest.fixture
def signed_in(app: Flask, store: Store) -> SignIn:
    """Makes a browser in which somebody of ``tests/filled.py`` has signed in, by login.

    The sign-in page has tests of its own (``test_signing_in.py``); here only the session it begins is needed.
    """

    def sign_in(login: str) -> PageClient:
        client = app.test_client()
        assert isinstance(client, PageClient)
        with store.writing() as session:
            user = user_of(session, login)
            assert user is not None, login
            begun = services._begin(session, user, "127.0.0.1", clock.now())
        client.set_cookie(SESSION_COOKIE, begun.token)
        return client

    return sign_in
