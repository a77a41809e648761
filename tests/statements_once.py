"""SQL statements are compiled once for all tests.

Nearly every test has a database of its own, and SQLAlchemy compiles every statement anew for each: half of what most tests of
pages cost. What it makes depends on the statement and the kind of database alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

_MOST_STATEMENTS = 5000


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Compile for the first database of a kind what the others ask for as well."""
    dialects: dict[tuple[object, ...], Dialect] = {}
    compiled: LRUCache[Any, Any] = LRUCache(_MOST_STATEMENTS)
    compile_cached = ClauseElement._compile_w_cache

    def compile_once(statement: ClauseElement, dialect: Any, *, compiled_cache: Any, **more: Any) -> Any:
        kind = (type(dialect), dialect.statement_compiler, getattr(dialect, "server_version_info", None))
        return compile_cached(
            statement,
            dialects.setdefault(kind, dialect),
            compiled_cache=None if compiled_cache is None else compiled,
            **more,
        )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClauseElement, "_compile_w_cache", compile_once)
        yield
