"""Days in addresses: ``<day:…>`` is a date, and what is none leads nowhere."""

from __future__ import annotations

from datetime import date

from flask.sansio.app import App
from werkzeug.routing import BaseConverter, ValidationError


class Day(BaseConverter):
    """``2026-11-27`` and a date."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The date.

        Raises:
            ValidationError: there is no such day; the route does not fit.
        """
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date | str) -> str:
        """The date as it stands in the address."""
        return str(value)


def set_up(app: App) -> None:
    """Take days in routes."""
    app.url_map.converters["day"] = Day
