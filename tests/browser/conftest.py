"""A browser, a server with a small workplace, and pages that fail the test when the browser complains."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.browser.serving import FLAGS, ROOT, fill, serving
from tests.browser.windows import Windows

OpenPage = Callable[..., Page]
LOOKS = [
    pytest.param(False, 1440, id="light-1440"),
    pytest.param(True, 390, id="dark-390", marks=pytest.mark.full),
]
"""Dark or light, and a width."""

# Words of the browser's own that say nothing of our pages.
_LET_BE = (
    "Failed to load resource: the server responded with a status of 4",
    # A page that asks on when the server of its test has ended; what breaks while it serves, the test itself sees.
    "Failed to load resource: net::ERR_CONNECTION_RE",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    found = subprocess.run(
        [str(ROOT / "scripts" / "find-or-install"), "chromium"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip(found.stderr.strip())
    return found.stdout.strip()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served workplace with people of every role (``tests/filled.py``); tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("workplace")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url)
    with serving(url, folder, "--developing") as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served demo."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, demo=True)
    with serving(url, folder, "--demo") as address:
        yield address


@pytest.fixture(scope="session")
def windows(browser: Browser, workplace: str) -> Windows:
    """Windows of the browser."""
    return Windows(browser, f"{workplace}/static/mark.svg")


@pytest.fixture
def open_page(windows: Windows, workplace: str) -> Iterator[OpenPage]:
    """Opens a page in a window of its own; errors in its console, of its policy above all, fail the test."""
    pages: list[Page] = []
    complaints: list[str] = []

    def note_down(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_LET_BE):
            complaints.append(message.text)

    def note_error(error: Error) -> None:
        complaints.append(str(error))

    def opened(
        address: str = "/",
        *,
        login: str | None = None,
        width: int = 1440,
        scripts: bool = True,
        language: str = "zh-CN",
        dark: bool = False,
        site: str = workplace,
    ) -> Page:
        page = windows.take(site, login=login, width=width, scripts=scripts, language=language, dark=dark)
        pages.append(page)
        page.on("console", note_down)
        page.on("pageerror", note_error)
        page.goto(address)
        return page

    yield opened
    for page in pages:
        windows.give_back(page)
        page.remove_listener("console", note_down)
        page.remove_listener("pageerror", note_error)
    assert complaints == []


def sign_in(page: Page, login: str) -> None:
    """Through the form, as people do."""
    page.goto("/login")
    page.locator("#login").fill(login)
    page.locator("#password").fill(login)
    page.locator("#submit").click()
