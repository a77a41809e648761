"""An agent's own results: what people decided on their chats, to be seen, acknowledged and answered."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.notes import MOST_CHARS, EmptyNoteError
from qaplatform.services.noting import note
from qaplatform.store import results
from qaplatform.store.results import Result

SEE = "results.see"
PAGE_ROWS = 50


class Results(msgspec.Struct, frozen=True):
    """A page of results, the newest first; ``before`` leads to the next page."""

    rows: tuple[Result, ...]
    unseen: int
    before: int | None


def results_of(session: Session, viewer: Viewer, *, before: int | None = None) -> Results:
    """The viewer's own results.

    Raises:
        AccessError: they are no agent.
    """
    viewer.demand(SEE)
    if viewer.agent_id is None:
        return Results((), 0, None)
    rows = results.results_of(session, viewer.agent_id, limit=PAGE_ROWS + 1, before=before)
    more = rows[PAGE_ROWS - 1].review_id if len(rows) > PAGE_ROWS else None
    return Results(tuple(rows[:PAGE_ROWS]), results.unseen_count(session, viewer.agent_id), more)


def all_results_of(session: Session, viewer: Viewer, *, most: int) -> list[Result]:
    """The viewer's own results, the newest first, up to ``most``; their summaries masked like chats.

    Raises:
        AccessError: they may see no results.
    """
    viewer.demand(SEE)
    if viewer.agent_id is None:
        return []
    rows = results.results_of(session, viewer.agent_id, limit=most)
    shown = masking.shown_many(
        [[one.summary] for one in rows], unmasked=False, language="zh", known_names=[()] * len(rows)
    )
    return [msgspec.structs.replace(one, summary=it.text) for one, (it,) in zip(rows, shown, strict=True)]


def unseen_results(session: Session, viewer: Viewer) -> int:
    """How many new results wait for the viewer."""
    return results.unseen_count(session, viewer.agent_id) if viewer.agent_id is not None else 0


def is_unseen(session: Session, viewer: Viewer, conversation_id: int) -> bool:
    """Whether the viewer looks at a result of theirs for the first time."""
    return viewer.agent_id is not None and results.has_unseen(session, viewer.agent_id, conversation_id)


def note_seen(session: Session, viewer: Viewer, conversation_id: int, *, now: datetime) -> None:
    """Note that the viewer has seen what people decided on their chat."""
    if viewer.agent_id is not None:
        results.note_seen(session, viewer.agent_id, conversation_id, now=now)


def acknowledge(session: Session, viewer: Viewer, review_id: int, *, now: datetime) -> None:
    """The viewer takes a result of theirs as it is; doing it again changes nothing.

    Raises:
        NotThereError: it is not theirs.
    """
    viewer.demand(SEE)
    if viewer.agent_id is None or not results.is_of(session, viewer.agent_id, review_id):
        raise NotThereError
    if results.acknowledge(session, review_id, now=now):
        note(session, viewer, now, "review.acknowledged", ("review", review_id))


def reply(session: Session, viewer: Viewer, review_id: int, text: str, *, now: datetime) -> None:
    """Answer the inspector's words on a chat of one's own.

    Raises:
        NotThereError: it is not theirs.
        EmptyNoteError: there are no words, or too many.
    """
    viewer.demand(SEE)
    if viewer.agent_id is None or not results.is_of(session, viewer.agent_id, review_id):
        raise NotThereError
    text = text.replace("\0", "").strip()
    if not 0 < len(text) <= MOST_CHARS:
        raise EmptyNoteError
    results.reply(session, review_id, text, user_id=viewer.user_id, now=now)
    note(session, viewer, now, "review.answered", ("review", review_id))
