"""The family of errors this program raises on purpose."""

from __future__ import annotations


class QAPlatformError(Exception):
    """Something that was asked for cannot be done."""
