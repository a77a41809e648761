"""What agents get of reviews: the results of their own chats, new ones first to be seen, acknowledged and answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import ConversationRow, Note, Review, Shop, User


class Result(msgspec.Struct, frozen=True):
    """A review of one of an agent's chats."""

    review_id: int
    conversation_id: int
    started_at: datetime
    shop: str
    topic: str | None
    score: float | None
    verdict: str
    summary: str
    reviewer: str
    created_at: datetime
    seen_at: datetime | None
    acknowledged_at: datetime | None
    praises: int


def results_of(session: Session, agent_id: int, *, limit: int, before: int | None = None) -> list[Result]:
    """The newest reviews of chats that an agent began to answer; ``before`` is the last one of the page before."""
    row = Review
    praises = (
        select(func.count()).where(Note.review_id == row.id, Note.kind == "praise").correlate(row).scalar_subquery()
    )
    asked = (
        select(
            row.id, row.conversation_id, ConversationRow.started_at, Shop.name, ConversationRow.topic, row.score,
            row.verdict, row.summary, User.name, row.created_at, row.seen_at, row.acknowledged_at, praises,
        )
        .join(ConversationRow, ConversationRow.id == row.conversation_id)
        .join(Shop, Shop.id == ConversationRow.shop_id)
        .join(User, User.id == row.user_id)
        .where(row.agent_id == agent_id, *(() if before is None else (row.id < before,)))
        .order_by(row.created_at.desc(), row.id.desc())
        .limit(limit)
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(asked)
    return [Result(*one) for one in rows]


def unseen_count(session: Session, agent_id: int) -> int:
    """How many results an agent has not opened yet."""
    asked = select(func.count()).where(Review.agent_id == agent_id, Review.seen_at.is_(None))
    return session.scalar(asked) or 0


def has_unseen(session: Session, agent_id: int, conversation_id: int) -> bool:
    """Whether a conversation has results that its agent has not opened yet."""
    asked = select(Review.id).where(
        Review.conversation_id == conversation_id, Review.agent_id == agent_id, Review.seen_at.is_(None)
    )
    return bool(session.scalar(select(asked.exists())))


def note_seen(session: Session, agent_id: int, conversation_id: int, *, now: datetime) -> None:
    """Note that an agent has opened the results of a conversation."""
    session.execute(
        update(Review)
        .where(Review.conversation_id == conversation_id, Review.agent_id == agent_id, Review.seen_at.is_(None))
        .values(seen_at=now)
    )


def is_of(session: Session, agent_id: int, review_id: int) -> bool:
    """Whether a review is of an agent's chat."""
    return bool(session.scalar(select(Review.id).where(Review.id == review_id, Review.agent_id == agent_id)))


def acknowledge(session: Session, review_id: int, *, now: datetime) -> bool:
    """Note that its agent takes a result as it is; whether that was still open."""
    done = session.scalar(
        update(Review)
        .where(Review.id == review_id, Review.acknowledged_at.is_(None))
        .values(acknowledged_at=now, seen_at=func.coalesce(Review.seen_at, now))
        .returning(Review.id),
        execution_options={"synchronize_session": False},
    )
    return done is not None


def reply(session: Session, review_id: int, text: str, *, user_id: int, now: datetime) -> None:
    """Write an agent's reply to a review."""
    conversation_id = session.scalars(select(Review.conversation_id).where(Review.id == review_id)).one()
    session.add(
        Note(
            conversation_id=conversation_id, kind="reply", review_id=review_id, text=text, user_id=user_id, created_at=now
        )
    )  # fmt: skip
    session.flush()
