"""What the database refuses, said in plain words: constraints decide races, and people read which one it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError

FOREIGN_KEY = "foreign key"
"""Stands for every foreign key: SQLite does not say which one it was."""
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")


@contextmanager
def plain_conflicts(session: Session, meanings: Mapping[str, type[QAPlatformError]]) -> Iterator[None]:
    """What the block adds or changes is written at its end; a constraint that it breaks is said in plain words.

    ``meanings`` has an error by the name of a unique constraint without its ``uq_`` (``shops_code``), and by
    :data:`FOREIGN_KEY`. What has no meaning is raised as it is. The transaction goes on as if the block had not been.
    """
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        meaning = meanings.get(_broken(error))
        if meaning is None:
            raise
        raise meaning from error


def _broken(error: IntegrityError) -> str:
    """The name of the constraint, as ``meanings`` call it."""
    origin: Any = error.orig
    name = getattr(getattr(origin, "diag", None), "constraint_name", None)
    if name is not None:
        return FOREIGN_KEY if name.startswith("fk_") else re.sub(r"^(?:uq|ix)_", "", name)
    text = str(origin)
    if "FOREIGN KEY" in text:
        return FOREIGN_KEY
    unique = _SQLITE_UNIQUE.search(text)
    if unique is None:
        return text
    # SQLite names columns and no constraint: "shops.code", "accounts.shop_id, accounts.name".
    table = unique[1].partition(".")[0]
    columns = (column.rpartition(".")[2] for column in unique[1].split(", "))
    return "_".join([table, *columns])
