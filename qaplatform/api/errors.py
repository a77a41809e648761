"""What programs are told when something is refused: a code that stays, a sentence, and the way out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from qaplatform.api.routes import api
from qaplatform.errors import QAPlatformError
from qaplatform.services.pushing import KeyReusedError, NotJsonError
from qaplatform.store.faults import StoreError, StoreFaultError

_log = logging.getLogger(__name__)
_HTTP: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "Check the address; docs/push.md lists them."),
    405: ("method_not_allowed", "Check the method; docs/push.md lists them."),
    413: ("too_large", "Split the batch: a body may have 32 MiB, packed and unpacked."),
}
_LATER = "Try again later with the same key; nothing was taken in, or the same answer will come."


class RefusedRequestError(Exception):
    """A request that is refused, with all that is said about it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        way_out: str,
        *,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "way_out": way_out, **details}
        self.headers = dict(headers or {})


@api.errorhandler(RefusedRequestError)
def _refused(error: RefusedRequestError) -> Response:
    response = jsonify(error.body)
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


@api.errorhandler(NotJsonError)
def _not_json(error: NotJsonError) -> Response:
    said = "Send an array of conversations, or one conversation a line; nothing of this body was taken in."
    return _refused(RefusedRequestError(400, error.code, error.reason, said, line=error.line, column=error.column))


@api.errorhandler(KeyReusedError)
def _key_reused(error: KeyReusedError) -> Response:
    said = "Send a new batch under a new key; the first batch of this key stays as it was."
    return _refused(RefusedRequestError(409, error.code, _sentence(error), said))


@api.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, way_out = _HTTP.get(status, ("bad_request" if status < 500 else "unexpected", "See docs/push.md."))
    response = _refused(RefusedRequestError(status, code, error.description or error.name, way_out))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


@api.errorhandler(StoreError)
def _unavailable(error: StoreError) -> Response:
    number = _note_down(error)
    # What the system said of it stays in the log.
    said = type(error)().message if isinstance(error, StoreFaultError) else "The database cannot be used just now."
    return _refused(RefusedRequestError(503, "unavailable", said, _LATER, number=number))


@api.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    if current_app.testing:
        raise error
    number = _note_down(error)
    return _refused(
        RefusedRequestError(500, "unexpected", "Something went wrong on the server.", _LATER, number=number)
    )


def _note_down(error: Exception) -> str:
    number = secrets.token_hex(4)
    _log.error("%s %s failed (%s)", request.method, request.path, number, exc_info=error)
    return number


def _sentence(error: QAPlatformError) -> str:
    return str(error)
