"""Taking conversations in: the list of imports, uploading, saying which column is which, one import with its problems."""

from __future__ import annotations

from flask import Blueprint

imports = Blueprint("imports", __name__, url_prefix="/imports")

from qaplatform.web.imports import listing, mapping, problems, showing, uploading  # noqa: E402 - they add routes

__all__ = ["imports", "listing", "mapping", "problems", "showing", "uploading"]
