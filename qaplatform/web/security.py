"""What every answer carries, and what no request gets past: headers, cookies, form tokens, sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from qaplatform.settings import MEBIBYTE, Settings
from qaplatform.web.current import current_settings

View = TypeVar("View", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Our own pages must see where a form came from (Flask-WTF checks it over https); others see nothing.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_YEAR_SECONDS = 365 * 24 * 3600
_FILES_MARK = "qaplatform_takes_files"
_FORM_PARTS = 2000

SESSION_COOKIE = "qaplatform_session"
"""Holds the token of who is signed in; the form token and messages have a cookie of their own."""

csrf = CSRFProtect()


def takes_files(view: View) -> View:
    """Mark a view as one that files are uploaded to; all others refuse bodies over a mebibyte."""
    setattr(view, _FILES_MARK, True)
    return view


def expects_files(endpoint: str | None) -> bool:
    """Whether a view is one that files are uploaded to."""
    return getattr(current_app.view_functions.get(endpoint or ""), _FILES_MARK, False)


def is_secure() -> bool:
    """Whether the person's browser talks https."""
    return current_settings().secure_cookies or request.is_secure


def session_token() -> str | None:
    """The token the browser has sent to say who is signed in."""
    return request.cookies.get(_session_cookie())


def _session_cookie() -> str:
    # Browsers tell a machine's ports not apart: whoever has the demo beside their own workplace stays signed in to both.
    return f"{SESSION_COOKIE}_demo" if current_settings().demo else SESSION_COOKIE


def remember(response: Response, token: str) -> None:
    """Sign the browser in. What an earlier person left in its cookies is dropped."""
    session.clear()
    response.set_cookie(_session_cookie(), token, httponly=True, secure=is_secure(), samesite="Lax")


def forget(response: Response) -> None:
    """Sign the browser out."""
    session.clear()
    response.delete_cookie(_session_cookie(), httponly=True, secure=is_secure(), samesite="Lax")


class _Cookies(SecureCookieSessionInterface):
    """The cookie is for https only where people come by https."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002
        return is_secure()


def set_up(app: Flask, settings: Settings) -> None:
    """Guard all routes of the application."""
    app.secret_key = settings.secret_key
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="qaplatform_page_demo" if settings.demo else "qaplatform_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MEBIBYTE,
        MAX_FORM_MEMORY_SIZE=MEBIBYTE,
        MAX_FORM_PARTS=_FORM_PARTS,
        # People leave pages open over lunch; the token lives as long as its cookie.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.before_request(_refuse_nul)
    # Before the form token is looked for: it is in the body, which a larger limit must let through.
    app.before_request(_allow_files)
    csrf.init_app(app)
    app.after_request(_add_headers)


def _refuse_nul() -> None:
    if "\0" in request.path:
        # No database takes it, so there is nothing at such an address.
        abort(404)


def _allow_files() -> None:
    if expects_files(request.endpoint):
        request.max_content_length = current_settings().upload_limit_bytes


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_secure():
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}; includeSubDomains")
    # Pages hold what people may see only while they are signed in; assets set a life of their own.
    response.headers.setdefault("Cache-Control", "no-store")
    return response
