"""Who has read which release of a rubric."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import ConversationAgent, ConversationRow, RubricNotice, RubricRelease, User


def unread_releases(session: Session, user_id: int, *, limit: int) -> list[int]:
    """The newest releases since somebody has been here that they have not said to have read, newest first."""
    row, read = RubricRelease, RubricNotice
    asked = (
        select(row.id)
        .join(User, User.id == user_id)
        .outerjoin(read, (read.release_id == row.id) & (read.user_id == user_id))
        .where(read.id.is_(None), row.published_at >= User.created_at)
        .order_by(row.published_at.desc(), row.id.desc())
        .limit(limit)
    )
    return list(session.scalars(asked))


def served(session: Session, agent_id: int, since: datetime) -> set[tuple[str, str | None]]:
    """Channels and queues of the conversations in which an agent has written since then."""
    mine, row = ConversationAgent, ConversationRow
    asked = (
        select(row.channel, row.queue)
        .join(mine, mine.conversation_id == row.id)
        .where(mine.agent_id == agent_id, mine.started_at >= since)
        .distinct()
    )
    return {(channel, queue) for channel, queue in session.execute(asked)}


def release_exists(session: Session, release_id: int) -> bool:
    """Whether there is such a release."""
    return session.scalar(select(RubricRelease.id).where(RubricRelease.id == release_id)) is not None


def acknowledge(session: Session, release_id: int, user_id: int, *, now: datetime) -> None:
    """Note that somebody has read a release; doing it again changes nothing."""
    insert_new(session, RubricNotice, [{"release_id": release_id, "user_id": user_id, "acknowledged_at": now}])
