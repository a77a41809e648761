"""What kind of workplace a database holds: the demo, or somebody's own."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import Setting

Workplace = Literal["demo", "own"]
_NAME = "workplace"


def workplace(session: Session) -> Workplace:
    """The kind; ``own`` unless it was made a demo."""
    return "demo" if session.scalar(select(workplace_setting())) == "demo" else "own"


def workplace_setting() -> ScalarSelect[Any]:
    """The setting as it stands (or none), to be asked for within another query."""
    return select(Setting.value).where(Setting.name == _NAME).scalar_subquery()


def set_workplace(session: Session, kind: Workplace) -> None:
    """Say what a new database holds."""
    session.merge(Setting(name=_NAME, value=kind))
    session.flush()
