"""Who may push: whoever brings a token that is in use, into the shop it is for, and nowhere else.

A view of this blueprint is marked below its route; the program does not start with one that is not::

    @api.post("/conversations")
    @with_token
    def push(token: TokenSeen) -> Response: ...
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from qaplatform import clock
from qaplatform.api.current import current_store
from qaplatform.api.errors import RefusedRequestError
from qaplatform.services.push_tokens import USED_EVERY, note_used, token_of
from qaplatform.store.push_tokens import TokenSeen

_MARK = "qaplatform_asks_for_token"
_REALM = 'Bearer realm="qaplatform"'
_MOST_TOKEN_CHARS = 200


def with_token(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view, which is called with the token of the request; without a good one nobody comes to it."""

    @wraps(view)
    def guarded(*arguments: Any, **named: Any) -> Any:
        return view(_token(), *arguments, **named)

    setattr(guarded, _MARK, True)
    return guarded


def asks_for_token(view: Callable[..., Any]) -> bool:
    """Whether a view is marked so."""
    return getattr(view, _MARK, False)


def _token() -> TokenSeen:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise RefusedRequestError(
            401, "token_missing", "No token was given.",
            "Send the header 'Authorization: Bearer TOKEN'; an admin makes tokens on the shop's page.",
            headers={"WWW-Authenticate": _REALM},
        )  # fmt: skip
    store, now = current_store(), clock.now()
    seen = None
    if len(given.token) <= _MOST_TOKEN_CHARS:
        with store.reading() as session:
            seen = token_of(session, given.token)
    if seen is None:
        raise RefusedRequestError(
            401, "token_unknown", "The token is not in use, or its shop is closed.",
            "Ask an admin for a new one.", headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
        )  # fmt: skip
    if seen.last_used_at is None or seen.last_used_at + USED_EVERY <= now:
        with store.writing() as session:
            note_used(session, seen, now=now)
    return seen
