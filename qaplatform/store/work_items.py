"""Whose work which conversation is: lists of it, the next one, drafts.

An item has a ``version`` that every change raises. Whoever changes it says which one they saw, and changes nothing if it
is another one by now: two people cannot write over each other unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from qaplatform.store.conversation_filters import OPEN_STATES, within_scope
from qaplatform.store.rows import is_sqlite
from qaplatform.store.scopes import Scope
from qaplatform.store.standing import standing_verdict
from qaplatform.store.tables import (
    AgentRow,
    ConversationAgent,
    ConversationRow,
    MessageRow,
    Sample,
    Shop,
    User,
    WorkItem,
)

Shelf = Literal["open", "overdue", "draft", "done"]
"""Where an item stands on the work list; what is overdue is open or a draft as well."""
_I, _C = WorkItem, ConversationRow
_IN_TURN = (
    case((_I.due_at.is_(None), 1), else_=0),
    _I.due_at,
    case((_I.is_blind, 0), else_=func.coalesce(_C.priority, 0)).desc(),
    _I.id,
)
"""What is due first; then what looks worst, but for those who must not know that."""
_LISTED = (
    select(
        _I.id, _I.conversation_id, _I.state, _I.draw, _I.is_blind, _I.due_at, _I.saved_at, _I.done_at,
        _C.started_at, Shop.name, Shop.timezone, AgentRow.name, _C.account, _C.topic, _C.message_count,
        standing_verdict(), _C.score, _C.priority,
    )
    .join(_C, _C.id == _I.conversation_id)
    .join(Shop, Shop.id == _C.shop_id)
    .outerjoin(AgentRow, AgentRow.id == _C.agent_id)
)  # fmt: skip


class Item(msgspec.Struct, frozen=True):
    """A conversation for somebody to review."""

    id: int
    sample_id: int | None
    sample: str | None
    conversation_id: int
    revision: int
    audit_id: int | None
    user_id: int | None
    user: str | None
    state: str
    draw: str
    is_blind: bool
    why: dict[str, Any]
    draft: dict[str, Any]
    version: int
    due_at: datetime | None
    opened_at: datetime | None
    saved_at: datetime | None
    done_at: datetime | None


class ListedItem(msgspec.Struct, frozen=True):
    """An item in the work list with some of its conversation's figures."""

    id: int
    conversation_id: int
    state: str
    draw: str
    is_blind: bool
    due_at: datetime | None
    saved_at: datetime | None
    done_at: datetime | None
    started_at: datetime
    shop: str
    timezone: str
    agent: str | None
    account: str | None
    topic: str | None
    message_count: int
    verdict: str | None
    score: float | None
    priority: float | None


class Shelves(msgspec.Struct, frozen=True):
    """How much there is of each kind; ``open`` holds what is overdue too, and drafts do not count as open."""

    open: int = 0
    overdue: int = 0
    draft: int = 0
    done_today: int = 0
    unclaimed: int = 0
    """Of whoever asks next."""


def item(session: Session, item_id: int) -> Item | None:
    """An item by its id."""
    row: Any = session.execute(
        select(
            _I.id, _I.sample_id, Sample.name, _I.conversation_id, _I.revision, _I.audit_id, _I.user_id, User.name,
            _I.state, _I.draw, _I.is_blind, _I.why, _I.draft, _I.version, _I.due_at, _I.opened_at, _I.saved_at,
            _I.done_at,
        )
        .outerjoin(Sample, Sample.id == _I.sample_id)
        .outerjoin(User, User.id == _I.user_id)
        .where(_I.id == item_id)
    ).one_or_none()  # fmt: skip
    return None if row is None else Item(*row)


def open_item_of(session: Session, user_id: int, conversation_id: int) -> int | None:
    """What somebody has still to do with a conversation."""
    return session.scalar(
        select(_I.id)
        .where(_I.conversation_id == conversation_id, _I.state.in_(OPEN_STATES), _I.user_id == user_id)
        .order_by(_I.id)
        .limit(1)
        .with_hint(_I, "INDEXED BY ix_work_items_conversation_id_state", "sqlite")
    )


def blind_among(session: Session, user_id: int, conversation_ids: Collection[int]) -> frozenset[int]:
    """Which of these conversations somebody has still to review blind."""
    if not conversation_ids:
        return frozenset()
    asked = (
        select(_I.conversation_id)
        .where(
            _I.conversation_id.in_(sorted(conversation_ids)),
            _I.state.in_(OPEN_STATES),
            _I.user_id == user_id,
            _I.is_blind,
        )
        .with_hint(_I, "INDEXED BY ix_work_items_conversation_id_state", "sqlite")
    )
    return frozenset(session.scalars(asked))


def work_list(session: Session, user_id: int, shelf: Shelf, *, now: datetime, limit: int) -> list[ListedItem]:
    """Somebody's items of a kind in the order in which they come; what is done, the newest first."""
    asked = _LISTED.where(_I.user_id == user_id, *_on(shelf, now)).limit(limit)
    order = (_I.done_at.desc(), _I.id.desc()) if shelf == "done" else _IN_TURN
    rows: Iterable[Any] = session.execute(asked.order_by(*order))
    return [ListedItem(*row) for row in rows]


def shelves(session: Session, user_id: int, *, now: datetime, day_began: datetime) -> Shelves:
    """How much of each kind somebody has."""
    done = select(func.count()).where(_I.user_id == user_id, _I.state == "done", _I.done_at >= day_began)
    mine = select(
        func.count().filter(_I.state == "open"),
        func.count().filter(_I.due_at < now),
        func.count().filter(_I.state == "draft"),
        done.correlate(None).scalar_subquery(),
    ).where(_I.user_id == user_id, _I.state.in_(OPEN_STATES))
    counted: Any = session.execute(mine).one()
    return Shelves(*counted)


def unclaimed(session: Session, user_id: int, scope: Scope, own_agent_id: int | None, *, most: int = 100) -> int:
    """How many items that nobody has yet somebody could take, counted up to ``most``."""
    some = _takable(user_id, scope, own_agent_id).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def next_of(session: Session, user_id: int, *, but: int | None = None) -> int | None:
    """The item somebody should do next: what is due first, then what looks worst."""
    asked = (
        select(_I.id)
        .join(_C, _C.id == _I.conversation_id)
        .where(_I.user_id == user_id, _I.state.in_(OPEN_STATES), *(() if but is None else (_I.id != but,)))
        .order_by(*_IN_TURN)
        .limit(1)
    )
    return session.scalar(asked)


def claim_next(session: Session, user_id: int, scope: Scope, own_agent_id: int | None, *, now: datetime) -> int | None:
    """Give somebody the next item that nobody has, which they open now; ``None`` where there is none.

    Never a conversation they wrote in, nor one that was theirs to review already.

    No two who ask at once get the same one: on PostgreSQL what another is just taking is passed over, and SQLite has one
    writer.
    """
    asked = _takable(user_id, scope, own_agent_id).limit(1)
    if not is_sqlite(session):
        asked = asked.with_for_update(skip_locked=True, of=_I)
    claimed = (
        update(_I)
        .where(_I.id == asked.scalar_subquery(), _I.user_id.is_(None))
        .values(user_id=user_id, opened_at=now, version=_I.version + 1)
        .returning(_I.id)
    )
    return session.scalar(claimed, execution_options={"synchronize_session": False})


def wrote_in(session: Session, agent_id: int, conversation_id: int) -> bool:
    """Whether an agent wrote in a conversation, in whatever revision."""
    newest = select(ConversationAgent.agent_id).where(
        ConversationAgent.conversation_id == conversation_id, ConversationAgent.agent_id == agent_id
    )
    ever = select(MessageRow.id).where(MessageRow.conversation_id == conversation_id, MessageRow.agent_id == agent_id)
    return bool(session.scalar(select(newest.exists() | ever.exists())))


def add_item(
    session: Session,
    *,
    conversation_id: int,
    revision: int,
    audit_id: int | None,
    user_id: int,
    why: dict[str, Any],
    now: datetime,
) -> int:
    """An item for a conversation that somebody chose themselves."""
    new = WorkItem(
        conversation_id=conversation_id, revision=revision, audit_id=audit_id, user_id=user_id, draw="chosen", why=why,
        created_at=now,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new.id


def note_opened(session: Session, item_id: int, user_id: int, *, now: datetime) -> None:
    """Note when its inspector opened it first."""
    session.execute(
        update(_I).where(_I.id == item_id, _I.user_id == user_id, _I.opened_at.is_(None)).values(opened_at=now)
    )


def save_draft(session: Session, item_id: int, draft: dict[str, Any], *, version: int, now: datetime) -> int | None:
    """Keep what was answered so far; the new version, or ``None`` where another one has come to be or it is done."""
    return session.scalar(
        update(_I)
        .where(_I.id == item_id, _I.version == version, _I.state.in_(OPEN_STATES))
        .values(draft=draft, state="draft" if draft else "open", saved_at=now, version=_I.version + 1)
        .returning(_I.version),
        execution_options={"synchronize_session": False},
    )


def finish(session: Session, item_id: int, *, version: int, now: datetime) -> bool:
    """An item is done, its draft gone; whether it was still the version that was seen."""
    done = session.scalar(
        update(_I)
        .where(_I.id == item_id, _I.version == version, _I.state.in_(OPEN_STATES))
        .values(state="done", draft={}, done_at=now, version=_I.version + 1)
        .returning(_I.id),
        execution_options={"synchronize_session": False},
    )
    return done is not None


def _on(shelf: Shelf, now: datetime) -> tuple[ColumnElement[bool], ...]:
    match shelf:
        case "open":
            return (_I.state == "open",)
        case "overdue":
            return (_I.state.in_(OPEN_STATES), _I.due_at < now)
        case "draft":
            return (_I.state == "draft",)
        case "done":
            return (_I.state == "done",)


@lru_cache(maxsize=512)
def _takable(user_id: int, scope: Scope, own_agent_id: int | None) -> Select[int]:
    """What somebody could take, as it comes; made once for each of them, which takes as long as asking the database."""
    asked = select(_I.id).join(_C, _C.id == _I.conversation_id).where(_I.user_id.is_(None), _I.state == "open")
    other = aliased(_I)
    had = select(other.id).where(other.conversation_id == _I.conversation_id, other.user_id == user_id)
    asked = asked.where(~had.exists())
    if own_agent_id is not None:
        wrote = select(ConversationAgent.conversation_id).where(
            ConversationAgent.conversation_id == _C.id, ConversationAgent.agent_id == own_agent_id
        )
        asked = asked.where(~wrote.exists(), or_(_C.agent_id.is_(None), _C.agent_id != own_agent_id))
    return within_scope(asked, scope).order_by(*_IN_TURN)
