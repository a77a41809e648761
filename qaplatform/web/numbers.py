"""Numbers that come in an address, as far as a database can be asked for them: nothing has a greater one."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter

GREATEST = 2**63 - 1


class Number(IntegerConverter):
    """``<int:id>`` in a route: a number that no database takes belongs to no page."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.max = GREATEST if self.max is None else min(self.max, GREATEST)


def set_up(app: Flask) -> None:
    """Take the numbers of all routes in this way."""
    app.url_map.converters["int"] = Number


def number_in(values: MultiDict[str, str], name: str) -> int | None:
    """A number among the arguments of an address; ``None`` where there is none, or one that cannot be."""
    number = values.get(name, type=int)
    return number if number is not None and -GREATEST <= number <= GREATEST else None
