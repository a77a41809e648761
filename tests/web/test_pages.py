"""Every page that can be opened without knowing an id is sound, in both languages, with and without data.

The client lints what it gets; a page with an id in its address is opened by the tests of its own part.
"""

from __future__ import annotations

import re

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


@pytest.mark.parametrize(
    ("filled", "language"),
    [(True, "zh"), (True, "en"), (False, "zh"), pytest.param(False, "en", marks=pytest.mark.full)],
)
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


def addresses_with_numbers(app: Flask, number: int) -> list[str]:
    """Addresses of all GET routes that have numbers in them, all of which are this one."""
    adapter = app.url_map.bind("localhost")
    return sorted(
        adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, number), method="GET")
        if number < 2**63
        else re.sub(r"<int(?:\([^)]*\))?:\w+>", str(number), rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<int" in rule.rule and not rule.rule.startswith("/api/")
    )


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**25])
def test_a_number_that_nothing_has_is_a_page_that_is_not_there(app: Flask, signed_in: SignIn, number: int) -> None:
    client = signed_in("boss")
    addresses = addresses_with_numbers(app, number)
    assert len(addresses) > 10
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**25])
@pytest.mark.parametrize(
    "address", ["/jobs?before", "/imports?shop", "/imports?page", "/admin/accounts?shop", "/admin/accounts?agent", "/admin/activity?user"]
)  # fmt: skip
def test_a_number_that_nothing_has_narrows_no_list_to_an_error(signed_in: SignIn, address: str, number: int) -> None:
    assert signed_in("boss").get(f"{address}={number}").status_code == 200
