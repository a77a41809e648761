"""The list of conversations: filtered, in one of three orders, page after page, as quick at 200,000 as at 10,000.

How a page is found is said in ``store/listing_ways.py``. Pages go on after the last row of the one before (its value in the
order, and its id), so that rows that come in meanwhile neither repeat nor hide others.

Words are looked for in a window of candidates first, in the order of the list: what stands in every third conversation
fills a page from there. If it does not, it is rare, and the search index is asked for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import Session

from qaplatform.store import search
from qaplatform.store.conversation_filters import ConversationFilter, memberships
from qaplatform.store.listed_rows import ListedConversation, listed
from qaplatform.store.listing_ways import Asked, Bounds, Ordered, Way, hit_way, way_of
from qaplatform.store.scopes import Scope

Order = Literal["newest", "priority", "score"]
MOST_ON_A_PAGE = 200
_BOUNDS = Bounds()


class Cursor(msgspec.Struct, frozen=True):
    """The last row of a page: its value in the order (a moment, a priority, a score, ``None`` = has none) and its id."""

    value: datetime | float | None
    id: int


class Count(msgspec.Struct, frozen=True):
    """How many conversations there are: so many, or, where counting on would take too long, at least so many."""

    at_least: int
    exact: bool


class Page(msgspec.Struct, frozen=True):
    """A page of the list; ``next`` is where the next one begins, ``None`` on the last."""

    rows: tuple[ListedConversation, ...]
    next: Cursor | None
    count: Count | None
    """Of the whole list; ``None`` where it was not asked for."""


ORDERS: Mapping[Order, Ordered] = {
    "newest": Ordered("started_at", descending=True, has_gaps=False),
    "priority": Ordered("priority", descending=True, has_gaps=True),
    # What went worst comes first.
    "score": Ordered("score", descending=False, has_gaps=True),
}


def list_conversations(
    session: Session,
    wanted: ConversationFilter,
    scope: Scope,
    *,
    order: Order = "newest",
    after: Cursor | None = None,
    limit: int = 50,
    bounds: Bounds = _BOUNDS,
) -> Page:
    """A page of the conversations that lie in a scope and a filter.

    Orders: ``newest`` first; highest ``priority`` first; lowest ``score`` first. What has no priority or score comes last.

    Args:
        session: a transaction; nothing is written.
        wanted: which conversations are asked for.
        scope: which the reader may see.
        order: the order of the list.
        after: where the page before ended; the first page, without it, says how many there are as well.
        limit: at most so many rows; 200 at most.
        bounds: how far to go; tests make it small.
    """
    if scope.is_empty:
        return Page((), None, Count(0, exact=True))
    limit = min(max(limit, 1), MOST_ON_A_PAGE)
    asked = Asked(wanted, scope, ORDERS[order], memberships(wanted, scope), bounds)
    way = way_of(session, asked)
    is_counted = after is None
    if search.asks(wanted.text):
        found, is_all = _with_words(session, asked, way, after, limit + 1)
        count = Count(len(found), exact=is_all)
    else:
        found = _candidates(session, way, after, limit + 1)
        count = Count(len(found), exact=True)
        if is_counted and len(found) > limit:
            count = _count(session, way, len(found))
    page = found[:limit]
    rows = listed(session, [one.id for one in page])
    return Page(rows, page[-1] if len(found) > limit else None, count if is_counted else None)


def count_conversations(
    session: Session, wanted: ConversationFilter, scope: Scope, *, limit: int = 50, bounds: Bounds = _BOUNDS
) -> Count:
    """How many conversations there are in a scope and a filter, as far as a first page of ``limit`` rows would say."""
    if scope.is_empty:
        return Count(0, exact=True)
    asked = Asked(wanted, scope, ORDERS["newest"], memberships(wanted, scope), bounds)
    way = way_of(session, asked)
    if search.asks(wanted.text):
        found, is_all = _with_words(session, asked, way, None, limit + 1)
        return Count(len(found), exact=is_all)
    return _count(session, way, 0)


def _candidates(session: Session, way: Way, after: Cursor | None, limit: int) -> list[Cursor]:
    """The next candidates in order: those with a value, then those without."""
    out: list[Cursor] = []
    ordered = way.ordered
    if after is None or after.value is not None:
        statement = way.statement.where(way.value.is_not(None)) if ordered.has_gaps else way.statement
        if after is not None:
            here, there = tuple_(way.value, way.id), tuple_(after.value, after.id)
            statement = statement.where(here < there if ordered.descending else here > there)
        out = _run(session, statement.order_by(*_sorted(ordered, way.value, way.id)), limit)
        after = None
    if ordered.has_gaps and len(out) < limit:
        statement = way.statement.where(way.value.is_(None))
        if after is not None:
            statement = statement.where(way.id < after.id if ordered.descending else way.id > after.id)
        out += _run(session, statement.order_by(*_sorted(ordered, way.id)), limit - len(out))
    return out


def _sorted(ordered: Ordered, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if ordered.descending else column.asc() for column in columns]


def _run(session: Session, statement: Select[int, Any], limit: int) -> list[Cursor]:
    return [Cursor(value, id) for id, value in session.execute(statement.limit(limit))]


def _count(session: Session, way: Way, seen: int) -> Count:
    looked, meant = session.execute(way.counted).one()
    if looked <= way.most_counted:
        return Count(meant, exact=True)
    return Count(max(min(meant, way.most_counted), seen), exact=False)


def _with_words(
    session: Session, asked: Asked, way: Way, after: Cursor | None, limit: int
) -> tuple[list[Cursor], bool]:
    """At least ``limit`` of those that hold the words, if there are so many; whether these are all there are."""
    words = asked.wanted.text
    found: list[Cursor] = []
    here, most_hits = after, asked.bounds.most_hits
    for size in () if search.is_rare(words) else asked.bounds.windows:
        window = _candidates(session, way, here, size)
        found += _holding(session, words, window)
        if len(window) < size or len(found) >= limit:
            return found, len(window) < size
        here = window[-1]
    way, found, here = hit_way(session, asked, way), [], after
    is_plain = search.is_plain(session, words)
    while True:
        with search.by_index(session):
            window = _candidates(session, way, here, most_hits)
        found += window if is_plain else _holding(session, words, window)
        if len(window) < most_hits or len(found) >= limit:
            return found, len(window) < most_hits
        here = window[-1]


def _holding(session: Session, words: str, window: Sequence[Cursor]) -> list[Cursor]:
    holding = search.hits_among(session, words, [one.id for one in window])
    return [one for one in window if one.id in holding]
