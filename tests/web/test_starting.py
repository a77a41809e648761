"""From the demo to one's own workplace."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from qaplatform.app import create_app
from qaplatform.services.workplaces import Workplace, is_ready, needs_nothing
from qaplatform.settings import Settings
from qaplatform.web.current import store_of
from tests.people import QUICK
from tests.web.conftest import PageClient

pytestmark = pytest.mark.loopback


@pytest.fixture
def own(tmp_path: Path) -> Workplace:
    return Workplace.at("own", tmp_path / "own")


@pytest.fixture
def listening() -> Iterator[str]:
    """An address at which somebody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture
def client(settings: Settings, people: None, own: Workplace, listening: str) -> Iterator[PageClient]:  # noqa: ARG001
    demo = dataclasses.replace(settings, demo=True, own_folder=own.folder, own_address=listening)
    app = create_app(demo, passwords=QUICK)
    app.test_client_class = PageClient
    made = app.test_client()
    assert isinstance(made, PageClient)
    assert made.submit("/login", {"login": "lead", "password": "lead"}).status_code == 303
    yield made
    store_of(app).close()


def test_one_button_makes_it_and_shows_the_password_once(client: PageClient, own: Workplace, listening: str) -> None:
    assert "用自己的数据开始" in client.get("/").text
    assert client.get("/start/open").location == "/start"
    assert "接下来的三步" in client.get("/start").text
    made = client.submit("/start").text
    assert re.search(r"(?:[a-z0-9]{4}-){3}[a-z0-9]{4}", made)
    assert is_ready(own)
    assert needs_nothing(own)
    assert client.get("/start/open").location == listening
    again = client.submit("/start", page="/me")
    assert again.location == "/start"
    assert "您的工作台已经建好" in client.get("/start").text


def test_nobody_elsewhere_is_given_the_password(client: PageClient, own: Workplace) -> None:
    shown = client.get("/start", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert "请在运行质检平台的那台电脑上打开本页" in shown.text
    token = client.token("/me")
    answer = client.post("/start", data={"csrf_token": token}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 303
    assert not own.exists


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"Host": "elsewhere.example:8080"},
        {"Host": "[not an address"},
    ],
)
def test_nor_anybody_who_only_seems_to_be_here(client: PageClient, own: Workplace, headers: dict[str, str]) -> None:
    token = client.token("/me")
    assert client.post("/start", data={"csrf_token": token}, headers=headers).status_code in {303, 400}
    assert not own.exists


def test_the_demo_and_ones_own_workplace_keep_cookies_of_their_own(client: PageClient) -> None:
    assert client.get_cookie("qaplatform_session_demo") is not None
    assert client.get_cookie("qaplatform_session") is None
