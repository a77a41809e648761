"""The conversations: the list with its filters, and one conversation with its scorecard."""

from __future__ import annotations

from flask import Blueprint

conversations = Blueprint("conversations", __name__, url_prefix="/conversations")

from qaplatform.web.conversations import exporting, keeping, listing, showing, writing  # noqa: E402 - they add routes

__all__ = ["conversations", "exporting", "keeping", "listing", "showing", "writing"]
