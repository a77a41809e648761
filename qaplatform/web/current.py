"""What belongs to the application at hand, and to the person whose request it answers."""

from __future__ import annotations

from flask import Flask, current_app, g

from qaplatform.services.access import Viewer
from qaplatform.services.passwords import Passwords
from qaplatform.services.signing_in import SignedIn
from qaplatform.settings import Settings
from qaplatform.store.engine import Store

_STORE = "qaplatform_store"
_SETTINGS = "qaplatform_settings"
_PASSWORDS = "qaplatform_passwords"


def set_up(app: Flask, settings: Settings, store: Store, passwords: Passwords) -> None:
    """Keep the settings, the database and the hashing of passwords with the application."""
    app.extensions[_SETTINGS] = settings
    app.extensions[_STORE] = store
    app.extensions[_PASSWORDS] = passwords


def store_of(app: Flask) -> Store:
    """The database of an application: whoever makes an application and lets it go closes it."""
    store: Store = app.extensions[_STORE]
    return store


def current_store() -> Store:
    """The database; open a transaction with ``reading()`` or ``writing()``."""
    return store_of(current_app)


def current_settings() -> Settings:
    """What the installation was told when it started."""
    settings: Settings = current_app.extensions[_SETTINGS]
    return settings


def current_passwords() -> Passwords:
    """How passwords are hashed here."""
    passwords: Passwords = current_app.extensions[_PASSWORDS]
    return passwords


def visit() -> SignedIn | None:
    """Who asks, with their login and session; also where the request failed before that was known."""
    found: SignedIn | None = g.get("visit")
    return found


def signed_in() -> Viewer | None:
    """Who asks, if somebody is signed in: for public pages and the frame around all of them."""
    viewer: Viewer | None = g.get("viewer")
    return viewer


def current_visit() -> SignedIn:
    """The visit of :func:`current_viewer`."""
    found = visit()
    if found is None:
        raise LookupError("nobody is signed in; a public view asks visit()")
    return found


def current_viewer() -> Viewer:
    """Who asks; for views that need a permission, where somebody is always signed in."""
    viewer = signed_in()
    if viewer is None:
        raise LookupError("nobody is signed in; a public view asks signed_in()")
    return viewer
