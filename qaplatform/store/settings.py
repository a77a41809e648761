"""Values the program keeps for itself or an admin has set, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from qaplatform.store.rows import is_sqlite
from qaplatform.store.tables import Setting

_CHANGING = 7_340_022


def read_setting(session: Session, name: str) -> Any:
    """A value, or ``None``."""
    found = session.get(Setting, name)
    return None if found is None else found.value


def write_setting(session: Session, name: str, value: Any) -> None:
    """Set a value, which must not be ``None``."""
    session.merge(Setting(name=name, value=value))


def lock_settings(session: Session) -> None:
    """One change at a time until the transaction ends, for values that are read, changed and set; SQLite writes one at a time anyway."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CHANGING})
