"""What belongs to the application at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from qaplatform.store.engine import Store

_PARTS = "qaplatform_api"


@dataclass(frozen=True, slots=True)
class _Parts:
    store: Store
    data_folder: Path


def keep(app: Flask, store: Store, data_folder: Path) -> None:
    """Keep the database and the data folder with the application."""
    app.extensions[_PARTS] = _Parts(store, data_folder)


def _parts() -> _Parts:
    parts: _Parts = current_app.extensions[_PARTS]
    return parts


def current_store() -> Store:
    """The database."""
    return _parts().store


def data_folder() -> Path:
    """Where batches lie that wait to be taken in."""
    return _parts().data_folder
