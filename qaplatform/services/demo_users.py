"""The demo's users: one a role, a second mentor and new hire; everybody may know their passwords, in the demo and nowhere else.

An ordinary workplace refuses to make them, and should some have come into it, refuses to let them sign in
(``services/signing_in.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Grant, Role, Viewer
from qaplatform.services.noting import note
from qaplatform.services.passwords import STANDARD, Passwords
from qaplatform.store import users
from qaplatform.store.tables import User
from qaplatform.store.workplace import workplace


class NotADemoError(QAPlatformError):
    """Demo users are made in the demo workplace only; here, make users of your own."""

    code: ClassVar[str] = "demo.elsewhere"


class DemoUser(msgspec.Struct, frozen=True):
    """A demo user; ``bound_to`` says which of the demo's shop, team or agents they belong to."""

    login: str
    password: str
    name: str
    role: Role
    bound_to: Literal["shop", "team", "agent", "new_hire", "second_team", "second_new_hire"] | None = None


DEMO_USERS: Sequence[DemoUser] = (
    DemoUser("demo-lead", "demo-lead", "演示·质检主管", "qa_lead"),
    DemoUser("demo-inspector", "demo-inspector", "演示·质检", "inspector"),
    DemoUser("demo-team", "demo-team", "演示·组长", "team_lead", "team"),
    DemoUser("demo-shop", "demo-shop", "演示·店长", "store_manager", "shop"),
    DemoUser("demo-mentor", "demo-mentor", "演示·带教", "mentor", "team"),
    DemoUser("demo-mentor-2", "demo-mentor-2", "演示·带教（母婴）", "mentor", "second_team"),
    DemoUser("demo-agent", "demo-agent", "演示·客服", "agent", "agent"),
    DemoUser("demo-new", "demo-new", "何嘉伟（演示·新人）", "new_hire", "new_hire"),
    DemoUser("demo-new-2", "demo-new-2", "冯一诺（演示·新人）", "new_hire", "second_new_hire"),
    DemoUser("demo-admin", "demo-admin", "演示·管理员", "admin"),
)
"""The one list of their logins and passwords, for the sign-in page of the demo and for tests."""


class DemoPlaces(msgspec.Struct, frozen=True):
    """What of the demo's shops, teams and agents its users belong to."""

    shop_id: int
    team_id: int
    agent_id: int
    new_hire_agent_id: int
    second_team_id: int
    second_new_hire_agent_id: int

    def agent_of(self, one: DemoUser) -> int | None:
        """The agent that a user is."""
        agents = {
            "agent": self.agent_id,
            "new_hire": self.new_hire_agent_id,
            "second_new_hire": self.second_new_hire_agent_id,
        }
        return agents.get(one.bound_to or "")

    def grant_of(self, one: DemoUser) -> Grant:
        """What a user may do, and where."""
        teams = {"team": self.team_id, "second_team": self.second_team_id}
        shop_id = self.shop_id if one.bound_to == "shop" else None
        return Grant(one.role, shop_id=shop_id, team_id=teams.get(one.bound_to or ""))


def create_demo_users(
    session: Session, places: DemoPlaces, *, now: datetime, passwords: Passwords = STANDARD
) -> Sequence[DemoUser]:
    """Make the demo's users that are not there yet; those that were made.

    Raises:
        NotADemoError: this is no demo workplace.
        AgentTakenError, UnknownPlaceError: the places are not right.
    """
    if workplace(session) != "demo":
        raise NotADemoError
    made = [one for one in DEMO_USERS if users.user_of(session, one.login) is None]
    for one in made:
        user_id = users.add_user(
            session,
            User(
                login=one.login,
                name=one.name,
                password_hash=passwords.hashed(one.password),
                agent_id=places.agent_of(one),
                is_demo=True,
                created_at=now,
            ),
        )
        users.set_grants(session, user_id, [places.grant_of(one)])
        note(session, None, now, "user.created", ("user", user_id), demo=True, roles=[one.role])
    return made


def demo_viewer(session: Session, login: str) -> Viewer | None:
    """A demo user as whoever asks; ``None`` where they are not there."""
    user = users.user_of(session, login)
    if user is None or not user.is_demo:
        return None
    grants = users.grants_of(session, [user.id]).get(user.id, ())
    return Viewer(user.id, user.name, agent_id=user.agent_id, grants=grants)
