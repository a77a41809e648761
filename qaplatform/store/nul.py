"""NUL in what comes from outside: PostgreSQL keeps none."""

from __future__ import annotations

from typing import Any


def without_nul(value: Any) -> Any:
    """A value as JSON has them, with a mark of the same length in every NUL's place, so that places in texts stay."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    return [without_nul(item) for item in value] if isinstance(value, list) else value
