"""A workplace: a folder with its database and the files that belong to it; made, filled and opened here.

There are two kinds. The demo workplace is filled with the samples and has users whose passwords everybody knows; one's own
begins empty, with one admin. Which kind a database is stands in its settings and never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qaplatform.errors import QAPlatformError
from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.settings import read_setting, write_setting
from qaplatform.store.workplace import Workplace as Kind
from qaplatform.store.workplace import set_workplace, workplace

_READY = "ready"


class WrongWorkplaceError(QAPlatformError):
    """The database belongs to a workplace of the other kind."""


@dataclass(frozen=True)
class Workplace:
    """Where a workplace lies: its folder, and its database, which may be elsewhere."""

    kind: Kind
    folder: Path
    database: str

    @classmethod
    def at(cls, kind: Kind, folder: Path, database: str | None = None) -> Workplace:
        """The workplace in a folder; without a database URL its own SQLite file."""
        folder = folder.resolve()
        return cls(kind, folder, database or f"sqlite:///{folder / 'workplace.sqlite'}")

    @property
    def exists(self) -> bool:
        """Whether it was made before, as far as can be told without a server."""
        return not self.database.startswith("sqlite") or (self.folder / "workplace.sqlite").exists()


def prepare(place: Workplace, now: datetime, fill: Callable[[Store, Path, datetime], None] | None = None) -> Store:
    """Make a workplace or take it to the newest form; ``fill`` is called once, on a demo that holds nothing yet.

    Raises:
        WrongWorkplaceError: the database is of the other kind.
        StoreError: the database cannot be used, or is of a newer release.
    """
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(place.database)
    migrating.upgrade(store)
    with store.writing() as session:
        if read_setting(session, "workplace") is None:
            set_workplace(session, place.kind)
        elif workplace(session) != place.kind:
            raise WrongWorkplaceError(f"the database is a {workplace(session)} workplace, not {place.kind}")
    if fill is not None:
        with store.reading() as session:
            filled = read_setting(session, "filled")
        if not filled:
            fill(store, place.folder, now)
            with store.writing() as session:
                write_setting(session, "filled", now.isoformat())
    return store


def say_ready(place: Workplace) -> None:
    """Tell whoever watches the folder that the workplace can be served."""
    (place.folder / _READY).touch()


def is_ready(place: Workplace) -> bool:
    """Whether somebody said so."""
    return (place.folder / _READY).exists()
