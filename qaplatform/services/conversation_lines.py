"""Conversations as the list shows them: what each is about in a few words, masked, and what failed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.masking import Language, Masked
from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.found_words import best_of
from qaplatform.store import conversation_words as words_of
from qaplatform.store import search
from qaplatform.store.activity import note_down
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.store.listing import MOST_ON_A_PAGE, Cursor, Order, Page, list_conversations
from qaplatform.store.message_rows import current_messages

SEE, EXPORT = "conversations.see", "conversations.export"
MOST_EXPORTED = 20_000
_Said = tuple[str, tuple[tuple[int, int], ...]]
"""A message as it was written, and where the words of a search stand in it."""


class Line(msgspec.Struct, frozen=True):
    """A conversation in the list."""

    row: ListedConversation
    order_value: float | None
    words: Masked | None
    """What the customer wrote first or, in a search, a message that holds the words; ``None`` where there is nothing."""
    hits: tuple[tuple[int, int], ...]
    """Where they stand in the masked text; none where nothing was searched for, or what was found is no message."""
    failed: tuple[str, ...]
    """Criteria that failed."""


class Lines(msgspec.Struct, frozen=True):
    """A page of the list."""

    lines: tuple[Line, ...]
    page: Page


def lines_of(
    session: Session,
    viewer: Viewer,
    wanted: ConversationFilter,
    *,
    order: Order = "newest",
    after: Cursor | None = None,
    limit: int = 50,
    language: Language = "zh",
) -> Lines:
    """A page of the conversations that somebody may see and asks for.

    Raises:
        AccessError: they may see none at all.
    """
    viewer.demand(SEE)
    page = list_conversations(session, wanted, viewer.scope(SEE), order=order, after=after, limit=limit)
    return Lines(tuple(_lines(session, page.rows, wanted.text, language)), page)


def exported(
    session: Session,
    viewer: Viewer,
    wanted: ConversationFilter,
    *,
    order: Order,
    language: Language,
    now: datetime,
    form: str,
) -> Iterator[Line]:
    """The lines of the whole list, as far as it may be taken out at once; the activity log says how many.

    Raises:
        AccessError: they may export nothing.
    """
    viewer.demand(EXPORT)
    scope, after, count = viewer.scope(EXPORT), None, 0
    while True:
        page = list_conversations(
            session, wanted, scope, order=order, after=after, limit=min(MOST_ON_A_PAGE, MOST_EXPORTED - count)
        )
        count += len(page.rows)
        yield from _lines(session, page.rows, "", language)
        after = page.next
        if after is None or count >= MOST_EXPORTED:
            break
    note_down(
        session, now=now, user_id=viewer.user_id, action="conversations.exported", subject_kind="conversations",
        subject_id=None, details={"count": count, "form": form},
    )  # fmt: skip


def _lines(session: Session, rows: Sequence[ListedConversation], query: str, language: Language) -> Iterator[Line]:
    ids = [row.id for row in rows]
    about, failed = words_of.about(session, ids), words_of.failed_criteria(session, ids)
    texts: dict[int, _Said] = {id: (text, ()) for id, text in words_of.first_words(session, ids).items() if text}
    if search.asks(query):
        texts |= _hits(session, ids, query)
    names = [(key,) if (key := about[id].customer_key) else () for id in texts]
    masked = masking.shown_many(
        [[text] for text, _ in texts.values()], unmasked=False, language=language, known_names=names
    )
    shown = {id: one for id, (one,) in zip(texts, masked, strict=True)}
    for row in rows:
        here, spans = shown.get(row.id), texts[row.id][1] if row.id in texts else ()
        yield Line(
            row=row,
            order_value=about[row.id].order_value,
            words=here,
            hits=tuple(here.to_masked(*span) for span in spans) if here else (),
            failed=tuple(failed.get(row.id, ())),
        )


def _hits(session: Session, ids: Sequence[int], query: str) -> dict[int, _Said]:
    """A message of each conversation that holds the words, and where they stand; there is none where an id was found."""
    out: dict[int, _Said] = {}
    for id, messages in current_messages(session, ids).items():
        texts = [one.text for one in messages]
        best = best_of(texts, query)
        if best is not None:
            out[id] = (texts[best.message], best.spans)
    return out
