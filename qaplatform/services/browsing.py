"""Looking for conversations and at one of them: the list with its filters, the conversation, searches that are kept."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import ClassVar
from urllib.parse import parse_qsl

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.filter_queries import (
    BadFilterError,
    format_cursor,
    format_filter,
    parse_cursor,
    parse_filter,
    parse_order,
)
from qaplatform.store import saved_searches
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.excerpts import Excerpt, excerpts
from qaplatform.store.filter_choices import Choice, FilterChoices, Recent, filter_choices, recent_of
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.store.listing import (
    Count,
    Cursor,
    Neighbours,
    Order,
    count_conversations,
    list_conversations,
    neighbours,
)
from qaplatform.store.reading_conversations import ReadConversation, read_conversation
from qaplatform.store.saved_searches import KeptSearch
from qaplatform.store.scopes import Scope

__all__ = [
    "BadFilterError", "Choice", "ConversationFilter", "ConversationList", "Count", "Excerpt", "FilterChoices",
    "KeptSearch", "ListRow", "ListedConversation", "Neighbours", "NotThereError", "Order", "ReadConversation",
    "Recent", "SearchNameError", "TooManySearchesError", "beside", "browse", "drop_search", "filter_choices",
    "format_cursor", "format_filter", "keep_search", "kept_searches", "parse_cursor", "parse_filter",
    "parse_order", "recent_of", "view_conversation",
]  # fmt: skip

MOST_SEARCHES = 100
"""So many searches can one person keep."""
_MOST_NAME_CHARS = 100


class NotThereError(QAPlatformError):
    """There is no such thing, or it is not yours to see."""

    code: ClassVar[str] = "not_there"


class SearchNameError(QAPlatformError):
    """A search needs a name of at most 100 characters."""

    code: ClassVar[str] = "search.name"


class TooManySearchesError(QAPlatformError):
    """You keep 100 searches already; drop one first."""

    code: ClassVar[str] = "search.many"


class ListRow(msgspec.Struct, frozen=True):
    """A conversation in the list, with some of its words."""

    conversation: ListedConversation
    excerpt: Excerpt | None
    """As it was written; mask it whole, then shorten it."""


class ConversationList(msgspec.Struct, frozen=True):
    """A page of the list."""

    rows: tuple[ListRow, ...]
    previous: str | None
    """``before`` of the page before; ``None`` on the first."""
    next: str | None
    """``after`` of the next page; ``None`` on the last."""
    count: Count
    """Of the whole list."""


def browse(
    session: Session,
    scope: Scope,
    wanted: ConversationFilter,
    *,
    order: Order = "newest",
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> ConversationList:
    """A page of the conversations that lie in a scope and a filter, behind one place or before another.

    Raises:
        BadFilterError: ``after`` or ``before`` is no place of this order.
    """
    behind, ahead = parse_cursor(after, order), parse_cursor(before, order, field="before")
    page = list_conversations(session, wanted, scope, order=order, after=behind, before=ahead, limit=limit)
    count = page.count or count_conversations(session, wanted, scope, limit=limit)
    words = excerpts(session, [row.id for row in page.rows], wanted.text)
    rows = tuple(ListRow(row, words.get(row.id)) for row in page.rows)
    previous, following = (None if one is None else format_cursor(one) for one in (page.previous, page.next))
    return ConversationList(rows, previous, following, count)


def beside(
    session: Session, scope: Scope, wanted: ConversationFilter, row: ListedConversation, *, order: Order = "newest"
) -> Neighbours:
    """The conversations before and behind one in a list."""
    value = {"newest": row.started_at, "priority": row.priority, "score": row.score}[order]
    return neighbours(session, wanted, scope, Cursor(value, row.id), order=order)


def view_conversation(
    session: Session,
    scope: Scope,
    conversation_id: int,
    *,
    revision: int | None = None,
    audit_id: int | None = None,
    reader_id: int | None = None,
) -> ReadConversation:
    """A conversation as ``read_conversation`` says.

    Raises:
        NotThereError: there is none of that id, revision or audit in the scope.
    """
    found = read_conversation(
        session, conversation_id, scope, revision=revision, audit_id=audit_id, reader_id=reader_id
    )
    if found is None:
        raise NotThereError
    return found


def keep_search(session: Session, user_id: int, name: str, query: str, *, zone: tzinfo, now: datetime) -> int:
    """Keep the filter and order in a query string under a name, instead of what had that name; the search's id.

    Raises:
        SearchNameError: the name is empty or too long.
        BadFilterError: the query string is none of the list's.
        TooManySearchesError: there are 100 already.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _MOST_NAME_CHARS or not name.isprintable():
        raise SearchNameError
    tidy = format_filter(parse_filter(query, zone), zone)
    order = parse_order(dict(parse_qsl(query, errors="replace")).get("sort"))
    if order != "newest":
        tidy = f"{tidy}&sort={order}".removeprefix("&")
    kept = saved_searches.kept(session, user_id)
    if len(kept) >= MOST_SEARCHES and name not in {one.name for one in kept}:
        raise TooManySearchesError
    return saved_searches.keep(session, user_id, name, tidy, now=now)


def kept_searches(session: Session, user_id: int) -> list[KeptSearch]:
    """Somebody's own searches, by name."""
    return saved_searches.kept(session, user_id)


def drop_search(session: Session, user_id: int, search_id: int) -> None:
    """Drop one of somebody's own searches.

    Raises:
        NotThereError: there is none of that id, or it is somebody else's.
    """
    if not saved_searches.drop(session, user_id, search_id):
        raise NotThereError
