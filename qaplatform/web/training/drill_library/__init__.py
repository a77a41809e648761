"""The library of drills for those who write it: looking through it, a form and the YAML behind it, trying, publishing."""

from __future__ import annotations

from flask import Blueprint

drill_library = Blueprint("drill_library", __name__, url_prefix="/drills/authored")

from qaplatform.web.training.drill_library import (  # noqa: E402 - they add routes
    editing,
    listing,
    publishing,
    trying,
)

__all__ = ["drill_library", "editing", "listing", "publishing", "trying"]
