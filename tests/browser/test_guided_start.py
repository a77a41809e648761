"""The first ten minutes: from the demo that ``./run`` opens to the first findings in one's own data, with the real supervisor."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qaplatform import clock
from qaplatform.services.workplaces import Workplace, say_ready
from qaplatform.store.engine import Store
from qaplatform.store.settings import write_setting
from tests.browser.conftest import OpenPage
from tests.browser.serving import PROGRAM, ROOT, fill
from tests.cli.test_processes import children_of, runs
from tests.web.importing import csv_of

pytestmark = pytest.mark.loopback
PASSWORD = "sieben kleine Geranien"  # noqa: S105 - of a workplace that lives for a minute


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.full)], ids=["small demo", "shipped demo"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a started workplace, and the supervisor; a small demo is made beforehand, to be quick."""
    data = tmp_path / "data"
    if not request.param:
        place = Workplace.at("demo", data / "demo")
        place.folder.mkdir(parents=True)
        fill(place.database, demo=True, conversations=20)
        store = Store(place.database)
        with store.writing() as session:
            write_setting(session, "filled", clock.now().isoformat())
        store.close()
        say_ready(place)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["start", "--data", str(data), "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(ROOT), *options],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        try:
            said = next(line for line in process.stderr if b"http://" in line)
            found = re.search(rb"http://\S+", said)
            assert found is not None
            yield found[0].decode().rstrip("/"), process
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_from_the_demo_to_the_first_findings_in_ones_own_data(
    open_page: OpenPage, start: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    site, supervisor = start
    page = open_page("/", site=site)
    expect(page.get_by_role("note")).to_contain_text("演示环境")
    page.get_by_role("button", name="的身份进入").first.click()
    page.get_by_role("link", name="用自己的数据开始").click()
    page.get_by_role("button", name="建立我的工作台").click()
    password = page.locator("dd").nth(1).inner_text().strip()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="打开我的工作台").click()
    own = opened.value
    own.set_default_timeout(15_000)
    sign_in_for_the_first_time(own, password)
    expect(own.get_by_role("note")).to_have_count(0)
    expect(own.get_by_text("已完成 0 / 4")).to_be_visible()

    own.get_by_role("link", name="去上传").click()
    source = tmp_path / "十一月.csv"
    source.write_bytes(csv_of())
    own.locator("#files").set_input_files(str(source))
    own.locator("#new_shop").fill("小满家居")
    own.locator("#submit").click()
    expect(own.get_by_text("电商客服质检标准")).to_be_visible()
    own.get_by_role("button", name="开始导入").click()
    expect(own.get_by_text("2 通会话已导入并完成质检")).to_be_visible(timeout=60_000)

    own.get_by_role("link", name="工作台").click()
    expect(own.get_by_text("已完成 2 / 4")).to_be_visible()
    own.get_by_role("link", name="先看最需要处理的").click()
    own.locator(".conv-words").first.click()
    expect(own.locator(".crit").first).to_be_visible()
    expect(own.locator(".chat")).to_contain_text("小")
    own.get_by_role("link", name="工作台").click()
    expect(own.get_by_text("已完成 3 / 4")).to_be_visible()

    # Both are open side by side, in one browser, and nobody is signed out.
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("演示")
    everything = [one for child in children_of(supervisor.pid) for one in (child, *children_of(child))]
    assert len(everything) >= 4, "two servers and two workers"
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=60) == 0
    assert not any(map(runs, everything))


def sign_in_for_the_first_time(page: Page, password: str) -> None:
    page.locator("#login").fill("admin")
    page.locator("#password").fill(password)
    page.locator("#submit").click()
    expect(page).to_have_url(re.compile(r"/me$"))
    expect(page.get_by_text("这是一次性密码")).to_be_visible()
    page.goto(page.url.replace("/me", "/imports"))
    expect(page).to_have_url(re.compile(r"/me$"))
    page.locator("#old").fill(password)
    page.locator("#new").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("管理员，您好")
