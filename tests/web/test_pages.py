"""Every page that can be opened without knowing an id is sound, in both languages, with and without data.

The client lints what it gets; a page with an id in its address is opened by the tests of its own part.
"""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.conftest import SignIn

NO_PAGES = {"static", "starting.show", "starting.open_own"}
"""Files; and the way from the demo to one's own workplace, which is there only where both are served."""


def plain_addresses(app: Flask) -> list[str]:
    """Addresses of all GET routes without parameters."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NO_PAGES
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("filled", [True, False])
def test_every_page_is_sound(
    app: Flask, signed_in: SignIn, request: pytest.FixtureRequest, filled: bool, language: str
) -> None:
    if filled:
        request.getfixturevalue("conversations")
    client = signed_in("boss")
    client.submit("/language", {"language": language}, page="/me")
    addresses = plain_addresses(app)
    assert "/" in addresses
    assert {address: client.get(address).status_code for address in addresses if address != "/login"} == {
        address: 200 for address in addresses if address != "/login"
    }
