"""``GET /api/v1/imports/<id>``: what has become of a batch."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for

from qaplatform.api.access import with_token
from qaplatform.api.current import current_store
from qaplatform.api.errors import RefusedRequestError
from qaplatform.api.routes import api
from qaplatform.services.imports import ImportNotFoundError, pushed
from qaplatform.store.push_tokens import TokenSeen

PROBLEMS_AT_ONCE = 500


@api.get("/imports/<int:import_id>")
@with_token
def show_import(token: TokenSeen, import_id: int) -> Response:
    """State, counts and problems of a batch of the token's shop; ``next`` leads to further problems."""
    after = request.args.get("after", -1, type=int)
    try:
        with current_store().reading() as session:
            line, problems = pushed(session, token.shop_id, import_id, after=after, limit=PROBLEMS_AT_ONCE + 1)
    except ImportNotFoundError:
        raise RefusedRequestError(
            404, "import_unknown", "There is no such import among the batches of this shop.",
            "Take the id from the answer to the batch.",
        ) from None  # fmt: skip
    shown = problems[:PROBLEMS_AT_ONCE]
    there = url_for(".show_import", import_id=import_id, after=shown[-1].place) if len(problems) > len(shown) else None
    return jsonify(
        import_id=line.id,
        state=line.state,
        key=line.file_name,
        new=line.new_count,
        updated=line.updated_count,
        same=line.same_count,
        older=line.older_count,
        rejected=line.rejected_count,
        messages=line.message_count,
        error=line.error,
        created_at=line.created_at.isoformat(timespec="seconds"),
        finished_at=line.finished_at.isoformat(timespec="seconds") if line.finished_at else None,
        problems=[
            {"line": one.line, "rejected": one.rejected, "field": one.field, "code": one.code, "reason": one.reason}
            for one in shown
        ],
        next=there,
    )
