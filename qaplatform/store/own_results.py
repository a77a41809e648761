"""What an agent can look back on: scores of random draws, criteria that people failed, and chats that were praised."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import ConversationRow, CriterionResult, Note, Review, Ruling

_MOST_PRAISED = 200
"""So many of the newest praised parts are looked through for examples."""


class Praised(NamedTuple):
    """A chat of the agent's that passed a criterion and was praised."""

    criterion: str
    conversation_id: int
    started_at: datetime


def ruled_scores(
    session: Session, agent_id: int, since: datetime, draws: Collection[str]
) -> list[tuple[datetime, float]]:
    """When an agent's chats began that were drawn in one of these ways, and their official scores."""
    row = ConversationRow
    asked = (
        select(row.started_at, Review.score)
        .join(Review, Review.id == row.review_id)
        .where(
            Review.agent_id == agent_id, Review.draw.in_(sorted(draws)), Review.score.is_not(None), row.started_at >= since
        )
        .order_by(row.started_at, row.id)
    )  # fmt: skip
    return [(moment, float(score)) for moment, score in session.execute(asked) if score is not None]


def ruled_failures(session: Session, agent_id: int, since: datetime) -> dict[str, int]:
    """In how many of an agent's chats that were reviewed since then a person failed a criterion, as their fault."""
    row = ConversationRow
    asked = (
        select(Ruling.criterion, func.count())
        .join(Review, Review.id == Ruling.review_id)
        .join(row, row.review_id == Review.id)
        .where(
            Review.agent_id == agent_id, Review.created_at >= since, Ruling.to_outcome == "fail",
            or_(Ruling.agent_id.is_(None), Ruling.agent_id == agent_id),
        )
        .group_by(Ruling.criterion)
    )  # fmt: skip
    return dict(session.execute(asked).all())


def praised(session: Session, agent_id: int, criteria: Collection[str]) -> list[Praised]:
    """An agent's own praised chats by the criteria they passed, the newest first; what people ruled otherwise is left out."""
    row, result = ConversationRow, CriterionResult
    overruled = select(1).where(
        Ruling.review_id == row.review_id, Ruling.criterion == result.criterion, Ruling.to_outcome != "pass"
    )
    said = select(1).where(Note.review_id == row.review_id, Note.kind == "praise")
    asked = (
        select(result.criterion, row.id, row.started_at)
        .join(Review, Review.id == row.review_id)
        .join(result, result.audit_id == row.audit_id)
        .where(
            Review.agent_id == agent_id, result.criterion.in_(sorted(criteria)), result.outcome == "pass",
            row.text_purged_at.is_(None), said.exists(), ~overruled.exists(),
        )
        .order_by(row.started_at.desc(), row.id.desc(), result.criterion)
        .limit(_MOST_PRAISED)
    )  # fmt: skip
    return [Praised(*one) for one in session.execute(asked)] if criteria else []
