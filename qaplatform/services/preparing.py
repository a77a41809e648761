"""Making a workplace, or taking it to the newest form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from qaplatform.errors import QAPlatformError
from qaplatform.services.workplaces import Workplace
from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.settings import read_setting, write_setting
from qaplatform.store.workplace import set_workplace, workplace


class WrongWorkplaceError(QAPlatformError):
    """The database belongs to a workplace of the other kind."""


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
