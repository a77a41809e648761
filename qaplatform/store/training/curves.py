"""What curves of new hires are drawn from and the daily figures do not hold: handling times, and who is experienced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Double, Integer, case, extract, func, select
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, is_sqlite
from qaplatform.store.tables import AgentRow, ConversationRow, User


class Handled(NamedTuple):
    """Chats of a week and topic: how many, their seconds from the first message to the last, and these squared."""

    is_own: bool
    week: int
    topic: str | None
    chats: int
    total: float
    squares: float


def experienced(session: Session, hired_until: date, *, today: date) -> list[int]:
    """The agents who were hired by a day and have not left."""
    row = AgentRow
    stays = row.left_on.is_(None) | (row.left_on > today)
    return list(session.scalars(select(row.id).where(row.hired_on <= hired_until, stays).order_by(row.id)))


def handled(
    session: Session,
    agent_id: int,
    others: Collection[int],
    shop_ids: Collection[int],
    borders: Sequence[datetime],
    longest_seconds: float,
) -> list[Handled]:
    """Handling times by week (between two borders each) and topic, of an agent and of others together.

    What took longer than ``longest_seconds`` was left and taken up again: it says nothing about handling.
    """
    row = ConversationRow
    seconds = _seconds(session)
    week = case(*((row.started_at < border, n) for n, border in enumerate(borders[1:])), else_=-1)
    is_own = case((row.agent_id == agent_id, 1), else_=0)
    asked = (
        select(is_own, week, row.topic, func.count(), func.sum(seconds), func.sum(seconds * seconds))
        .where(
            row.started_at >= borders[0],
            row.started_at < borders[-1],
            row.is_timed,
            among(session, row.agent_id, [agent_id, *others]),
            row.shop_id.in_(sorted(shop_ids)),
            seconds <= longest_seconds,
        )
        .group_by(is_own, week, row.topic)
        .order_by(is_own, week, row.topic)
    )
    return [
        Handled(bool(one[0]), one[1], one[2], one[3], float(one[4]), float(one[5])) for one in session.execute(asked)
    ]


def agents_of_users(session: Session, user_ids: Collection[int]) -> dict[int, int]:
    """Which agents some users are."""
    asked = select(User.id, User.agent_id).where(among(session, User.id, user_ids), User.agent_id.is_not(None))
    return {user: agent for user, agent in session.execute(asked) if agent is not None}


def _seconds(session: Session) -> ColumnElement[Any]:
    row = ConversationRow
    if is_sqlite(session):
        return cast_to(func.strftime("%s", row.ended_at), Integer) - cast_to(
            func.strftime("%s", row.started_at), Integer
        )
    return cast_to(extract("epoch", row.ended_at - row.started_at), Double)
