"""``POST /api/v1/conversations``: a batch comes in."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, jsonify, request, url_for

from qaplatform import clock
from qaplatform.api.access import with_token
from qaplatform.api.bodies import body
from qaplatform.api.current import current_store, data_folder
from qaplatform.api.errors import RefusedRequestError
from qaplatform.api.routes import api
from qaplatform.services.intake import reading_for
from qaplatform.services.pushing import (
    Answer,
    BatchTooLargeError,
    check_json,
    known_answer,
    put_off,
    read_batch,
    take_batch,
)
from qaplatform.store.push_tokens import TokenSeen

MOST_AT_ONCE = 200
"""Conversations that are audited and stored while the request waits; more of them become an import with a job."""
MOST_MESSAGES_AT_ONCE = 4_000
_MOST_KEY_CHARS = 200


@api.post("/conversations")
@with_token
def push(token: TokenSeen) -> Response:
    """Take a batch in, or put it off where it is large; the same key and body get the same answer again."""
    key, sent = _key(), body()
    store, now = current_store(), clock.now()
    digest = hashlib.sha256(sent).hexdigest()
    known = known_answer(store, token.shop_id, key, digest)
    if known is not None:
        return _said(known)
    check_json(sent)
    with store.reading() as session:
        reading = reading_for(session, token.shop_id, {})
    try:
        batch = read_batch(sent, reading, most_conversations=MOST_AT_ONCE, most_messages=MOST_MESSAGES_AT_ONCE)
    except BatchTooLargeError:
        return _said(put_off(store, data_folder(), sent, shop_id=token.shop_id, key=key, now=now))
    return _said(take_batch(store, batch, shop_id=token.shop_id, key=key, now=now))


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > _MOST_KEY_CHARS or not (key.isascii() and key.isprintable()):
        raise RefusedRequestError(
            400, "key_missing", "The header 'Idempotency-Key' is missing, or no key.",
            "Give every batch a key of its own, of 1 to 200 plain characters, and send it again under the same key"
            " when no answer came.",
        )  # fmt: skip
    return key


def _said(answer: Answer) -> Response:
    there = url_for("api.show_import", import_id=answer.import_id)
    if answer.is_waiting:
        response = jsonify(import_id=answer.import_id, state="waiting", url=there)
        response.status_code = 202
        response.headers["Location"] = there
        return response
    results: list[dict[str, Any]] = []
    for one in answer.results:
        said: dict[str, Any] = {"line": one.line, "id": one.id, "result": one.result}
        if one.result == "rejected":
            said |= {"field": one.field, "code": one.code, "reason": one.reason}
        results.append(said)
    return jsonify(
        import_id=answer.import_id,
        state="done",
        url=there,
        new=answer.new,
        updated=answer.updated,
        same=answer.same,
        older=answer.older,
        rejected=sum(one.result == "rejected" for one in answer.results),
        results=results,
        notices=[
            {name: one[name] for name in ("line", "field", "code", "reason")}
            for one in answer.problems
            if not one["rejected"]
        ],
    )


@api.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@with_token
def nowhere(_token: TokenSeen, rest: str) -> Response:  # noqa: ARG001 - whatever it is
    """Any other address: programs are answered as programs."""
    raise RefusedRequestError(
        404, "not_found", "There is nothing at this address, or not for this method.", "See docs/push.md."
    )
