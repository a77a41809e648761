"""Pictures of pages, to look at: a filled workplace, served and shown in a real browser.

    scripts/screenshots.py                               the main pages
    scripts/screenshots.py --login agent / /me           these pages, as the agent sees them
    scripts/screenshots.py --url sqlite:///PATH …        of a database that is there; --login must be known to it

Each page at 390, 768 and 1440 pixels, in Chinese and English; ``--dark`` for the dark look, ``--widths 1440`` for fewer.
They go to out/screenshots. Says where a page is wider than its window. Needs the test environment.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.serving import FLAGS, fill, serving  # noqa: E402 - the path comes first


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", default=["/login", "/", "/me"])
    parser.add_argument("--login", default="lead")
    parser.add_argument("--password", help="the login itself unless given")
    parser.add_argument("--url", help="a database; a new one is filled otherwise")
    parser.add_argument("--empty", action="store_true", help="a new workplace without conversations")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--widths", type=int, nargs="+", default=[390, 768, 1440])
    parser.add_argument("--languages", nargs="+", default=["zh", "en"])
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "screenshots")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chromium = subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "scripts" / "find-or-install"), "chromium"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = given.url or f"sqlite:///{folder / 'store.sqlite'}"
        if not given.url:
            fill(url, demo=True, conversations=0 if given.empty else 400)
        site = stack.enter_context(serving(url, folder, "--demo", "--developing"))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=list(FLAGS))
        stack.callback(browser.close)
        for language in given.languages:
            for width in given.widths:
                page = browser.new_page(
                    viewport={"width": width, "height": 900},
                    base_url=site,
                    color_scheme="dark" if given.dark else "light",
                    locale={"zh": "zh-CN", "en": "en-GB"}[language],
                )
                signed_in = False
                for address in given.pages:
                    if address != "/login" and not signed_in:
                        page.goto("/login")
                        page.locator("#login").fill(given.login)
                        page.locator("#password").fill(given.password or given.login)
                        page.locator("#submit").click()
                        other = page.locator(f".language-switch button[value={language}]")
                        if other.count():
                            other.click()
                        signed_in = True
                    page.goto(address)
                    name = f"{address.strip('/').replace('/', '-') or 'home'}-{given.login}-{width}-{language}.png"
                    page.screenshot(path=given.out / name, full_page=True)
                    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    print(given.out / name, f"OVERHANGS by {over} px" if over > 0 else "")
                page.close()


if __name__ == "__main__":
    main()
