"""How smooth the desk is on a long chat, in a real browser: milliseconds of opening, of keys, of selecting and typing.

    python -m benchmarks.desk_browser URL LOGIN ITEM [--password WORDS] [--chromium PATH]

``URL`` is a served workplace, ``ITEM`` a work item of ``LOGIN``'s. A key's time is from its press to the frame after it was drawn.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys

from playwright.sync_api import Page, sync_playwright

TIMES = 20
_KEY = """(key) => new Promise((done) => {
  const begun = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  requestAnimationFrame(() => { const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - begun); channel.port2.postMessage(0); });
})"""
_OPENED = """() => { const it = performance.getEntriesByType("navigation")[0];
  return [it.responseStart - it.requestStart, it.domContentLoadedEventEnd - it.responseStart, it.loadEventEnd]; }"""


def keys(page: Page, key: str) -> float:
    """The median time of a key."""
    return statistics.median(float(page.evaluate(_KEY, key)) for _ in range(TIMES))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "login", "item"):
        parser.add_argument(name)
    parser.add_argument("--password")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=flags)
        page = browser.new_page(base_url=asked.url, viewport={"width": 1440, "height": 900})
        page.goto("/login")
        page.fill("#login", asked.login)
        page.fill("#password", asked.password or asked.login)
        page.click("#submit")
        opened = []
        for _ in range(5):
            page.goto(f"/desk/{asked.item}", wait_until="load")
            opened.append(page.evaluate(_OPENED))
        server, ready, loaded = (statistics.median(column) for column in zip(*opened, strict=True))
        lines = page.locator(".chat > .line").count()
        spots = page.locator(".chat .spot").count()
        print(f"{lines} messages, {spots} findings")
        print(f"server {server:.0f} ms, interactive after another {ready:.0f} ms, all loaded {loaded:.0f} ms")
        for name, key in (
            ("next criterion", "j"),
            ("last criterion", "k"),
            ("next finding", "n"),
            ("next message", "]"),
        ):
            print(f"{name} ({key}): {keys(page, key):.0f} ms")
        page.evaluate(_KEY, "v")
        print(f"selecting (→): {keys(page, 'ArrowRight'):.0f} ms")
        page.locator("[name=summary]").focus()
        begun = page.evaluate("performance.now()")
        page.keyboard.type("abcdefghij" * 2)
        print(f"typing: {(page.evaluate('performance.now()') - begun) / 20:.0f} ms a letter")
        browser.close()
    sys.stdout.flush()


if __name__ == "__main__":
    main()
