"""The application as programs see it: two shops, and a program that pushes with a token of the first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.push_tokens import create_token
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from tests.app_once import handed_on
from tests.people import NOW, hire, open_company
from tests.routes_once import routes_compiled_once  # noqa: F401 - a fixture

ADDRESS = "/api/v1/conversations"


class Pusher:
    """A program that pushes with a shop's token."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.token = token

    def headers(self, **more: str) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        return own | {name.replace("_", "-"): value for name, value in more.items()}

    def push(self, body: Any, key: str | None = "k1", **headers: str) -> TestResponse:
        """Send a batch: bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        keyed = {} if key is None else {"Idempotency_Key": key}
        return self.client.post(ADDRESS, data=data, headers=self.headers(**keyed, **headers))

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers=self.headers())


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a workplace of the test's own."""
    return Settings(store_url, tmp_path, "a key for tests " * 4, testing=True)


@pytest.fixture
def app(settings: Settings, store: Store) -> Flask:
    """The application with shops 1 and 2."""
    open_company(store)
    return handed_on(settings, store)


def an_admin(store: Store) -> Viewer:
    """Somebody who may manage tokens."""
    user_id, _ = hire(store, "admin", Grant("admin"))
    return Viewer(user_id, "Admin", grants=(Grant("admin"),))


def token_for(store: Store, shop_id: int, by: Viewer) -> str:
    """A new token of a shop."""
    with store.writing() as session:
        return create_token(session, shop_id, "ERP", by=by, now=NOW).token


@pytest.fixture
def admin(app: Flask, store: Store) -> Viewer:  # noqa: ARG001 - it opens the company
    """Somebody who may manage tokens."""
    return an_admin(store)


@pytest.fixture
def pusher(app: Flask, store: Store, admin: Viewer) -> Pusher:
    """A program of shop 1."""
    return Pusher(app.test_client(), token_for(store, 1, admin))


def chat(id: str, *texts: str, **about: Any) -> dict[str, Any]:
    """A conversation in the neutral form; the customer and the agent take turns."""
    messages = [
        {
            "role": ("customer", "agent")[place % 2],
            "agent": (None, "小王")[place % 2],
            "text": text,
            "sent_at": f"2026-11-10T10:{place:02d}:00+08:00",
        }
        for place, text in enumerate(texts or ("什么时候发货", "您好，今天18点前发出"))
    ]
    return {"id": id, "messages": messages, **about}
