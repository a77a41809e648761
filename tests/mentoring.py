"""A mentor, a new hire and their chats of a day: what tests of the daily log begin with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.services.access import Grant, Viewer
from qaplatform.store.engine import Store
from qaplatform.store.marks import refresh
from qaplatform.store.tables import ConversationRow, Mentorship
from tests.filled import PEOPLE
from tests.web.chats import good, quarrel, take_in

ZONE = ZoneInfo("Asia/Shanghai")
AGENT = 1
"""The agent whose chats they are, here a new hire; their user is ``agent``."""
MENTOR, STRANGER = "teamlead", "mentor"
"""The first accompanies the agent; the second is of another team."""


def user_id(login: str) -> int:
    """The id of somebody of ``tests/filled.py``."""
    return list(PEOPLE).index(login) + 1


def viewer(login: str) -> Viewer:
    """Somebody of ``tests/filled.py``."""
    name, roles, bound = PEOPLE[login]
    grants = tuple(Grant(role, bound.get("shop_id"), bound.get("team_id")) for role in roles)
    return Viewer(user_id(login), name, agent_id={"agent": 1, "newhire": 4}.get(login), grants=grants)


def fill_mentored(store: Store, now: datetime) -> date:
    """A quarrel and two good chats that began now, and a mentor for a fortnight; the local day of the chats.

    ``fill_people`` must have been called before.
    """
    take_in(store, quarrel(), *(good(number) for number in range(2)))
    day = now.astimezone(ZONE).date()
    with store.writing() as session:
        ids = list(session.scalars(select(ConversationRow.id).order_by(ConversationRow.id)))
        for place, id in enumerate(ids):
            at = now - timedelta(seconds=place)
            begun = max(at, datetime.combine(day, datetime.min.time(), ZONE))
            session.execute(update(ConversationRow).where(ConversationRow.id == id).values(started_at=begun))
        refresh(session, ids)
        began = day - timedelta(days=14)
        session.add(
            Mentorship(
                agent_id=AGENT, mentor_id=user_id(MENTOR), from_day=began, user_id=user_id("lead"), created_at=now
            )
        )
    return day


def chat_id(session: Session, source_id: str) -> int:
    """The id of a chat by its name."""
    return session.scalars(select(ConversationRow.id).where(ConversationRow.source_id == source_id)).one()
