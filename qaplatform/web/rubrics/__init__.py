"""The rubric desk: rubrics with their history, drafts, trying them out, replaying and publishing them."""

from __future__ import annotations

from flask import Blueprint

rubrics = Blueprint("rubrics", __name__, url_prefix="/rubrics")

from qaplatform.web.rubrics import (  # noqa: E402 - they add routes
    drafts,
    editing,
    forming,
    listing,
    publishing,
    questions,
    replaying,
    trying,
)

__all__ = ["drafts", "editing", "forming", "listing", "publishing", "questions", "replaying", "rubrics", "trying"]
