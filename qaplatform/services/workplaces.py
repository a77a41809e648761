"""A workplace: a folder with its database and the files that belong to it; ``services/preparing.py`` makes it.

There are two kinds. The demo workplace is filled with the samples and has users whose passwords everybody knows; one's own
begins empty, with one admin. Which kind a database is stands in its settings and never changes.

Nothing of the store is loaded here: whoever only wants to know whether a workplace is ready is told in a moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qaplatform import __version__
from qaplatform.resources import shipped_folder

if TYPE_CHECKING:
    from qaplatform.store.workplace import Workplace as Kind

_READY = "ready"
_FILE = "workplace.sqlite"


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
        return cls(kind, folder, database or f"sqlite:///{folder / _FILE}")

    @property
    def exists(self) -> bool:
        """Whether it was made before, as far as can be told without a server."""
        return not self.database.startswith("sqlite") or (self.folder / _FILE).exists()


def say_ready(place: Workplace) -> None:
    """Note in the folder that the workplace is prepared and has its users: it can be served, now and at later starts."""
    (place.folder / _READY).write_text(_mark(place), encoding="utf-8")


def is_ready(place: Workplace) -> bool:
    """Whether somebody said so, of this release or another."""
    return (place.folder / _READY).exists()


def needs_nothing(place: Workplace) -> bool:
    """Whether this very database file was made ready by this release, so that it can be served without another look."""
    try:
        return bool(_mark(place)) and (place.folder / _READY).read_text(encoding="utf-8") == _mark(place)
    except (OSError, UnicodeDecodeError):
        return False


def _mark(place: Workplace) -> str:
    """What identifies a release and a database file; empty where the database is none in the folder."""
    file = place.folder / _FILE
    if place.database != f"sqlite:///{file}" or not file.exists():
        return ""
    newest = max(one.name for one in (shipped_folder("migrations") / "versions").glob("*.py"))
    return f"{__version__} {newest} {file.stat().st_ino}"
