"""What can go wrong with a database that is nobody's fault: the disk, a lock, a server that is away; each with its way out.

The drivers say it in many ways; SQLite's result codes and PostgreSQL's SQLSTATEs are read here and nowhere else.
"""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from qaplatform.errors import QAPlatformError


class StoreError(QAPlatformError):
    """The database cannot be used."""


class StoreFaultError(StoreError):
    """The database cannot be used just now; nothing was written."""

    code: ClassVar[str]
    passes: ClassVar[bool] = True
    """Trying again later makes sense: it goes well as soon as somebody has removed the cause."""

    def __init__(self, detail: str | None = None) -> None:
        """``detail`` is what the system said, for whoever looks into it."""
        super().__init__()
        if detail:
            self.message = f"{self.message} ({detail})"
            self.args = (self.message,)


class NoSpaceError(StoreFaultError):
    """The disk is full; nothing was written. Free some space and try again."""

    code: ClassVar[str] = "store.full"


class StoreBusyError(StoreFaultError):
    """Another program keeps the database locked; nothing was written. Try again later, or end that program."""

    code: ClassVar[str] = "store.busy"


class StoreReadOnlyError(StoreFaultError):
    """The database may not be written to; nothing was written. Give its folder back to the user this program runs as."""

    code: ClassVar[str] = "store.read_only"


class StoreAwayError(StoreFaultError):
    """The database cannot be reached. See that its folder is there and its server runs, and try again."""

    code: ClassVar[str] = "store.away"


class DiskFaultError(StoreFaultError):
    """The disk cannot be read or written; nothing was written. Look after the disk and try again."""

    code: ClassVar[str] = "store.disk"


class StoreDamagedError(StoreFaultError):
    """The database is damaged. Stop the program, put its files aside and restore the last backup (qaplatform restore)."""

    code: ClassVar[str] = "store.damaged"
    passes: ClassVar[bool] = False


FAULTS: tuple[type[StoreFaultError], ...] = (
    NoSpaceError, StoreBusyError, StoreReadOnlyError, StoreAwayError, DiskFaultError, StoreDamagedError,
)  # fmt: skip
"""All kinds."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""How the system says that a file has no room: the disk, somebody's quota, or the largest file that is allowed."""
_SQLITE: Mapping[int, type[StoreFaultError]] = {
    sqlite3.SQLITE_BUSY: StoreBusyError,
    sqlite3.SQLITE_LOCKED: StoreBusyError,
    sqlite3.SQLITE_PROTOCOL: StoreBusyError,
    sqlite3.SQLITE_PERM: StoreReadOnlyError,
    sqlite3.SQLITE_READONLY: StoreReadOnlyError,
    sqlite3.SQLITE_IOERR: DiskFaultError,
    sqlite3.SQLITE_CORRUPT: StoreDamagedError,
    sqlite3.SQLITE_NOTADB: StoreDamagedError,
    sqlite3.SQLITE_FULL: NoSpaceError,
    sqlite3.SQLITE_CANTOPEN: StoreAwayError,
}
_SQLITE_PRIMARY = 0xFF
"""The last byte of a result code; what is before it tells kinds of the same apart."""
_POSTGRESQL: Mapping[str, type[StoreFaultError]] = {
    "53100": NoSpaceError,
    "53": StoreAwayError,  # out of memory, too many connections
    "57P": StoreAwayError,  # it is shutting down or starting up
    "08": StoreAwayError,  # the connection broke
    "25006": StoreReadOnlyError,
    "40": StoreBusyError,  # a deadlock, or others were first
    "55P03": StoreBusyError,  # a lock was not to be had
    "58": DiskFaultError,
    "XX001": StoreDamagedError,
    "XX002": StoreDamagedError,
}
"""By code, or by the beginning of codes; the longer one counts."""
_LONGEST_CODE = 5


@contextmanager
def plain_faults() -> Iterator[None]:
    """Say in our own words what the drivers raise; anything else goes its way.

    Raises:
        StoreFaultError: one of :data:`FAULTS`.
    """
    try:
        yield
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise fault from error


def fault_of(error: Exception) -> StoreFaultError | None:
    """What an error of a driver, or of SQLAlchemy around it, means; ``None`` if it is none of these faults."""
    if isinstance(error, NoConnectionFree):
        return StoreBusyError("all connections are in use")
    said = error.orig if isinstance(error, DBAPIError) else error
    kind: type[StoreFaultError] | None = None
    if isinstance(said, sqlite3.Error):
        kind = _SQLITE.get(getattr(said, "sqlite_errorcode", 0) & _SQLITE_PRIMARY)
    elif "psycopg" in sys.modules:  # It takes long to load, and raises nothing where it is not.
        kind = _of_postgresql(said)
    # What follows the first line may show a row, and with it what customers wrote.
    return None if kind is None else kind(str(said).strip().partition("\n")[0])


def _of_postgresql(error: BaseException | None) -> type[StoreFaultError] | None:
    import psycopg  # noqa: PLC0415 - see above

    if not isinstance(error, psycopg.Error):
        return None
    code = error.sqlstate
    if code is None:
        # It came from the client's library and not from the server: there was none, or it hung up.
        return StoreAwayError if isinstance(error, psycopg.OperationalError) else None
    beginnings = (code[:chars] for chars in range(_LONGEST_CODE, 1, -1))
    return next((_POSTGRESQL[one] for one in beginnings if one in _POSTGRESQL), None)
