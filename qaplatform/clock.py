"""The time of day, for edges only (web, api, command line, worker): whatever lies below them is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
