"""The filters of the list, as they stand in its address: read, shown as chips, and written again.

Whatever comes in an address is bounded and checked; what makes no sense there is left out, so that an old bookmark never
leads to an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from werkzeug.datastructures import MultiDict

from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listing import Cursor, Order
from qaplatform.store.search import MOST_QUERY_CHARS

ORDERS: tuple[Order, ...] = ("newest", "priority", "score")
MOST_CHARS = 300
_ID = re.compile(r"[1-9][0-9]{0,17}")
_Form = Literal["text", "day", "ids", "codes", "id", "code", "number", "ratio", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """A filter by its name in the address, and what it can be."""

    name: str
    form: _Form
    attribute: str


FIELDS: tuple[Field, ...] = (
    Field("q", "text", "text"),
    Field("from", "day", "since"),
    Field("to", "day", "until"),
    Field("shop", "ids", "shop_ids"),
    Field("team", "ids", "team_ids"),
    Field("agent", "ids", "agent_ids"),
    Field("verdict", "codes", "verdicts"),
    Field("failed", "code", "failed"),
    Field("topic", "codes", "topics"),
    Field("queue", "codes", "queues"),
    Field("channel", "codes", "channels"),
    Field("language", "codes", "languages"),
    Field("score_from", "number", "min_score"),
    Field("score_to", "number", "max_score"),
    Field("priority_from", "ratio", "min_priority"),
    Field("csat_from", "number", "min_csat"),
    Field("csat_to", "number", "max_csat"),
    Field("order", "text", "order_id"),
    Field("tag", "code", "tag"),
    Field("customer", "id", "customer_id"),
    Field("case", "id", "case_id"),
    Field("review", "choice", "open_work"),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
_REVIEW = {"open": True, "none": False}


class Given(msgspec.Struct, frozen=True):
    """The filters of an address: values by name, as they are written there, in a fixed order."""

    values: tuple[tuple[str, str], ...] = ()
    order: Order = "newest"

    def of(self, name: str) -> str:
        """The value of a filter; its first, if there are several; empty without one."""
        return next((value for key, value in self.values if key == name), "")

    def all_of(self, name: str) -> list[str]:
        """The values of a filter."""
        return [value for key, value in self.values if key == name]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not self.values

    def arguments(self, *, but: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        """The arguments of an address with these filters, without one of them."""
        kept = [one for one in self.values if one != but]
        return [*kept, ("sort", self.order)] if self.order != "newest" else kept

    def query_string(self) -> str:
        """The same filters always give the same string."""
        return urlencode(self.arguments())


def given_in(arguments: MultiDict[str, str]) -> Given:
    """The filters of an address that make sense."""
    values: dict[tuple[str, str], None] = {}
    for field in FIELDS:
        raw = [value.strip()[:MOST_CHARS] for value in arguments.getlist(field.name)]
        found = [value for value in raw if value and _READ[field.form](value) is not None]
        several = field.form in ("ids", "codes")
        values |= dict.fromkeys((field.name, value) for value in (found if several else found[:1]))
    asked = arguments.get("sort", "newest")
    return Given(tuple(values), next((one for one in ORDERS if one == asked), "newest"))


def filter_of(given: Given, zone: ZoneInfo) -> ConversationFilter:
    """What the store is asked for; days are local days of ``zone``."""
    values: dict[str, Any] = {}
    for field in FIELDS:
        raw = given.all_of(field.name)
        if not raw:
            continue
        if field.form in ("ids", "codes"):
            values[field.attribute] = frozenset(_READ[field.form](one) for one in raw)
        elif field.form == "day":
            day: date = _READ["day"](raw[0])
            bound = day + timedelta(days=1) if field.attribute == "until" else day
            values[field.attribute] = datetime.combine(bound, time(), zone)
        else:
            values[field.attribute] = _READ[field.form](raw[0])
    return ConversationFilter(**values)


def cursor_in(text: str | None, order: Order) -> Cursor | None:
    """Where a page begins, as :func:`cursor_text` has written it; ``None`` for the first, and for nonsense."""
    value, _, id = (text or "").rpartition("~")
    if not _ID.fullmatch(id):
        return None
    if not value:
        return None if order == "newest" else Cursor(None, int(id))
    try:
        at: datetime | float = datetime.fromisoformat(value) if order == "newest" else float(value)
    except ValueError:
        return None
    sound = at.tzinfo is not None if isinstance(at, datetime) else math.isfinite(at)
    return Cursor(at, int(id)) if sound else None


def cursor_text(cursor: Cursor) -> str:
    """A cursor as it stands in an address."""
    value = cursor.value
    return f"{'' if value is None else value.isoformat() if isinstance(value, datetime) else repr(value)}~{cursor.id}"


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _ratio(text: str) -> float | None:
    """A priority in per cent as a ratio."""
    value = _number(text)
    return None if value is None else min(max(value / 100, 0.0), 1.0)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Zones move the ends of the calendar out of it.
    return day if 1900 <= day.year <= 9000 else None


def _id(text: str) -> int | None:
    return int(text) if _ID.fullmatch(text) else None


def _text(text: str) -> str | None:
    return text[:MOST_QUERY_CHARS] or None


_READ: Mapping[_Form, Callable[[str], Any]] = {
    "text": _text,
    "day": _day,
    "ids": _id,
    "codes": _text,
    "id": _id,
    "code": _text,
    "number": _number,
    "ratio": _ratio,
    "choice": _REVIEW.get,
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: its name, its value in words, and the address without it."""

    label: str
    value: str
    url: str


def chips_of(
    given: Given,
    labels: Mapping[str, str],
    shown: Callable[[str, str], str],
    url: Callable[[Sequence[tuple[str, str]]], str],
) -> Iterable[Chip]:
    """The filters that are on, one chip a value."""
    for name, value in given.values:
        yield Chip(labels[name], shown(name, value), url(given.arguments(but=(name, value))))
