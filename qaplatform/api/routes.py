"""The address under which all of it lies; a change that would break those who push gets another number."""

from __future__ import annotations

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")
