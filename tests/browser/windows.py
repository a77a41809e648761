"""Browser windows that test after test uses again: to open one costs a second of computing, more than most tests need."""

from __future__ import annotations

import re
from collections import defaultdict
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Cookie, Page, Response

_TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')
_FORGET = (
    "() => { try { sessionStorage.clear(); localStorage.clear(); } catch { /* A page that may keep nothing. */ } }"
)
_PATIENCE_MS = 15_000


class Windows:
    """Windows of one browser, each with cookies of its own; whoever takes one finds nothing in it."""

    def __init__(self, browser: Browser, rest: str) -> None:
        """``rest`` is the address of something quiet, on the host of all sites: a blank page would be another process."""
        self._browser, self._rest = browser, rest
        self._free: defaultdict[tuple[bool, str], list[Page]] = defaultdict(list)
        self._kinds: dict[Page, tuple[bool, str]] = {}
        self._cookies: dict[tuple[str, str], list[Cookie]] = {}

    def take(self, site: str, *, login: str | None, width: int, scripts: bool, language: str, dark: bool) -> Page:
        """A window in which the addresses are those of a site and somebody may have signed in; for one's own use."""
        kind = (scripts, language)
        page = self._free[kind].pop() if self._free[kind] else self._opened(*kind)
        self._kinds[page] = kind
        page.set_default_timeout(_PATIENCE_MS)
        page.set_default_navigation_timeout(_PATIENCE_MS)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light", media="null")
        if login:
            self._sign_in(page.context, site, login)

        def goto(address: str, timeout: float | None = None) -> Response | None:
            return Page.goto(page, urljoin(site, address), timeout=timeout)

        vars(page)["goto"] = goto  # A window has one site for its whole life, if it is Playwright that is told it.
        return page

    def give_back(self, page: Page) -> None:
        """Whoever has it next finds nothing of what was; one that was closed or has lost its page is not used again."""
        kind = self._kinds.pop(page)
        if page.is_closed():
            return
        for other in page.context.pages:
            if other is not page:
                other.close()
        page.unroute_all()
        page.evaluate(_FORGET)
        Page.goto(page, self._rest)
        page.context.clear_cookies()
        self._free[kind].append(page)

    def _opened(self, scripts: bool, language: str) -> Page:
        context = self._browser.new_context(java_script_enabled=scripts, locale=language)
        return context.new_page()

    def _sign_in(self, context: BrowserContext, site: str, login: str) -> None:
        """Not through the form's page, which has tests of its own; once for a site and login."""
        if (site, login) in self._cookies:
            context.add_cookies([{**one} for one in self._cookies[site, login]])
            return
        token = _TOKEN.search(context.request.get(f"{site}/login").text())
        assert token, f"no form on {site}/login"
        sent = {"csrf_token": token[1], "login": login, "password": login}
        answer = context.request.post(f"{site}/login", form=sent, max_redirects=0)
        assert answer.status == 303, f"{login}: {answer.status}"
        self._cookies[site, login] = context.cookies()
