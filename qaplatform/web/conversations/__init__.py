"""The conversations: the list with its filters, and one conversation with its scorecard."""

from __future__ import annotations

from flask import Blueprint

conversations = Blueprint("conversations", __name__, url_prefix="/conversations")
GREATEST_ID = 2**63 - 1
ID = f"int(max={GREATEST_ID})"
"""A number in an address that a database takes for an id."""

from qaplatform.web.conversations import asking, exporting, keeping, listing, showing, writing  # noqa: E402 - they add routes

__all__ = ["GREATEST_ID", "ID", "asking", "conversations", "exporting", "keeping", "listing", "showing", "writing"]
