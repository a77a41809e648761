"""Dialogues of exams in lists: one's own, and those that mentors and leads look through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.services.access import Viewer
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.store.training import exam_lists as stored
from qaplatform.store.training.exam_lists import ExamFilter, ListedDialogue

__all__ = ["ExamFilter", "Listed", "ListedDialogue", "ReviewList", "own_dialogues", "review_list", "titles"]

SEE = "training.see"


class Listed(msgspec.Struct, frozen=True):
    """A dialogue in a list, with its scenario's title; the code where the scenario is gone."""

    row: ListedDialogue
    title: Words


class ReviewList(msgspec.Struct, frozen=True):
    """A page of the list of mentors, and by what it may be narrowed."""

    rows: Sequence[Listed]
    waiting_count: int
    people: Sequence[tuple[int, str]]
    scenarios: Sequence[tuple[str, Words]]


def own_dialogues(session: Session, viewer: Viewer, *, page: int, size: int) -> list[Listed]:
    """A page of one's own dialogues and one more, the newest first."""
    wanted = ExamFilter(user_id=viewer.user_id, purposes=("exam", "practice"))
    return _titled(session, stored.dialogues(session, None, wanted, page=page, size=size))


def review_list(session: Session, viewer: Viewer, wanted: ExamFilter, *, page: int, size: int) -> ReviewList:
    """A page of ended dialogues of those somebody sees, and one more; one's own do not wait for oneself."""
    scope = viewer.scope(SEE)
    not_of = viewer.user_id if wanted.shelf == "waiting" else None
    found = stored.dialogues(session, scope, wanted, not_of=not_of, page=page, size=size)
    known = titles(session)
    return ReviewList(
        rows=_titled(session, found),
        waiting_count=stored.waiting_count(session, scope, not_of=viewer.user_id),
        people=stored.people(session, scope),
        scenarios=[(id, known.get(id, Words(id, id))) for id in stored.scenarios_taken(session)],
    )


def titles(session: Session) -> Mapping[str, Words]:
    """What scenarios are called."""
    return {id: one.title for id, one in scenarios_now(session).items()}


def _titled(session: Session, rows: Sequence[ListedDialogue]) -> list[Listed]:
    known = titles(session)
    return [Listed(one, known.get(one.scenario, Words(one.scenario, one.scenario))) for one in rows]
