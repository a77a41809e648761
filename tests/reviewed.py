"""Conversations to review, and inspectors who do: for tests of reviews."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import select

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.review_drafts import Answer, Draft
from qaplatform.services.reviewing import Work, submit, take, work_of
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.web.chats import NOW, good, quarrel, take_in

Edit = Callable[[Draft], Draft]


def with_chats(store: Store) -> Store:
    """The database with a quarrel and two good conversations of agents 1 and 2; before anything else is in it."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    take_in(store, quarrel(), good(0), good(1))


def viewer(store: Store, login: str, role: str = "inspector", *, agent_id: int | None = None) -> Viewer:
    """Somebody who reviews everywhere."""
    with store.reading() as session:
        id = session.scalars(select(User.id).where(User.login == login)).one()
    return Viewer(id, login, agent_id=agent_id, grants=(Grant(role),))  # type: ignore[arg-type]


def conversation(store: Store, source_id: str = "quarrel") -> ConversationRow:
    """A conversation as it stands."""
    with store.reading() as session:
        return session.scalars(select(ConversationRow).where(ConversationRow.source_id == source_id)).one()


def taken(store: Store, who: Viewer, source_id: str = "quarrel") -> int:
    """A conversation that somebody chose to review."""
    with store.writing() as session:
        return take(session, who, conversation(store, source_id).id, now=NOW)


def opened(store: Store, who: Viewer, item_id: int) -> Work:
    """The work as its inspector sees it."""
    with store.reading() as session:
        return work_of(session, who, item_id)


def confirmed(work: Work) -> Draft:
    """Everything the machine failed, confirmed."""
    failed = [criterion for criterion, outcome, _, _ in work.audit.results if outcome == "fail"]
    return Draft(answers=tuple(Answer(id, "confirm") for id in failed))


def submitted(
    store: Store, who: Viewer, item_id: int, edit: Edit = lambda draft: draft, *, seen: int | None = None
) -> int:
    """Submit what the machine said, changed a little."""
    work = opened(store, who, item_id)
    with store.writing() as session:
        return submit(
            session, who, work, edit(confirmed(work)), version=work.item.version, seen_review_id=seen, now=NOW
        )


def with_answer(answer: Answer) -> Edit:
    """The same with one criterion answered otherwise."""

    def edit(draft: Draft) -> Draft:
        others = tuple(one for one in draft.answers if one.criterion != answer.criterion)
        return msgspec.structs.replace(draft, answers=(*others, answer))

    return edit
