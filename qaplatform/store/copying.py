"""All rows of a database as lines of JSON, and back, whatever the database and whatever its form.

The tables are read from the database itself and not from the model: a backup can be made before an upgrade, and an old one be
restored in the form it was made in. The search index is left out; it is made anew of what is restored.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import msgspec
import psycopg
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Time,
    exists,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from qaplatform.store import migrating, search
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.faults import plain_faults
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.nul import without_nul
from qaplatform.store.tables import ConversationRow
from qaplatform.store.tables.base import ANY_JSON

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""What becomes of a row on its way."""

_VERSION_TABLE = "alembic_version"
_ROWS_AT_ONCE = 2000
_INDEXED_AT_ONCE = 500

_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], dict[str, Any]] = msgspec.json.Decoder(dict[str, Any]).decode


class NotEmptyError(StoreError):
    """There is something in this database already; name a new one, or remove it first."""


class RowRefusedError(StoreError):
    """A row does not fit into this database."""


# --- reading -------------------------------------------------------------------------------------------


@contextmanager
def one_state(store: Store) -> Iterator[Connection]:
    """A transaction that sees one state of the database from its first look on, while others go on writing."""
    if store.is_sqlite:
        with plain_faults(), store.engine.connect() as connection:
            yield connection
        return
    with plain_faults(), store.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        yield connection


def tables_in(connection: Connection) -> list[Table]:
    """The tables whose rows are copied, each after those it refers to: columns and keys, and nothing else of them."""
    look, names, metadata = inspect(connection), _names_in(connection), MetaData()
    columns = look.get_multi_columns(filter_names=names)
    keys = look.get_multi_pk_constraint(filter_names=names)
    references = look.get_multi_foreign_keys(filter_names=names)
    for name in names:
        key, place = keys[None, name]["constrained_columns"], (None, name)
        Table(
            name,
            metadata,
            *(Column(one["name"], one["type"], primary_key=one["name"] in key) for one in columns[place]),
            *(
                ForeignKeyConstraint(
                    one["constrained_columns"],
                    [f"{one['referred_table']}.{other}" for other in one["referred_columns"]],
                )
                for one in references[place]
            ),
        )
    return list(metadata.sorted_tables)


def _names_in(connection: Connection) -> list[str]:
    found = inspect(connection).get_table_names()
    return [name for name in found if not search.is_of_search(name) and name != _VERSION_TABLE]


def lines_of(connection: Connection, table: Table, change: Change = dict) -> Iterator[bytes]:
    """The rows of a table, in the order of its key, each as a line of JSON; moments are UTC."""
    columns = list(table.columns)
    names = [column.name for column in columns]
    moments = [place for place, column in enumerate(columns) if isinstance(column.type, DateTime)]
    asked = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS_AT_ONCE)
    with connection.execute(asked) as rows:
        for row in rows:
            values = list(row)
            for place in moments:
                values[place] = _utc(values[place])
            yield _encode(change(dict(zip(names, values, strict=True)))) + b"\n"


def _utc(moment: datetime | None) -> datetime | None:
    """SQLite has dropped the zone, which was UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# --- writing -------------------------------------------------------------------------------------------


class Restoring(NamedTuple):
    """A database that is being filled, in a transaction that nobody else sees before its end."""

    session: Session
    connection: Connection
    tables: Mapping[str, Table]

    def insert(self, name: str, lines: Iterable[bytes], change: Change = dict) -> int:
        """Insert the rows of a table; how many there were.

        Raises:
            RowRefusedError: a line is no row of this table, or the database has no room for what it holds.
        """
        table = self.tables[name]
        readers = {column.name: _reader(column.type) for column in table.columns}
        bound = [_bound(column.type, self.connection.dialect) for column in table.columns]
        takes_nul = self.connection.dialect.name == "sqlite"
        count = 0
        rows: list[tuple[Any, ...]] = []
        for line in lines:
            row = change(_row(name, line, readers, takes_nul=takes_nul))
            rows.append(
                tuple(bind(row[column]) if bind else row[column] for column, bind in zip(readers, bound, strict=True))
            )
            if len(rows) == _ROWS_AT_ONCE:
                self._insert(table, rows)
                count, rows = count + len(rows), []
        self._insert(table, rows)
        return count + len(rows)

    def _insert(self, table: Table, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        try:
            if self.connection.dialect.name == "sqlite":
                marks = ", ".join("?" * len(table.columns))
                statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608  names are the table's own
                self.connection.exec_driver_sql(statement, rows)
                return
            statement = f'COPY "{table.name}" ({names}) FROM STDIN'
            with self.connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
                for row in rows:
                    copy.write_row(row)
        except (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError) as error:
            # What follows the first line names the row's values, which belong on nobody's screen.
            said = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise RowRefusedError(f"{table.name}: a row does not fit into this database: {said}") from error

    def finish(self) -> None:
        """New rows get numbers after those that are there; the newest form; the search index."""
        if self.connection.dialect.name == "postgresql":
            _set_sequences(self.connection, self.tables.values())
        migrating.upgrade_in(self.connection)
        _index(self.session)


@contextmanager
def restoring(store: Store, form: str) -> Iterator[Restoring]:
    """Fill an empty database with the tables of a form; an error leaves it as it was.

    Raises:
        NotEmptyError: there is something in it.
    """
    with store.rebuilding() as session:
        connection = session.connection()
        _make_sure_it_is_empty(connection)
        migrating.make_anew(connection, form)
        tables = tables_in(connection)
        for table in tables:
            for column in table.columns:
                if isinstance(column.type, JSON):
                    column.type = ANY_JSON  # Nothing is NULL in all databases, and not the JSON word null.
        yield Restoring(session, connection, {table.name: table for table in tables})


def _make_sure_it_is_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    if there and _VERSION_TABLE not in there:
        raise NotEmptyError(f"there are tables in this database that are not ours ({min(there)}, …); name a new one")
    for name in _names_in(connection):
        if connection.scalar(select(exists().select_from(Table(name, MetaData())))):
            raise NotEmptyError


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a column's value out of its JSON; ``None`` where they are the same."""
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Time):
        return time.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    # Some drivers give a yes or no as a number.
    return bool if isinstance(kind, Boolean) else None


def _bound(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes the driver's value out of a column's; ``None`` where they are the same."""
    bind: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return bind


def _row(
    name: str, line: bytes, readers: Mapping[str, Callable[[Any], Any] | None], *, takes_nul: bool
) -> dict[str, Any]:
    try:
        row = _decode(line)
        for column, reader in readers.items():
            if row[column] is not None and reader is not None:
                row[column] = reader(row[column])
    except (ValueError, TypeError, KeyError) as error:
        raise RowRefusedError(f"{name}: a line is no row of this table: {error}") from error
    if row.keys() != readers.keys():
        raise RowRefusedError(f"{name}: a line has other columns than this table: {', '.join(row)}")
    return row if takes_nul or b"\\u0000" not in line else without_nul(row)


def _set_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        key = table.primary_key.columns.values()
        if len(key) != 1 or not isinstance(key[0].type, Integer):
            continue
        sequence = func.pg_get_serial_sequence(table.name, key[0].name)
        top = connection.scalar(select(func.max(key[0])))
        if top is not None and connection.scalar(select(sequence)) is not None:
            connection.execute(select(func.setval(sequence, top)))


def _index(session: Session) -> None:
    last = 0
    row = ConversationRow
    while True:
        asked = (
            select(row.id).where(row.id > last, row.text_purged_at.is_(None)).order_by(row.id).limit(_INDEXED_AT_ONCE)
        )
        ids = list(session.scalars(asked))
        if not ids:
            return
        search.add(session, indexed_texts(session, ids))
        last = ids[-1]
