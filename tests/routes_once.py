"""Routes of an application are compiled once for all tests.

Every test has an application of its own, and Werkzeug writes, walks and compiles functions for each of its two hundred
routes: a fifth of a second a test. What it makes depends on the route's text and defaults alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing.rules import Rule

_COMPILED = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Remember what Werkzeug compiles, by what it is compiled from."""
    compiled: dict[tuple[object, ...], dict[str, Any]] = {}
    compile_rule = Rule.compile

    def compile_once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.merge_slashes, *sorted((rule.defaults or {}).items()))
        if key not in compiled:
            compile_rule(rule)
            compiled[key] = {name: getattr(rule, name) for name in _COMPILED}
        for name, value in compiled[key].items():
            setattr(rule, name, value)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "compile", compile_once)
        yield
