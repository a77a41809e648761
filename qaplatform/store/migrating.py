"""Migrations: taking a database to the newest form, or back."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from qaplatform.resources import shipped_folder
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.faults import plain_faults


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped_folder("migrations")).replace("%", "%%"))
    return config


def newest() -> str:
    """The newest form this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known() -> frozenset[str]:
    """All forms this program knows."""
    return frozenset(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def current(store: Store) -> str | None:
    """The form of a database; ``None`` if it is empty.

    Raises:
        StoreError: it cannot be reached.
    """
    try:
        with plain_faults(), store.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise StoreError(f"the database cannot be reached: {error.orig}") from error


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
        _run(store, lambda config: command.upgrade(config, revision))


def downgrade(store: Store, revision: str) -> None:
    """Take a database back to an older form; ``base`` empties it."""
    _run(store, lambda config: command.downgrade(config, revision))


def make_anew(connection: Connection, revision: str) -> None:
    """Make the tables of a form in the caller's transaction; those of an empty database of ours are made anew."""
    if MigrationContext.configure(connection).get_current_revision() is not None:
        _act(connection, lambda config: command.downgrade(config, "base"))
    _act(connection, lambda config: command.upgrade(config, revision))


def upgrade_in(connection: Connection) -> None:
    """Take a database to the newest form in the caller's transaction."""
    _act(connection, lambda config: command.upgrade(config, "head"))


def _run(store: Store, act: Callable[[Config], None]) -> None:
    with plain_faults(), store.engine.execution_options(qaplatform_begin="IMMEDIATE").begin() as connection:
        _act(connection, act)


def _act(connection: Connection, act: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    act(config)
