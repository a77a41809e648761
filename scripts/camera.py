"""A real browser that takes pictures, and somebody who signs in there; for the scripts beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.serving import FLAGS  # noqa: E402 - the path comes first

LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@contextmanager
def a_browser(language: str) -> Iterator[Browser]:
    """A Chromium whose own words, as those of date fields, are of that language too."""
    found = subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "scripts" / "find-or-install"), "chromium"], stdout=subprocess.PIPE, text=True, check=True
    )
    spoken = LOCALES[language]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(),
            args=[*FLAGS, f"--lang={spoken}"],
            env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": spoken.replace("-", "_")},
        )
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, site: str, language: str, width: int, height: int = 900, **more: Any) -> Page:
    """An empty page of that size for pages of that site."""
    size = {"width": width, "height": height}
    return browser.new_page(viewport=size, base_url=site, locale=LOCALES[language], **more)


def sign_in(page: Page, language: str, login: str, password: str | None = None) -> None:
    """Sign in, and choose the language; the password is the login itself unless given."""
    page.goto("/login")
    page.locator("#login").fill(login)
    page.locator("#password").fill(password or login)
    page.locator("#submit").click()
    other = page.locator(f".language-switch button[value={language}]")
    if other.count():
        other.click()
