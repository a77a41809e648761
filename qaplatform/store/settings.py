"""Values the program keeps for itself or an admin has set, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from qaplatform.store.tables import Setting


def read_setting(session: Session, name: str) -> Any:
    """A value, or ``None``."""
    found = session.get(Setting, name)
    return None if found is None else found.value


def write_setting(session: Session, name: str, value: Any) -> None:
    """Set a value, which must not be ``None``."""
    session.merge(Setting(name=name, value=value))
