"""What holds for every test: no network, no long versions unless asked for, repeatable generated examples."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from qaplatform.collecting import collect_seldom, keep_for_good

pytest_plugins = ["tests.stores", "tests.statements_once", "tests.real_model"]

ROOT = Path(__file__).resolve().parent.parent
FULL = bool(os.environ.get("QAPLATFORM_FULL"))
LOOPBACK = ["127.0.0.1", "::1"]
_LONG = ("tests/test_killed_", "tests/browser/", "tests/cli/")
_FILE_BY_FILE = ("tests/web/", "tests/services/")
"""They hold no SQL of their own (import contracts); every statement they lead to runs on PostgreSQL in some test."""

# Whoever starts the tests in the background of a shell has told them, and all they start, to leave Ctrl+C alone.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Compiled word lists are kept beside the checkout: a test leaves the user's own cache alone, and no two compile twice.
os.environ.setdefault("QAPLATFORM_CACHE", str(ROOT / ".cache" / "matchers"))

# The ordinary run tries the same examples every time; the full run tries new ones, and many more.
settings.register_profile(
    "ordinary", max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "full", settings.get_profile("ordinary"), derandomize=False, max_examples=2000, print_blob=True
)
settings.load_profile("full" if FULL else "ordinary")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is only done when it is asked for."""
    parser.addoption(
        "--real-model",
        action="store_true",
        help="also ask a real small model (fetches 1.1 GB once: scripts/real-model)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give our own marks their meaning, and begin with what takes long: no core shall be left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))
    if not FULL:
        for item in _second_database_again(items):
            item.add_marker(pytest.mark.skip(reason="another case on the second database: ./test --full"))
    for item in items:
        if item.get_closest_marker("loopback"):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
        if item.get_closest_marker("full") and not FULL:
            item.add_marker(pytest.mark.skip(reason="a long version: ./test --full"))
        if item.get_closest_marker("real_model") and not config.getoption("--real-model"):
            item.add_marker(
                pytest.mark.skip(reason="asks a real small model, a matter of minutes: ./test --real-model")
            )


def _second_database_again(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Tests of many cases run on PostgreSQL in their first case only, where all the others run on SQLite.

    Of a file of pages or services it is the first test, and those that are marked for both.
    """
    cases = {item.nodeid for item in items}
    seen: set[str] = set()
    for item in items:
        case = getattr(item, "callspec", None)
        if case is None or case.params.get("store_url", case.params.get("empty_store")) != "postgresql":
            continue
        file_by_file = item.nodeid.startswith(_FILE_BY_FILE) and not item.get_closest_marker("both_databases")
        name = item.nodeid.partition("::" if file_by_file else "[")[0]
        if name in seen and item.nodeid.replace("postgresql", "sqlite") in cases:
            yield item
        seen.add(name)


def pytest_collection_finish() -> None:
    """Nine thousand tests and all modules stay to the end: looking through them for garbage takes a second, time and again."""
    collect_seldom()
    keep_for_good()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's top folder."""
    return ROOT
