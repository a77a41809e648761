"""The library of drills: how its drills went, and the cards that follow what stands in it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import DrillAnswer, DrillCard


class Played(NamedTuple):
    """How often a drill was answered, how often well, and by how many people; what could not be read is left out."""

    answered: int = 0
    passed: int = 0
    people: int = 0


def played_drills(session: Session) -> dict[str, Played]:
    """How the drills of the library went, by code."""
    answer, card = DrillAnswer, DrillCard
    asked = (
        select(
            card.code, func.count(), func.count().filter(answer.passed.is_(True)), func.count(answer.user_id.distinct())
        )
        .join(card, card.id == answer.card_id)
        .where(card.origin == "shipped", answer.passed.is_not(None), answer.answered_at.is_not(None))
        .group_by(card.code)
    )
    return {code: Played(*counts) for code, *counts in session.execute(asked)}


def follow_drill(session: Session, code: str, criterion: str | None, *, now: datetime) -> None:
    """A drill has come to stand, for a criterion, or stands no more (``None``): so do the cards people have of it."""
    row = DrillCard
    own = update(row).where(row.origin == "shipped", row.code == code)
    if criterion is None:
        done = own.where(row.retired_at.is_(None)).values(retired_at=now)
    else:
        done = own.values(criterion=criterion, retired_at=None)
    session.execute(done, execution_options={"synchronize_session": False})
