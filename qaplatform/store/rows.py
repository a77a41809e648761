"""Many rows at once: numbers set aside for them, and the database's own fast way in.

A row is a tuple of plain values; JSON columns take JSON already encoded. No object a row is made anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from qaplatform.store.tables.base import Base, UtcDateTime

Row = tuple[Any, ...]
_Item = TypeVar("_Item")
_MOST_BOUND = 10_000
"""SQLite takes 32,766 values in one statement, PostgreSQL 65,535."""


def is_sqlite(session: Session) -> bool:
    """Whether the session talks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def chunks(items: Sequence[_Item], most: int = _MOST_BOUND) -> Iterator[Sequence[_Item]]:
    """Runs of so many items as one statement takes."""
    return (items[start : start + most] for start in range(0, len(items), most))


def among(session: Session, column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of many values: one parameter for all of them, so that the statement stays the same."""
    if is_sqlite(session):
        listed = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(values), postgresql.ARRAY(column.type)))


def new_ids(session: Session, model: type[Base], count: int) -> Sequence[int]:
    """Numbers for new rows, ascending, which nobody else gets; in a writing transaction only."""
    if not count:
        return ()
    table = _table(model)
    if is_sqlite(session):
        # The transaction has the database's only lock, so nobody adds rows in between.
        last = int(session.scalar(select(func.max(table.c.id))) or 0)
        return range(last + 1, last + 1 + count)
    sequence = func.pg_get_serial_sequence(table.name, "id")
    numbers = select(func.nextval(sequence)).select_from(func.generate_series(1, count).alias())
    return sorted(session.scalars(numbers))


def insert_new(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert some rows, passing over those that some unique constraint knows already."""
    if rows:
        insert = sqlite.insert if is_sqlite(session) else postgresql.insert
        session.execute(insert(_table(model)).on_conflict_do_nothing(), rows)


def insert_unknown(session: Session, model: type[Base], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """The same for many rows, as tuples that hold all columns that have no default in the database."""
    if not rows:
        return
    table = _table(model)
    names = ", ".join(f'"{name}"' for name in columns)
    if is_sqlite(session):
        given, values = f"VALUES ({', '.join('?' * len(columns))})", _bound(session, table, columns, rows)
        statement = f'INSERT INTO "{table.name}" ({names}) {given} ON CONFLICT DO NOTHING'
        session.connection().exec_driver_sql(statement, values)
        return
    dialect = session.get_bind().dialect
    arrays = ", ".join(f"%s::{table.c[name].type.compile(dialect)}[]" for name in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING'  # noqa: S608
    session.connection().exec_driver_sql(statement, tuple(list(values) for values in zip(*rows, strict=True)))


def insert_rows(session: Session, model: type[Base], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert tuples: a prepared statement on SQLite, COPY on PostgreSQL.

    Raises:
        DBAPIError: as any other statement.
    """
    if not rows:
        return
    table = _table(model)
    names = ", ".join(f'"{name}"' for name in columns)
    if is_sqlite(session):
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608  names are the model's own
        session.connection().exec_driver_sql(statement, _bound(session, table, columns, rows))
    else:
        copy_rows(session, f'COPY "{table.name}" ({names}) FROM STDIN', rows)


def update_rows(session: Session, model: type[Base], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set columns of single rows; the last value of each tuple is the row's ``id``.

    Raises:
        DBAPIError: as any other statement.
    """
    if not rows:
        return
    table, mark = _table(model), "?" if is_sqlite(session) else "%s"
    values = ", ".join(f'"{name}" = {mark}' for name in columns)
    statement = f'UPDATE "{table.name}" SET {values} WHERE id = {mark}'  # noqa: S608  names are the model's own
    session.connection().exec_driver_sql(statement, _bound(session, table, (*columns, "id"), rows))


def rows_with_bytes(session: Session, asked: Select[*tuple[Any, ...]]) -> Sequence[Row]:
    """The rows of a statement whose columns hold many megabytes: PostgreSQL would send bytes as twice as much text.

    Values are as the driver gives them; no column's type of our own is applied.

    Raises:
        DBAPIError: as any other statement.
    """
    if is_sqlite(session):
        return [tuple(row) for row in session.execute(asked)]
    import psycopg

    connection = session.connection()
    said = asked.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(binary=True) as cursor:
            cursor.execute(str(said), said.params)
            return list(cursor.fetchall())
    except psycopg.Error as error:
        # As SQLAlchemy would have wrapped it, so that every edge knows it.
        wrapped = DBAPIError.instance(
            str(said), None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise wrapped from error


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model} is no table")
    return table


def _bound(session: Session, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """Rows as the driver takes them: SQLite's knows no times."""
    times = [place for place, name in enumerate(columns) if isinstance(table.c[name].type, UtcDateTime)]
    if not times or not is_sqlite(session):
        return list(rows)
    dialect = session.get_bind().dialect
    bind: Callable[[Any], Any] | None = table.c[columns[times[0]]].type.dialect_impl(dialect).bind_processor(dialect)
    changed = []
    for row in rows:
        values = list(row)
        for place in times if bind else ():
            values[place] = bind(values[place]) if bind else values[place]
        changed.append(tuple(values))
    return changed


def copy_rows(session: Session, statement: str, rows: Iterable[Row]) -> None:
    """Send rows with a ``COPY … FROM STDIN``, which only PostgreSQL knows.

    Raises:
        DBAPIError: as any other statement.
    """
    import psycopg

    connection = session.connection()
    # The check of a foreign key is to be planned once for all rows, not for each: see the engine's settings.
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # As SQLAlchemy would have wrapped it, so that every edge knows it.
        wrapped = DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise wrapped from error
    finally:
        cursor.close()
