"""The list of conversations: filtered, in one of three orders, page after page, as quick at 200,000 as at 10,000.

How a page is found is said in ``store/listing_ways.py``. Pages go on after the last row of the one before (its value in the
order, and its id), so that rows that come in meanwhile neither repeat nor hide others.

Words are looked for in a window of candidates first, in the order of the list: what stands in every third conversation
fills a page from there. If it does not, it is rare, and the search index is asked for all of them.

The same ways lead back: pages that end before a row, and the neighbours of one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union_all
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
    previous: Cursor | None = None
    """Before which the page before ends; ``None`` on the first."""


class Neighbours(msgspec.Struct, frozen=True):
    """The conversations before and behind one in a list; ``None`` at its ends."""

    previous_id: int | None = None
    next_id: int | None = None


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
    before: Cursor | None = None,
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
        before: instead of ``after``: where the page behind began. What has come so near to the beginning that no full
            page is left becomes the first page.
        limit: at most so many rows; 200 at most.
        bounds: how far to go; tests make it small.
    """
    if scope.is_empty:
        return Page((), None, Count(0, exact=True))
    limit = min(max(limit, 1), MOST_ON_A_PAGE)
    asked = Asked(wanted, scope, ORDERS[order], memberships(wanted, scope), bounds)
    way = way_of(session, asked)
    if before is not None:
        back, _is_all = _found(session, asked, way.backwards, before, limit + 1)
        if len(back) > limit:
            page = back[limit - 1 :: -1]
            return Page(listed(session, [one.id for one in page]), page[-1], None, previous=page[0])
    is_counted = after is None
    found, is_all = _found(session, asked, way, after, limit + 1)
    count = Count(len(found), exact=is_all)
    if is_counted and len(found) > limit and not search.asks(wanted.text):
        count = _count(session, way, len(found))
    page = found[:limit]
    rows = listed(session, [one.id for one in page])
    previous = page[0] if after is not None and page else None
    return Page(rows, page[-1] if len(found) > limit else None, count if is_counted else None, previous)


def neighbours(
    session: Session,
    wanted: ConversationFilter,
    scope: Scope,
    at: Cursor,
    *,
    order: Order = "newest",
    bounds: Bounds = _BOUNDS,
) -> Neighbours:
    """What stands before and behind a place in a list, whether or not its conversation is still in it."""
    if scope.is_empty:
        return Neighbours()
    asked = Asked(wanted, scope, ORDERS[order], memberships(wanted, scope), bounds)
    way = way_of(session, asked)
    if search.asks(wanted.text):
        found = [_found(session, asked, one, at, 1)[0] for one in (way.backwards, way)]
        return Neighbours(*(next((one.id for one in some), None) for some in found))
    # Both sides, and on each the rows with a value and those without, in one statement.
    parts = [(side, part) for side, one in enumerate((way.backwards, way)) for part in _parts(one, at)]
    firsts = [
        select(some.c[0].label("id"), literal(side).label("side"), literal(rank).label("rank"))
        for rank, (side, part) in enumerate(parts)
        for some in [part.limit(1).subquery()]
    ]
    nearest: dict[int, tuple[int, int]] = {}
    for id, side, rank in session.execute(union_all(*firsts)):
        nearest[side] = min(nearest.get(side, (rank, id)), (rank, id))
    return Neighbours(*(nearest[side][1] if side in nearest else None for side in (0, 1)))


def listed_ids(session: Session, wanted: ConversationFilter, scope: Scope, *, limit: int) -> list[int]:
    """The newest conversations that lie in a scope and a filter, at most so many."""
    if scope.is_empty:
        return []
    asked = Asked(wanted, scope, ORDERS["newest"], memberships(wanted, scope), _BOUNDS)
    found, _is_all = _found(session, asked, way_of(session, asked), None, limit)
    return [one.id for one in found[:limit]]


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


def _found(session: Session, asked: Asked, way: Way, after: Cursor | None, limit: int) -> tuple[list[Cursor], bool]:
    """The next ``limit`` of a list, or somewhat more; whether, with nothing before them, these are all there are."""
    if search.asks(asked.wanted.text):
        return _with_words(session, asked, way, after, limit)
    return _candidates(session, way, after, limit), True


def _candidates(session: Session, way: Way, after: Cursor | None, limit: int) -> list[Cursor]:
    """The next candidates in order."""
    out: list[Cursor] = []
    for part in _parts(way, after):
        if len(out) < limit:
            out += _run(session, part, limit - len(out))
    return out


def _parts(way: Way, after: Cursor | None) -> list[Select[int, Any]]:
    """The candidates behind a place, sorted: those with a value and those without, which come last, or first on the way back."""
    ordered = way.ordered
    parts = [ordered.is_backwards, not ordered.is_backwards] if ordered.has_gaps else [False]
    if after is not None:
        # Of the part in which the place lies, what is behind it; of those to come, all; of those gone by, nothing.
        parts = parts[parts.index(after.value is None) :]
    out = []
    for place, without_value in enumerate(parts):
        statement = way.statement
        if ordered.has_gaps:
            statement = statement.where(way.value.is_(None) if without_value else way.value.is_not(None))
        if after is not None and place == 0:
            here = way.id if without_value else tuple_(way.value, way.id)
            there: Any = after.id if without_value else tuple_(after.value, after.id)
            statement = statement.where(here < there if ordered.descending else here > there)
        columns = (way.id,) if without_value else (way.value, way.id)
        out.append(statement.order_by(*_sorted(ordered, *columns)))
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
