"""The review desk: what somebody has to review, and one conversation with its rulings."""

from __future__ import annotations

from flask import Blueprint

desk = Blueprint("desk", __name__, url_prefix="/desk")

from qaplatform.web.desk import listing, showing, submitting  # noqa: E402 - they add routes

__all__ = ["desk", "listing", "showing", "submitting"]
