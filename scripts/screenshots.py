"""Pictures of pages, to look at: a filled workplace, served and shown in a real browser.

    scripts/screenshots                                  the main pages
    scripts/screenshots --login agent / /me              these pages, as the agent sees them
    scripts/screenshots --url sqlite:///PATH …           of a database that is there; --login must be known to it
    scripts/screenshots --readme                         those that the README shows, into docs/screenshots

Each page at 390, 768 and 1440 pixels, in Chinese and English; ``--dark`` for the dark look, ``--widths 1440`` for fewer.
They go to out/screenshots. Says where a page is wider than its window. Needs the test environment.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from camera import ROOT, a_browser, new_page, sign_in
from playwright.sync_api import Page
from readme_pictures import take_readme_pictures

from tests.browser.serving import fill, serving


def main() -> None:
    """Take the pictures."""
    given = parsed()
    if given.readme:
        take_readme_pictures(ROOT / "docs" / "screenshots")
        return
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/store.sqlite"
        if not given.url:
            fill(url, demo=True, conversations=0 if given.empty else 400)
        with serving(url, Path(folder), "--demo", "--developing") as site:
            for language in given.languages:
                take(given, site, language)


def parsed() -> argparse.Namespace:
    """What was asked for."""
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
    parser.add_argument("--readme", action="store_true", help="the pictures of the README, of a demo of its own")
    return parser.parse_args()


def take(given: argparse.Namespace, site: str, language: str) -> None:
    """All pages in one language."""
    with a_browser(language) as browser:
        for width in given.widths:
            page = new_page(browser, site, language, width, color_scheme="dark" if given.dark else "light")
            is_in = False
            for address in given.pages:
                if address != "/login" and not is_in:
                    sign_in(page, language, given.login, given.password)
                    is_in = True
                page.goto(address)
                name = f"{address.strip('/').replace('/', '-') or 'home'}-{given.login}-{width}-{language}.png"
                page.screenshot(path=given.out / name, full_page=True)
                print(given.out / name, overhang(page))
            page.close()


def overhang(page: Page) -> str:
    """Says whether the page is wider than its window."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return f"OVERHANGS by {over} px" if over > 0 else ""


if __name__ == "__main__":
    main()
