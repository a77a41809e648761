"""The filler of tests leaves no table and no column empty."""

from __future__ import annotations

from sqlalchemy import func, select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Base
from tests.filling import ROWS, filled


def test_every_table_has_rows_and_every_column_a_value(store: Store) -> None:
    filled(store)
    empty = []
    with store.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows, *values = session.execute(
                select(func.count(), *map(func.count, table.columns)).select_from(table)
            ).one()
            assert rows == ROWS
            empty += [str(column) for column, count in zip(table.columns, values, strict=True) if not count]
    assert empty == []
