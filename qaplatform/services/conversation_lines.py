"""Conversations as the list shows them: what each is about in a few words, masked, and what failed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.masking import Language, Masked
from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.blind import blind_for, without_figures
from qaplatform.services.browsing import Count, ListRow, Order, browse
from qaplatform.services.found_words import spans_in
from qaplatform.services.noting import note
from qaplatform.store import conversation_words as words
from qaplatform.store import search
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.store.listing import MOST_ON_A_PAGE

SEE, EXPORT = "conversations.see", "conversations.export"
MOST_EXPORTED = 20_000
"""Conversations in one file."""
ExportForm = Literal["csv", "xlsx"]


class Line(msgspec.Struct, frozen=True):
    """A conversation in the list."""

    row: ListedConversation
    order_value: float | None
    words: Masked | None
    """What the customer wrote first or, in a search, a message that holds the words; ``None`` where there is nothing."""
    hits: tuple[tuple[int, int], ...]
    """Where the words of the search stand in the masked text."""
    failed: tuple[str, ...]
    """Criteria that failed."""
    is_blind: bool = False
    """Whether the viewer has still to review it blind; then nothing of the machine's is here."""


class Lines(msgspec.Struct, frozen=True):
    """A page of the list, as ``browse`` has it."""

    lines: tuple[Line, ...]
    previous: str | None
    next: str | None
    count: Count


def lines_of(
    session: Session,
    viewer: Viewer,
    wanted: ConversationFilter,
    *,
    order: Order = "newest",
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
    language: Language = "zh",
) -> Lines:
    """A page of the conversations that somebody may see and asks for.

    Raises:
        AccessError: they may see none at all.
        BadFilterError: ``after`` or ``before`` is no place of this order.
    """
    viewer.demand(SEE)
    page = browse(session, viewer.scope(SEE), wanted, order=order, after=after, before=before, limit=limit)
    lines = tuple(_lines(session, viewer, page.rows, wanted.text, language))
    return Lines(lines, page.previous, page.next, page.count)


def exported_lines(
    session: Session, viewer: Viewer, wanted: ConversationFilter, *, order: Order, language: Language
) -> Iterator[Line]:
    """The lines of the whole list, as far as they may be taken out at once.

    Raises:
        AccessError: they may export nothing.
    """
    viewer.demand(EXPORT)
    yield from _all_lines(session, viewer, wanted, order, language)


def _all_lines(
    session: Session, viewer: Viewer, wanted: ConversationFilter, order: Order, language: Language
) -> Iterator[Line]:
    scope, after, left = viewer.scope(EXPORT), None, MOST_EXPORTED
    while left > 0:
        page = browse(session, scope, wanted, order=order, after=after, limit=min(MOST_ON_A_PAGE, left))
        yield from _lines(session, viewer, page.rows, "", language)
        after, left = page.next, left - len(page.rows)
        if after is None:
            break


def note_export(
    session: Session, viewer: Viewer, *, count: int, form: ExportForm, now: datetime, of: str | None = None
) -> None:
    """Put an export down in the activity log; ``of`` names another list than that of conversations."""
    details = {"count": count, "form": form} if of is None else {"count": count, "form": form, "list": of}
    note(session, viewer, now, "conversations.exported", ("conversations", None), **details)


def _lines(session: Session, viewer: Viewer, rows: Sequence[ListRow], query: str, language: Language) -> Iterator[Line]:
    ids = [one.conversation.id for one in rows]
    blind = blind_for(session, viewer, ids)
    about, failed = words.about(session, ids), words.failed_criteria(session, ids)
    names = [(key,) if (key := about[id].customer_key) else () for id in ids]
    texts = [one.excerpt.text if one.excerpt else "" for one in rows]
    masked = masking.shown_many([[text] for text in texts], unmasked=False, language=language, known_names=names)
    is_search = search.asks(query)
    for row, (shown,) in zip(rows, masked, strict=True):
        id = row.conversation.id
        is_blind = id in blind
        spans = _spans(row, query) if is_search else ()
        yield Line(
            row=without_figures(row.conversation) if is_blind else row.conversation,
            order_value=None if is_blind else about[id].order_value,
            words=shown if shown.text else None,
            hits=tuple(shown.to_masked(*span) for span in spans),
            failed=() if is_blind else tuple(failed.get(id, ())),
            is_blind=is_blind,
        )


def _spans(row: ListRow, query: str) -> Sequence[tuple[int, int]]:
    """Where the words of a search stand in the text that is shown; none, if something else was found by them."""
    excerpt = row.excerpt
    if excerpt is None:
        return ()
    return spans_in(excerpt.text, query) or (((excerpt.start, excerpt.end),) if excerpt.end > excerpt.start else ())
