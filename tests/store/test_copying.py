"""Rows are read from one state, whatever others write meanwhile."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import select

from qaplatform.store import copying
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base, Note, Shop, Team
from tests.filling import ROWS, filled

NOW = datetime(2026, 11, 11, tzinfo=UTC)


def test_what_others_write_while_tables_are_read_is_not_seen(store: Store) -> None:
    filled(store)
    with copying.one_state(store) as connection:
        tables = {table.name: table for table in copying.tables_in(connection)}
        assert tables.keys() == Base.metadata.tables.keys()
        first = len(list(copying.lines_of(connection, tables["shops"])))
        with store.writing() as session:
            session.add(Shop(code="new", name="后来", created_at=NOW))
            session.add(Team(name="后来", created_at=NOW))
            session.add(Note(conversation_id=1, text="后来", user_id=1, created_at=NOW))
        again = {name: len(list(copying.lines_of(connection, table))) for name, table in tables.items()}
    assert (first, set(again.values())) == (ROWS, {ROWS})
    with store.reading() as session:
        assert len(session.scalars(select(Note)).all()) == ROWS + 1


def test_lines_are_the_same_from_both_databases(store: Store) -> None:
    filled(store)
    with copying.one_state(store) as connection:
        tables = {table.name: table for table in copying.tables_in(connection)}
        names = ("shops", "calendar_days", "settings")
        lines = {name: list(copying.lines_of(connection, tables[name])) for name in names}
    shop, day, setting = (json.loads(lines[name][0]) for name in names)
    assert (shop["active"], shop["created_at"]) == (False, "2026-09-02T01:02:03.456790Z")
    assert day["day"] == "2026-09-01"
    assert setting["value"]["n"] == [1, 1.5, True, None, {"深": "\"'\\ \n"}]
