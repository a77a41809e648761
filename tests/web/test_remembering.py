"""What pages may remember for a minute: per key, per application, and no longer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from qaplatform.web import remembering


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def app(time: _Time) -> Iterator[Flask]:
    app = Flask("test")
    remembering.set_up(app, timer=time)
    with app.app_context():
        yield app


pytestmark = pytest.mark.usefixtures("app")


def test_is_found_once_a_minute(time: _Time) -> None:
    found = iter("abc")
    assert [remembering.remembered("key", lambda: next(found)) for _ in range(3)] == ["a", "a", "a"]
    time.now = 59.9
    assert remembering.remembered("key", lambda: next(found)) == "a"
    time.now = 60.1
    assert remembering.remembered("key", lambda: next(found)) == "b"


def test_keys_and_applications_do_not_mix() -> None:
    assert remembering.remembered(("list", 1), lambda: "mine") == "mine"
    assert remembering.remembered(("list", 2), lambda: "yours") == "yours"
    other = Flask("other")
    remembering.set_up(other)
    with other.app_context():
        assert remembering.remembered(("list", 1), lambda: "another's") == "another's"


def test_what_could_not_be_found_is_looked_for_again() -> None:
    def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        remembering.remembered("key", fail)
    assert remembering.remembered("key", lambda: "found") == "found"
