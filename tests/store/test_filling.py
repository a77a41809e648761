"""The filler of tests leaves no table and no column empty."""

from __future__ import annotations

from sqlalchemy import func, select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Base
from tests.filling import ROWS, fill


def test_every_table_has_rows_and_every_column_a_value(store: Store) -> None:
    with store.writing() as session:
        fill(session)
    empty = []
    with store.reading() as session:
        for table in Base.metadata.sorted_tables:
            assert session.scalar(select(func.count()).select_from(table)) == ROWS
            empty += [str(column) for column in table.columns if not session.scalar(select(func.count(column)))]
    assert empty == []
