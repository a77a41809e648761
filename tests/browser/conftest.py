"""A browser, a server with a small workplace, and pages that fail the test when the browser complains."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

from tests.browser.serving import FLAGS, ROOT, fill, serving

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
def cookies() -> dict[tuple[str, str], StorageState]:
    """The cookies of those who have signed in, by site and login: going through the form costs more than most tests."""
    return {}


@pytest.fixture
def open_page(browser: Browser, workplace: str, cookies: dict[tuple[str, str], StorageState]) -> Iterator[OpenPage]:
    """Opens a page in a browser of its own; errors in its console, of its policy above all, fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note_down(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_LET_BE):
            complaints.append(message.text)

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
        context = browser.new_context(
            storage_state=cookies.get((site, login)) if login else None,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            locale=language,
            color_scheme="dark" if dark else "light",
            base_url=site,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", note_down)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if login and (site, login) not in cookies:
            sign_in(page, login)
            cookies[site, login] = context.storage_state()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, login: str) -> None:
    """Through the form, as people do."""
    page.goto("/login")
    page.locator("#login").fill(login)
    page.locator("#password").fill(login)
    page.locator("#submit").click()
