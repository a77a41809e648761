"""Talks held and cases reviewed, as mentors note them down; and the real chats a case may be picked from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import among
from qaplatform.store.standing import standing_verdict
from qaplatform.store.tables import ConversationRow, Enrolment, StepRecord, User


class StoredRecord(msgspec.Struct, frozen=True):
    """A talk or a reviewed case."""

    id: int
    enrolment_id: int
    agent_id: int
    step: str
    kind: str
    done_on: date
    text: str
    conversation_id: int | None
    user_id: int
    user_name: str | None


class PickedChat(msgspec.Struct, frozen=True):
    """A real chat of somebody, as it is offered for a case review."""

    id: int
    started_at: datetime
    score: float | None
    verdict: str | None
    topic: str | None


def records_of(session: Session, agent_ids: Collection[int]) -> list[StoredRecord]:
    """All records of some people, the newest first, whichever path they were on."""
    row = StepRecord
    asked = (
        select(
            row.id, row.enrolment_id, Enrolment.agent_id, row.step, row.kind, row.done_on, row.text, row.conversation_id,
            row.user_id, User.name.label("user_name"),
        )
        .join(Enrolment, Enrolment.id == row.enrolment_id)
        .outerjoin(User, User.id == row.user_id)
        .where(among(session, Enrolment.agent_id, agent_ids))
        .order_by(row.done_on.desc(), row.id.desc())
    )  # fmt: skip
    return [StoredRecord(**one._asdict()) for one in session.execute(asked)]


def add_record(session: Session, *, now: datetime, **values: Any) -> int:
    """Add a record of these columns; the id."""
    row = StepRecord(**values, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def newest_chats(session: Session, agent_id: int, limit: int) -> list[PickedChat]:
    """Somebody's newest real chats."""
    row = ConversationRow
    asked = (
        select(row.id, row.started_at, row.score, standing_verdict(), row.topic)
        .where(row.agent_id == agent_id)
        .order_by(row.started_at.desc(), row.id.desc())
        .limit(limit)
    )
    return [PickedChat(*one) for one in session.execute(asked)]


def agent_of_chat(session: Session, conversation_id: int) -> int | None:
    """Whose chat it is; ``None`` also where there is none."""
    return session.scalar(select(ConversationRow.agent_id).where(ConversationRow.id == conversation_id))
