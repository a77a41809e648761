"""The language switch in the header: kept in a cookie and, for those who are signed in, with their account."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from qaplatform.services.users import choose_language
from qaplatform.web.access import public
from qaplatform.web.current import current_store, signed_in
from qaplatform.web.i18n import COOKIE, known
from qaplatform.web.local_paths import local_path
from qaplatform.web.security import is_secure

language = Blueprint("language", __name__)
_YEAR_SECONDS = 365 * 24 * 3600


@language.post("/language")
@public
def choose() -> Response:
    """Keep the choice and go back to where it was made."""
    chosen = known(request.form.get("language"))
    if chosen is None:
        abort(400)
    viewer = signed_in()
    if viewer is not None and viewer.may("self.manage"):
        with current_store().writing() as session:
            choose_language(session, viewer, chosen)
    response = redirect(local_path(request.form.get("next")), 303)
    response.set_cookie(COOKIE, chosen, max_age=_YEAR_SECONDS, httponly=True, secure=is_secure(), samesite="Lax")
    return response
