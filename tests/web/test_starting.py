"""From the demo to one's own workplace: what happens is said first, and the password is shown once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qaplatform.settings import Settings
from tests.web.conftest import KEY, SignIn


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a server that may make one's own workplace beside its own."""
    plain = Settings(database_url=store_url, data_folder=tmp_path, secret_key=KEY, testing=True)
    return replace(
        plain, own_folder=tmp_path / "own", own_address="/beside/"
    )  # elsewhere, but pages that lead elsewhere are refused here


def test_what_will_happen_is_said_and_done_and_the_password_shown_once(signed_in: SignIn, tmp_path: Path) -> None:
    client = signed_in("lead")
    assert "接下来的三步" in client.get("/start").text
    assert not (tmp_path / "own").exists()
    made = client.submit("/start").text
    assert "一次性密码" in made
    assert 'href="/beside/"' in made
    again = client.get("/start").text
    assert "您的工作台已经建好" in again
    assert "一次性密码" not in again


def test_from_another_machine_there_is_nothing_to_press(signed_in: SignIn, tmp_path: Path) -> None:
    client = signed_in("lead")
    page = client.get("/start", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).text
    assert "请在运行质检平台的那台电脑上打开本页" in page
    assert "建立我的工作台" not in page
    client.post("/start", data={"csrf_token": client.token("/me")}, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert not (tmp_path / "own").exists()
