"""``/health``: whether the server answers and reaches its database; for supervisors and load balancers."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from qaplatform.store import migrating
from qaplatform.web.access import public
from qaplatform.web.current import current_store

health = Blueprint("health", __name__)


@health.get("/health")
@public
def show() -> tuple[Response, int]:
    """200 if the database is reached and in the newest form, else 503."""
    ready = migrating.is_ready(current_store())
    return jsonify(status="ok" if ready else "unavailable"), 200 if ready else 503
