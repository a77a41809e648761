"""Puts the web application together."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from qaplatform import api
from qaplatform.services.passwords import STANDARD, Passwords
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.web import (
    access,
    assets,
    current,
    errors,
    formatting,
    i18n,
    kept_templates,
    mistake_words,
    navigation,
    numbers,
    remembering,
    security,
    uploads,
    views,
)
from qaplatform.web.training import bar, path_words, rendering, step_links


def create_app(settings: Settings, *, passwords: Passwords = STANDARD, store: Store | None = None) -> Flask:
    """The application, ready to be served; the database must be in its newest form.

    Args:
        settings: what the installation was told.
        passwords: how they are hashed.
        store: the settings' database, where it is open already.

    Raises:
        UnmarkedViewError: a view says neither which permission it needs nor that it is public.
    """
    # The files in static/ are served by web/assets.py: compressed, and for ever under the address of their content.
    app = Flask("qaplatform.web", static_folder=None)
    app.testing = settings.testing
    store = store or Store(settings.database_url)
    current.set_up(app, settings, store, passwords)
    numbers.set_up(app)
    remembering.set_up(app)
    # Who asks is known before anything can be refused, so that the page that says so is in their language.
    access.set_up(app, has_own_door=api.asks_for_token)
    security.set_up(app, settings)
    uploads.set_up(app)
    kept_templates.set_up(app)
    i18n.set_up(app)
    mistake_words.set_up(app)
    formatting.set_up(app)
    assets.set_up(app)
    errors.set_up(app)
    navigation.set_up(app)
    bar.set_up(app)
    rendering.set_up(app)
    path_words.set_up(app)
    step_links.set_up(app)
    views.register(app, developing=settings.developing)
    api.set_up(app, store, settings.data_folder, security.csrf)
    access.check_routes(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app
