"""The filter of a plan: that of the conversation list, and what only plans know, in one query string.

Beside the list's parameters (``services/filter_queries.py``) there are ``days`` (the last so many local days and today), ``since_draw``
(``yes``: since the plan drew last), ``value_from`` and ``value_to`` (of the order), and ``hired_within`` (days since the first
agent was hired: new hires only).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from qaplatform.services.filter_queries import BadFilterError, format_filter, parse_filter
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.sampling_pool import Further

PLAN_PARAMETERS = ("days", "since_draw", "value_from", "value_to", "hired_within")
_MOST_DAYS = 366
_FIRST_DAYS = 7
"""A plan that looks back to its last draw looks back so far at its first."""


class PlanFilter(msgspec.Struct, frozen=True):
    """What a plan draws from."""

    wanted: ConversationFilter = ConversationFilter()
    last_days: int | None = None
    since_draw: bool = False
    min_value: float | None = None
    max_value: float | None = None
    hired_within_days: int | None = None


def parse_plan_filter(query: str, zone: tzinfo) -> PlanFilter:
    """The filter in a query string.

    Raises:
        BadFilterError: a parameter cannot be read, or there are words to search for, by which plans do not draw.
    """
    wanted = parse_filter(query, zone)
    if wanted.text:
        raise BadFilterError("q", "choice")
    given = {name: value.strip() for name, value in parse_qsl(query) if value.strip()}
    found = PlanFilter(
        wanted=wanted,
        last_days=_whole(given, "days"),
        since_draw=given.get("since_draw") == "yes",
        min_value=_money(given, "value_from"),
        max_value=_money(given, "value_to"),
        hired_within_days=_whole(given, "hired_within"),
    )
    if found.min_value is not None and found.max_value is not None and found.min_value > found.max_value:
        raise BadFilterError("value_to", "range")
    return found


def format_plan_filter(one: PlanFilter, zone: tzinfo) -> str:
    """The query string; :func:`parse_plan_filter` makes the same filter of it."""
    pairs: list[tuple[str, Any]] = [
        ("days", one.last_days),
        ("since_draw", "yes" if one.since_draw else None),
        ("value_from", one.min_value),
        ("value_to", one.max_value),
        ("hired_within", one.hired_within_days),
    ]
    further = urlencode(
        [(name, f"{value:g}" if isinstance(value, float) else value) for name, value in pairs if value is not None]
    )
    return "&".join(part for part in (format_filter(one.wanted, zone), further) if part)


def settled(
    one: PlanFilter, now: datetime, zone: tzinfo, *, last_drawn_at: datetime | None
) -> tuple[ConversationFilter, Further]:
    """The filter with its moments and days, as they are at ``now``."""
    today = now.astimezone(zone).date()
    since = [one.wanted.since] if one.wanted.since is not None else []
    days = one.last_days
    if one.since_draw:
        if last_drawn_at is not None:
            since.append(last_drawn_at)
        elif days is None:
            days = _FIRST_DAYS
    if days is not None:
        # From midnight, so that a preview and the draw after it mean the same.
        since.append(datetime.combine(today - timedelta(days=days), time(), zone).astimezone(UTC))
    wanted = msgspec.structs.replace(one.wanted, since=max(since, default=None))
    hired = one.hired_within_days
    further = Further(one.min_value, one.max_value, None if hired is None else today - timedelta(days=hired))
    return wanted, further


def _whole(given: dict[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BadFilterError(name, "number")
    if not 1 <= int(text) <= _MOST_DAYS:
        raise BadFilterError(name, "range")
    return int(text)


def _money(given: dict[str, str], name: str) -> float | None:
    text = given.get(name)
    if text is None:
        return None
    whole, _point, rest = text.partition(".")
    if not ((whole + rest).isascii() and (whole + rest).isdigit() and len(text) < 12):
        raise BadFilterError(name, "number")
    return float(text)
