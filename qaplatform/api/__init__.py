"""The door for other programs: conversations are pushed here, with a token of their shop. No cookies, no forms."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from qaplatform.api import conversations, imports
from qaplatform.api.access import asks_for_token
from qaplatform.api.current import keep
from qaplatform.api.routes import api
from qaplatform.store.engine import Store

__all__ = ["asks_for_token", "conversations", "imports", "set_up"]


def set_up(app: Flask, store: Store, data_folder: Path, csrf: CSRFProtect) -> None:
    """Open the door in an application; ``csrf`` is told that nobody comes here with a cookie."""
    keep(app, store, data_folder)
    csrf.exempt(api)
    app.register_blueprint(api)
