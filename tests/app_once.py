"""The application is made once, and handed from test to test.

Each test has a database of its own, but the views, their addresses and the pages' templates are the same for all: making them
and loading the templates of one page anew takes a twentieth of a second.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from qaplatform.api.current import keep
from qaplatform.app import create_app
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.web import current, remembering
from tests.people import QUICK

_MADE: dict[Settings, tuple[Flask, dict[str, Any]]] = {}


def handed_on(settings: Settings, store: Store) -> Flask:
    """An application with these settings, all it knows of earlier databases forgotten; nobody may add to its views."""
    kind = replace(settings, database_url="", data_folder=Path())
    if kind not in _MADE:
        made = create_app(settings, passwords=QUICK, store=store)
        # As if it had answered a request: whoever adds a view is told that it is too late.
        made._got_first_request = True
        _MADE[kind] = made, dict(made.extensions)
    app, extensions = _MADE[kind]
    app.extensions.clear()
    app.extensions.update(extensions)
    current.set_up(app, settings, store, QUICK)
    keep(app, store, settings.data_folder)
    remembering.set_up(app)
    return app
