"""Migrations lead to the model and back, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from qaplatform.resources import shipped_folder
from qaplatform.store import migrating
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.search import is_of_search
from qaplatform.store.tables import Base


def _differences(store: Store) -> list[Any]:
    def compared(_thing: Any, name: str | None, kind: str, *_: Any) -> bool:
        return kind != "table" or not is_of_search(name or "")

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": compared, "compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrations_make_what_the_model_says(store: Store) -> None:
    assert migrating.current(store) == migrating.newest()
    assert _differences(store) == []


def test_the_forms_are_those_that_alembic_sees() -> None:
    config = Config()
    config.set_main_option("script_location", str(shipped_folder("migrations")))
    seen = ScriptDirectory.from_config(config)
    assert migrating.newest() == seen.get_current_head()
    assert migrating.known() == {one.revision for one in seen.walk_revisions()}


def test_down_to_nothing_and_up_again(store: Store) -> None:
    migrating.downgrade(store, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    migrating.upgrade(store)
    assert _differences(store) == []


def test_a_database_of_a_newer_release_is_left_alone(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'far_ahead'"))
    with pytest.raises(StoreError, match="newer release"):
        migrating.upgrade(store)
    assert migrating.current(store) == "far_ahead"


def test_every_foreign_key_is_indexed() -> None:
    bare = []
    for table in Base.metadata.sorted_tables:
        begins = {index.columns[0].name for index in table.indexes}
        begins |= {
            constraint.columns[0].name
            for constraint in table.constraints
            if getattr(constraint, "columns", None)
            and type(constraint).__name__ in {"PrimaryKeyConstraint", "UniqueConstraint"}
        }
        begins |= {column.name for column in table.columns if column.unique}
        bare += [f"{table.name}.{key.parent.name}" for key in table.foreign_keys if key.parent.name not in begins]
    assert bare == []
