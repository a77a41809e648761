"""Migrations: taking a database to the newest form, or back.

Alembic is loaded where there is something to migrate: nearly every start of the program finds the newest form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import OperationalError

from qaplatform.resources import shipped_folder
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.faults import plain_faults

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r'^revision = "(\w+)"$.*?^down_revision = (?:None|"(\w+)")$', re.MULTILINE | re.DOTALL)
_THERE = table("alembic_version", column("version_num"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped_folder("migrations")).replace("%", "%%"))
    return config


@cache
def _forms() -> Mapping[str, str]:
    """Each form this program knows, and the one before it (the first follows the empty name)."""
    files = sorted((shipped_folder("migrations") / "versions").glob("*.py"))
    found = (_REVISION.search(file.read_text(encoding="utf-8")) for file in files)
    return {one[1]: one[2] or "" for one in found if one}


def newest() -> str:
    """The newest form this program knows."""
    forms = _forms()
    return next(iter(forms.keys() - forms.values()), "")


def known() -> frozenset[str]:
    """All forms this program knows."""
    return frozenset(_forms())


def current(store: Store) -> str | None:
    """The form of a database; ``None`` if it is empty.

    Raises:
        StoreError: it cannot be reached.
    """
    try:
        with plain_faults(), store.engine.connect() as connection:
            return _form_in(connection)
    except OperationalError as error:
        raise StoreError(f"the database cannot be reached: {error.orig}") from error


def _form_in(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_THERE.name):
        return None
    found: str | None = connection.scalar(select(_THERE.c.version_num))
    return found


def is_ready(store: Store) -> bool:
    """Whether a database can be reached and is in the newest form."""
    try:
        return current(store) == newest()
    except StoreError:
        return False


def upgrade(store: Store, revision: str = "head") -> None:
    """Take a database to a form, the newest if none is named; all of it or nothing.

    Raises:
        StoreError: the database was made by a newer release.
    """
    there = current(store)
    if there is not None and there not in known():
        raise StoreError(f"the database is of a newer release (form {there}); start that release, or restore a backup")
    if there != newest() or revision != "head":
        _run(store, lambda config: _upgrade(config, revision))


def downgrade(store: Store, revision: str) -> None:
    """Take a database back to an older form; ``base`` empties it."""
    _run(store, lambda config: _downgrade(config, revision))


def make_anew(connection: Connection, revision: str) -> None:
    """Make the tables of a form in the caller's transaction (``Store.rebuilding``); those of an empty database of ours are made anew."""
    if _form_in(connection) is not None:
        _act(connection, lambda config: _downgrade(config, "base"))
    _act(connection, lambda config: _upgrade(config, revision))


def upgrade_in(connection: Connection) -> None:
    """Take a database to the newest form in the caller's transaction (``Store.rebuilding``)."""
    if _form_in(connection) == newest():
        return
    _act(connection, lambda config: _upgrade(config, "head"))


def _upgrade(config: Config, revision: str) -> None:
    from alembic import command

    command.upgrade(config, revision)


def _downgrade(config: Config, revision: str) -> None:
    from alembic import command

    command.downgrade(config, revision)


def _run(store: Store, act: Callable[[Config], None]) -> None:
    with store.rebuilding() as session:
        _act(session.connection(), act)


def _act(connection: Connection, act: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    act(config)
