"""Theory tests: taking one, its result, ruling on free answers, and writing tests."""

from __future__ import annotations

from flask import Blueprint

papers = Blueprint("papers", __name__, url_prefix="/papers")

from qaplatform.web.training.papers import authoring, reviewing, taking  # noqa: E402 - they add routes

__all__ = ["authoring", "papers", "reviewing", "taking"]
