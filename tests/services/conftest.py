"""A second database beside the one of ``tests/stores.py``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qaplatform.store.engine import Store


@pytest.fixture
def other_store(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Store]:
    """A second database of the same kind."""
    if store.is_sqlite:
        path = tmp_path / "other.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgresql").create()
    other = Store(url)
    yield other
    other.close()
    if not store.is_sqlite:
        request.getfixturevalue("postgresql").drop(url)
