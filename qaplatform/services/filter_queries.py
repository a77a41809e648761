"""Filters of the conversation list as query strings and back: what stands in the address of a list.

Days are those of a zone: ``from`` and ``to`` are both included, and become half-open moments; a moment with a time is taken as
it stands. Unknown parameters and empty ones are ignored; what cannot be read is an error with the parameter's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal, cast, get_args
from urllib.parse import parse_qsl, urlencode

from qaplatform.errors import QAPlatformError
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listing import Cursor, Order
from qaplatform.store.search import MOST_QUERY_CHARS
from qaplatform.store.week_hours import WeekHours

Complaint = Literal["number", "day", "range", "choice", "long", "many", "letters", "place"]
VERDICTS = ("pass", "fail", "critical", "pending", "unscored")
_MOST_VALUES = 200
_MOST_CHARS = 300
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,17})?(?:e-[0-9]{1,2})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class BadFilterError(QAPlatformError):
    """A filter of the list cannot be read; correct it or leave it out.

    ``field`` is the parameter; ``complaint`` says what is wrong: no ``number``, no ``day``, a ``range`` that is empty or
    out of bounds, none of the ``choice``s, too ``long``, too ``many`` values, forbidden ``letters``, or a ``place`` in
    the list that there cannot be. ``code`` is ``filter.`` and the complaint.
    """

    def __init__(self, field: str, complaint: Complaint) -> None:
        super().__init__(f"{field}: {complaint}")
        self.field = field
        self.complaint = complaint
        self.code = f"filter.{complaint}"


def parse_filter(query: str, zone: tzinfo) -> ConversationFilter:
    """The filter in a query string, with days of a zone.

    Raises:
        BadFilterError: a parameter cannot be read.
    """
    try:
        pairs = parse_qsl(query, errors="replace", max_num_fields=2 * _MOST_VALUES)
    except ValueError as error:
        raise BadFilterError("q", "many") from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    fields: dict[str, Any] = {}
    for name, (attribute, read) in _SETS.items():
        if len(given.get(name, ())) > _MOST_VALUES:
            raise BadFilterError(name, "many")
        fields[attribute] = frozenset(read(name, value) for value in given.get(name, ()))
    for name, (attribute, read) in _SINGLES.items():
        if name in given:
            fields[attribute] = read(name, given[name][-1])
    if "from" in given:
        fields["since"] = _moment("from", given["from"][-1], zone, days_on=0)
    if "to" in given:
        fields["until"] = _moment("to", given["to"][-1], zone, days_on=1)
    fields |= _hours(given, zone)
    wanted = ConversationFilter(**fields)
    _check_ranges(wanted)
    return wanted


def format_filter(wanted: ConversationFilter, zone: tzinfo) -> str:
    """The query string of a filter; :func:`parse_filter` makes the same filter of it."""
    return urlencode(list(_pairs(wanted, zone)))


def parse_order(text: str | None) -> Order:
    """An order of the list by its name; without one the newest come first.

    Raises:
        BadFilterError: there is no such order.
    """
    if not text:
        return "newest"
    if text not in get_args(Order):
        raise BadFilterError("sort", "choice")
    return cast("Order", text)


def parse_cursor(text: str | None, order: Order, *, field: str = "after") -> Cursor | None:
    """A place in the list, as :func:`format_cursor` writes it; ``field`` is the parameter it comes in.

    Raises:
        BadFilterError: there is no such place in that order.
    """
    if not text:
        return None
    written, _, id = text.rpartition("~")
    if not _ID.fullmatch(id):
        raise BadFilterError(field, "place")
    if order == "newest":
        try:
            moment = datetime.fromisoformat(written)
            value: datetime | float | None = moment.astimezone(UTC) if moment.tzinfo is not None else None
        except (ValueError, OverflowError) as error:
            raise BadFilterError(field, "place") from error
        if value is None:
            raise BadFilterError(field, "place")
    else:
        value = _number(field, written) if written else None
    return Cursor(value, int(id))


def format_cursor(cursor: Cursor) -> str:
    """A place in the list as it stands in the address of the next page."""
    value = cursor.value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).isoformat()}~{cursor.id}"
    return f"{'' if value is None else _figure(value)}~{cursor.id}"


def _id(field: str, text: str) -> int:
    if not _ID.fullmatch(text):
        raise BadFilterError(field, "number")
    return int(text)


def _among(field: str, text: str, least: int, most: int) -> int:
    number = _id(field, text)
    if not least <= number <= most:
        raise BadFilterError(field, "choice")
    return number


def _hours(given: Mapping[str, Sequence[str]], zone: tzinfo) -> dict[str, WeekHours]:
    found = {}
    for attribute, names in _HOURS.items():
        weekday, hour = (
            _among(name, given[name][-1], least, most) if name in given else None
            for name, (least, most) in zip(names, ((1, 7), (0, 23)), strict=True)
        )
        if weekday is not None or hour is not None:
            found[attribute] = WeekHours(weekday, hour, zone)
    return found


def _number(field: str, text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise BadFilterError(field, "number")
    return float(text)


def _code(field: str, text: str) -> str:
    if len(text) > _MOST_CHARS:
        raise BadFilterError(field, "long")
    if _FORBIDDEN.search(text):
        raise BadFilterError(field, "letters")
    return text


def _words(field: str, text: str) -> str:
    text = " ".join(text.split())
    if len(text) > MOST_QUERY_CHARS:
        raise BadFilterError(field, "long")
    return _code(field, text)


def _verdict(field: str, text: str) -> str:
    if text not in VERDICTS:
        raise BadFilterError(field, "choice")
    return text


def _yes_or_no(field: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise BadFilterError(field, "choice")
    return text == "yes"


def _moment(field: str, text: str, zone: tzinfo, *, days_on: int) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return _midnight(date.fromisoformat(text) + timedelta(days=days_on), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadFilterError(field, "day") from error


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


_Read = Callable[[str, str], Any]
_SETS: Mapping[str, tuple[str, _Read]] = {
    "shop": ("shop_ids", _id),
    "team": ("team_ids", _id),
    "agent": ("agent_ids", _id),
    "channel": ("channels", _code),
    "queue": ("queues", _code),
    "language": ("languages", _code),
    "topic": ("topics", _code),
    "verdict": ("verdicts", _verdict),
}
_SINGLES: Mapping[str, tuple[str, _Read]] = {
    "q": ("text", _words),
    "score_from": ("min_score", _number),
    "score_to": ("max_score", _number),
    "priority_from": ("min_priority", _number),
    "csat_from": ("min_csat", _number),
    "csat_to": ("max_csat", _number),
    "failed": ("failed", _code),
    "first_agent": ("first_agent_id", _id),
    "import": ("import_id", _id),
    "customer": ("customer_id", _id),
    "case": ("case_id", _id),
    "order": ("order_id", _code),
    "tag": ("tag", _code),
    "open_work": ("open_work", _yes_or_no),
    "reviewed": ("reviewed", _yes_or_no),
}
_HOURS: Mapping[str, tuple[str, str]] = {"begun_in": ("weekday", "hour"), "waited_in": ("wait_weekday", "wait_hour")}
PARAMETERS = frozenset({*_SETS, *_SINGLES, "from", "to", *(name for pair in _HOURS.values() for name in pair)})
"""The parameters of a filter, for addresses that carry others as well."""


def _check_ranges(wanted: ConversationFilter) -> None:
    bounds: Iterable[tuple[str, Any, Any]] = (
        ("score_to", wanted.min_score, wanted.max_score),
        ("csat_to", wanted.min_csat, wanted.max_csat),
        ("to", wanted.since, wanted.until),
    )
    for field, least, most in bounds:
        if least is not None and most is not None and (least > most or (field == "to" and least == most)):
            raise BadFilterError(field, "range")


def _pairs(wanted: ConversationFilter, zone: tzinfo) -> Iterator[tuple[str, str]]:
    for name in ("q", *_SETS, "from", "to", *(name for name in _SINGLES if name != "q")):
        if name in _SETS:
            yield from ((name, _written(one)) for one in sorted(getattr(wanted, _SETS[name][0])))
        elif name in ("from", "to"):
            moment = wanted.since if name == "from" else wanted.until
            if moment is not None:
                yield name, _day_or_moment(moment, zone, days_back=1 if name == "to" else 0)
        elif name != "q" or wanted.text:
            value = getattr(wanted, _SINGLES[name][0])
            if value is not None:
                yield name, _written(value)
    for attribute, (day, hour) in _HOURS.items():
        hours: WeekHours | None = getattr(wanted, attribute)
        if hours is not None:
            yield from ((name, str(one)) for name, one in ((day, hours.weekday), (hour, hours.hour)) if one is not None)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _figure(value) if isinstance(value, float) else str(value)


def _figure(value: float) -> str:
    """As short as it can be without being another number."""
    return repr(value).removesuffix(".0")


def _day_or_moment(moment: datetime, zone: tzinfo, *, days_back: int) -> str:
    local = moment.astimezone(zone)
    if moment == _midnight(local.date(), zone):
        return (local.date() - timedelta(days=days_back)).isoformat()
    return moment.astimezone(UTC).isoformat()
