"""What is known of scenarios beside their texts: who wrote them, how often they were taken."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import ExamDialogue, ExamSitting, LearningText, User

_KIND = "scenario"


class Taken(msgspec.Struct, frozen=True):
    """How often a scenario was taken as an exam, and passed; void dialogues count for nothing."""

    count: int = 0
    passed: int = 0


def taken_scenarios(session: Session) -> dict[str, Taken]:
    """By the id of the scenario; those that nobody took are left out."""
    passed = func.sum(case((ExamDialogue.verdict == "passed", 1), else_=0))
    asked = (
        select(ExamDialogue.scenario, func.count(), passed)
        .join(ExamSitting, ExamSitting.id == ExamDialogue.sitting_id)
        .where(ExamSitting.purpose == "exam", ExamDialogue.verdict.in_(("passed", "failed", "unscored")))
        .group_by(ExamDialogue.scenario)
    )
    return {scenario: Taken(count, int(good)) for scenario, count, good in session.execute(asked)}


def names_of(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """Names of users by id."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids))))
    return {row.id: row.name for row in rows}


def codes_like(session: Session, prefix: str) -> frozenset[str]:
    """Ids of scenarios written here that begin like this."""
    asked = select(LearningText.code).where(
        LearningText.kind == _KIND, LearningText.code.startswith(prefix, autoescape=True)
    )
    return frozenset(session.scalars(asked.distinct()))
