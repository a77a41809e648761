"""Who may open which page. Deny by default: a view that does not say who may see it stops the program from starting.

A view is marked with the permission it needs, below its route::

    @conversations.get("/<int:id>")
    @permitted("conversations.see")
    def show(id: int) -> str: ...

Nobody comes to a marked view without being signed in and having the permission somewhere; whether this conversation
lies in *their* shops and teams is asked where the thing is known, with ``viewer.may_see`` and :func:`refuse`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import signing_in
from qaplatform.services.access import PERMISSIONS
from qaplatform.services.signing_in import SignedIn
from qaplatform.web.current import current_store
from qaplatform.web.local_paths import local_path
from qaplatform.web.security import session_token

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "qaplatform_permission"
_PUBLIC = ""
_WITHOUT_PERSON = frozenset({"static", "health.show"})
"""Views that look the same to everybody, and are spared the question who asks."""
_OWN_ACCOUNT = "me.show"
_OWN_DOORS = "qaplatform_own_doors"


class UnmarkedViewError(QAPlatformError):
    """A view says neither which permission it needs nor that it is public."""


class PermissionMissing(Forbidden):
    """The viewer is signed in, and may not do this."""

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission


def permitted(permission: str) -> Callable[[View], View]:
    """Mark a view with the permission it needs."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everybody, signed in or not."""
    setattr(view, _MARK, _PUBLIC)
    return view


def refuse(permission: str) -> NoReturn:
    """End the request: the viewer lacks a permission for the thing at hand.

    Raises:
        PermissionMissing: always.
    """
    raise PermissionMissing(permission)


def permission_of(view: Callable[..., Any]) -> str | None:
    """The permission a view needs; an empty one if it is public, ``None`` if it does not say."""
    mark: str | None = getattr(view, _MARK, None)
    return mark


def check_routes(app: Flask) -> None:
    """Make sure that every route says who may use it, or has its own door.

    Raises:
        UnmarkedViewError: one does not, or names a permission that is none.
    """
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if _has_own_door(app, view):
            continue
        mark = permission_of(view)
        if mark is None:
            raise UnmarkedViewError(f"{rule.endpoint} ({rule.rule}) needs @permitted(…) or @public below its route")
        if mark != _PUBLIC and mark not in PERMISSIONS:
            raise UnmarkedViewError(f"{rule.endpoint} ({rule.rule}) needs {mark!r}, which is no permission")


def set_up(app: Flask, *, has_own_door: Callable[[Callable[..., Any]], bool] = lambda _: False) -> None:
    """Ask before every request, but for views that ask themselves, by something other than the browser's cookie."""
    app.extensions[_OWN_DOORS] = has_own_door
    app.before_request(_admit)


def _has_own_door(app: Flask, view: Callable[..., Any]) -> bool:
    own: bool = app.extensions[_OWN_DOORS](view)
    return own


def _admit() -> ResponseReturnValue | None:
    if _is_spared(request.endpoint):
        return None
    token = session_token()
    visit = g.visit = _visit(token) if token else None
    viewer = g.viewer = visit.viewer if visit else None
    if request.endpoint is None:
        return None  # There is no such page; the error says so.
    mark = permission_of(current_app.view_functions[request.endpoint])
    if mark == _PUBLIC:
        return None
    if viewer is None:
        return _to_sign_in()
    if viewer.must_change_password and mark != "self.manage":
        return redirect(url_for(_OWN_ACCOUNT), 303)
    if mark is None or not viewer.may(mark):
        raise PermissionMissing(mark or "")
    return None


def _is_spared(endpoint: str | None) -> bool:
    if endpoint is None or endpoint in _WITHOUT_PERSON:
        return endpoint is not None
    return _has_own_door(current_app, current_app.view_functions[endpoint])


def _visit(token: str) -> SignedIn | None:
    store, now = current_store(), clock.now()
    with store.reading() as session:
        visit = signing_in.signed_in(session, token, now=now)
    if visit is not None and visit.seen_due:
        with store.writing() as session:
            signing_in.note_seen(session, visit, now=now)
    return visit


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):
        # A part of a page asks in the background: its whole page has to go to the sign-in form.
        page = local_path(request.headers.get("HX-Current-URL"), request.host_url)
        return Response(status=401, headers={"HX-Redirect": url_for("signing_in.show", next=page)})
    return redirect(url_for("signing_in.show", next=None if here == "/" else here), 303)
