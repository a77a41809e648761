"""How Alembic runs the migrations: in the connection and transaction it is given (see ``store/migrating.py``)."""

from __future__ import annotations

from typing import Any

from alembic import context

from qaplatform.store.search import is_of_search
from qaplatform.store.tables import Base


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:  # noqa: FBT001
    """The search index is no table of the model."""
    return kind != "table" or not is_of_search(name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    compare_type=True,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
