"""The question bank: looking through it, writing questions, taking them in and along as files."""

from __future__ import annotations

from flask import Blueprint

questions = Blueprint("questions", __name__, url_prefix="/questions")

from qaplatform.web.training.questions import editing, importing, listing  # noqa: E402 - they add routes

__all__ = ["editing", "importing", "listing", "questions"]
