"""``/health``: whether the server answers and reaches its database; for supervisors and load balancers."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from qaplatform.store.engine import StoreError
from qaplatform.store.migrating import current, newest
from qaplatform.web.access import public
from qaplatform.web.current import current_store

health = Blueprint("health", __name__)
_log = logging.getLogger(__name__)


@health.get("/health")
@public
def show() -> tuple[Response, int]:
    """200 if the database is reached and in the newest form, else 503."""
    try:
        ready = current(current_store()) == newest()
    except (SQLAlchemyError, StoreError):
        _log.exception("the database cannot be reached")
        ready = False
    return jsonify(status="ok" if ready else "unavailable"), 200 if ready else 503
