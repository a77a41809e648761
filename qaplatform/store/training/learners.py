"""Who learns: agents and new hires with their users and mentors, and users who are no agents."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from qaplatform.store.scopes import Scope
from qaplatform.store.tables import Account, AccountHolder, AgentRow, Mentorship, Team, User


class Learner(msgspec.Struct, frozen=True):
    """Somebody who learns; at least one of the two ids is there."""

    user_id: int | None
    agent_id: int | None
    name: str
    """The agent's, else the user's."""
    team_id: int | None = None
    team_name: str | None = None
    line: str | None = None
    level: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    mentor_id: int | None = None
    """The user who accompanies them now."""
    mentor_name: str | None = None


def learner_of_agent(session: Session, agent_id: int) -> Learner | None:
    """The agent of an id."""
    found = session.execute(_agents().where(AgentRow.id == agent_id)).one_or_none()
    return _learner(found) if found else None


def learner_of_user(session: Session, user_id: int) -> Learner | None:
    """The user of an id, as the agent they are, if any."""
    agent = session.execute(_agents().where(User.id == user_id)).one_or_none()
    if agent:
        return _learner(agent)
    found = session.execute(select(User.id, User.name).where(User.id == user_id)).one_or_none()
    return Learner(found.id, None, found.name) if found else None


def learners(session: Session, scope: Scope, *, mentor_id: int | None = None) -> list[Learner]:
    """The agents in a scope, by team and code; of one mentor only where that is said."""
    asked = _agents().where(in_scope(scope)).order_by(Team.name, AgentRow.code, AgentRow.id)
    if mentor_id is not None:
        asked = asked.where(Mentorship.mentor_id == mentor_id)
    return [_learner(row) for row in session.execute(asked)]


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """Whether an agent lies in a scope: by their team, as themselves, or by a shop under whose accounts they write."""
    if scope.everything:
        return AgentRow.id.is_not(None)
    ways: list[ColumnElement[bool]] = [AgentRow.team_id.in_(sorted(scope.team_ids))]
    if scope.agent_id is not None:
        ways.append(AgentRow.id == scope.agent_id)
    if scope.shop_ids:
        held = select(AccountHolder.id).join(Account, Account.id == AccountHolder.account_id)
        ways.append(
            exists(held.where(AccountHolder.agent_id == AgentRow.id, Account.shop_id.in_(sorted(scope.shop_ids))))
        )
    return or_(*ways)


def lies_in(session: Session, agent_id: int, scope: Scope) -> bool:
    """Whether an agent lies in a scope."""
    asked = select(AgentRow.id).where(AgentRow.id == agent_id, in_scope(scope))
    return session.scalar(asked) is not None


@cache
def _agents() -> Select[*tuple[Any, ...]]:
    mentor = aliased(User)
    running = and_(Mentorship.agent_id == AgentRow.id, Mentorship.until_day.is_(None))
    return (
        select(
            User.id.label("user_id"), AgentRow.id.label("agent_id"), AgentRow.name, AgentRow.team_id,
            Team.name.label("team_name"), AgentRow.line, AgentRow.level, AgentRow.hired_on, AgentRow.left_on,
            Mentorship.mentor_id, mentor.name.label("mentor_name"),
        )
        .select_from(AgentRow)
        .outerjoin(User, User.agent_id == AgentRow.id)
        .outerjoin(Team, Team.id == AgentRow.team_id)
        .outerjoin(Mentorship, running)
        .outerjoin(mentor, mentor.id == Mentorship.mentor_id)
    )  # fmt: skip


def _learner(row: Any) -> Learner:
    return Learner(**row._asdict())
