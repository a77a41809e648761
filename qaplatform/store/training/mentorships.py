"""Who accompanies whom, one mentor at a time, with the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.tables import Account, AccountHolder, AgentRow, Mentorship, User, UserRole


class MentorTakenError(QAPlatformError):
    """Somebody else has just assigned a mentor to this person; load the page again."""

    code: ClassVar[str] = "training.mentor_moved_on"


class StoredMentorship(msgspec.Struct, frozen=True):
    """A mentor of somebody, from a day until a day (half-open); ``None`` = still."""

    id: int
    agent_id: int
    mentor_id: int
    mentor_name: str
    from_day: date
    until_day: date | None
    user_id: int
    user_name: str | None
    """Who decided so."""
    created_at: datetime


class MentorChoice(msgspec.Struct, frozen=True):
    """Somebody who may accompany."""

    id: int
    name: str
    agent_id: int | None


def mentorships_of(session: Session, agent_id: int) -> list[StoredMentorship]:
    """All of a person, the newest first."""
    mentor, by, row = aliased(User), aliased(User), Mentorship
    asked = (
        select(
            row.id, row.agent_id, row.mentor_id, mentor.name.label("mentor_name"), row.from_day, row.until_day,
            row.user_id, by.name.label("user_name"), row.created_at,
        )
        .join(mentor, mentor.id == row.mentor_id)
        .outerjoin(by, by.id == row.user_id)
        .where(row.agent_id == agent_id)
        .order_by(row.id.desc())
    )  # fmt: skip
    return [StoredMentorship(**one._asdict()) for one in session.execute(asked)]


def mentor_choices(session: Session, roles: Sequence[str], *, agent_id: int) -> list[MentorChoice]:
    """Users in service with one of these roles that reaches an agent, by their team, their shops or everywhere; by name."""
    held = select(Account.shop_id).join(AccountHolder, AccountHolder.account_id == Account.id)
    team = select(AgentRow.team_id).where(AgentRow.id == agent_id, AgentRow.team_id.is_not(None))
    reaches = or_(
        and_(UserRole.team_id.is_(None), UserRole.shop_id.is_(None)),
        UserRole.team_id.in_(team),
        UserRole.shop_id.in_(held.where(AccountHolder.agent_id == agent_id)),
    )
    able = select(UserRole.user_id).where(UserRole.role.in_(roles), reaches)
    asked = select(User.id, User.name, User.agent_id).where(User.id.in_(able), User.active)
    return [MentorChoice(*row) for row in session.execute(asked.order_by(User.name, User.id))]


def end_mentorship(session: Session, agent_id: int, *, until: date) -> bool:
    """End the one that runs; one that began on that day or later is over on the day it began. Whether one ran."""
    row = Mentorship
    running = session.scalar(select(row).where(row.agent_id == agent_id, row.until_day.is_(None)))
    if running is None:
        return False
    asked = update(row).where(row.id == running.id, row.until_day.is_(None))
    result: Any = session.execute(asked.values(until_day=max(until, running.from_day)))
    return bool(result.rowcount)


def add_mentorship(
    session: Session, *, agent_id: int, mentor_id: int, from_day: date, user_id: int, now: datetime
) -> int:
    """Give somebody a mentor; the id.

    Raises:
        MentorTakenError: they have one.
    """
    row = Mentorship(agent_id=agent_id, mentor_id=mentor_id, from_day=from_day, user_id=user_id, created_at=now)
    conflicts: dict[str, type[QAPlatformError]] = {
        "mentorships_running": MentorTakenError, "mentorships_agent_id": MentorTakenError,
    }  # fmt: skip
    with plain_conflicts(session, conflicts):
        session.add(row)
        session.flush()
    return row.id
