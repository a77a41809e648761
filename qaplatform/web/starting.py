"""From the demo to one's own data: makes one's own workplace beside the demo, and says how to get in.

The page is there only where ``qaplatform start`` runs the demo on this machine; the program that started this one sees
that the new workplace is ready and serves it at ``own_address``.
"""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SubmitField

from qaplatform import clock
from qaplatform.services.preparing import prepare
from qaplatform.services.users import ensure_first_admin
from qaplatform.services.workplaces import Workplace, say_ready
from qaplatform.web.access import permitted
from qaplatform.web.current import current_settings
from qaplatform.web.forms import Form
from qaplatform.web.i18n import lazy

starting = Blueprint("starting", __name__, url_prefix="/start")
_THIS_MACHINE = ("127.0.0.1", "::1")
_NAMES_OF_THIS_MACHINE = ("localhost", *_THIS_MACHINE)
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
_PATIENCE_SECONDS = 20.0


class OwnForm(Form):
    """Nothing but the button."""

    submit = SubmitField(lazy("建立我的工作台"))


@starting.get("")
@permitted("home.see")
def show() -> ResponseReturnValue:
    """What will happen."""
    own = _own()
    return render_template("starting/show.html", form=OwnForm(), made=own.exists, is_here=_is_here())


@starting.post("")
@permitted("home.see")
def make() -> ResponseReturnValue:
    """Make it; the first admin's password is shown on this answer and never again."""
    own = _own()
    if not OwnForm().validate_on_submit() or not _is_here():
        return redirect(url_for(".show"), 303)
    now = clock.now()
    store = prepare(own, now)
    try:
        with store.writing() as session:
            first = ensure_first_admin(session, now)
    finally:
        store.close()
    say_ready(own)
    if first is None:
        return redirect(url_for(".show"), 303)
    return render_template("starting/made.html", login=first[0], password=first[1])


@starting.get("/open")
@permitted("home.see")
def open_own() -> ResponseReturnValue:
    """On to one's own workplace, as soon as it answers: it is started only when it is made, which takes a moment."""
    if not _own().exists:
        return redirect(url_for(".show"), 303)
    address = current_settings().own_address
    until = time.monotonic() + _PATIENCE_SECONDS
    while not _answers(address):
        if time.monotonic() > until:
            return render_template("starting/waiting.html"), 503
        time.sleep(0.1)
    return redirect(address, 303)


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1):
            return True
    except OSError:
        return False


def _own() -> Workplace:
    folder = current_settings().own_folder
    if folder is None:
        abort(404)
    return Workplace.at("own", folder)


def _is_here() -> bool:
    """Whether the browser runs on this machine: nobody else is given the password of its admin.

    Somebody who comes through a proxy that nobody told us of, or whose browser was led here under the name of another
    site, seems to be here as well.
    """
    is_led = any(request.headers.get(name) for name in _OF_PROXIES) or _host_asked_for() not in _NAMES_OF_THIS_MACHINE
    return request.remote_addr in _THIS_MACHINE and not is_led


def _host_asked_for() -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""
